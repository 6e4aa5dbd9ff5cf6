//! The approvals of a repository, and how its intents stand by them.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use anyhow::Result;

use crate::storage::remembered::{self, Remembered};
use crate::storage::repo::{Oid, Repo};
use crate::storage::signing::{Judged, Verifier};
use crate::storage::{evidence, notes};
use crate::types::approval::{Approval, Kind, Signature};
use crate::types::event::{Line, by_slug};
use crate::types::standing::{Standing, Unverifiable, Verdict, standing};

/// Knows the approvals of a repository. Signatures are verified where an answer hangs on them, and
/// once.
pub struct Approvals<'r> {
    repo: &'r Repo,
    require_signed: bool,
    /// Approvals and revocations by slug, oldest first.
    by_slug: HashMap<String, Vec<Approval>>,
    head: Option<Oid>,
    /// Of the history of HEAD; `None` where the clone does not have it.
    root: OnceCell<Option<String>>,
    verifier: OnceCell<Verifier>,
    remembered: RefCell<Remembered>,
    /// Trees of the commits that approvals name; none of a commit that is not here.
    trees: RefCell<HashMap<String, Option<String>>>,
    /// What was found out when preparing: the digest asked about and how it stands, by slug.
    told: RefCell<HashMap<String, (String, Standing)>>,
}

/// A signature that has to be verified.
struct Open {
    key: String,
    payload: Vec<u8>,
    armour: String,
    t: String,
}

/// What can be said without starting a program.
enum Known {
    Verdict(Verdict),
    Open(Open),
}

impl<'r> Approvals<'r> {
    /// All approvals here; `head` tells which repository this is.
    pub fn read(repo: &'r Repo, head: Option<Oid>, require_signed: bool) -> Result<Self> {
        Self::among(&notes::read(repo, notes::INTENT)?, repo, head, require_signed)
    }

    /// The same, of notes that were read already.
    pub fn among(lines: &[Line], repo: &'r Repo, head: Option<Oid>, require_signed: bool) -> Result<Self> {
        let read = |(slug, events): (&str, Vec<_>)| -> (String, Vec<Approval>) {
            (slug.to_owned(), events.into_iter().filter_map(Approval::read).collect())
        };
        let by_slug = by_slug(lines).into_iter().map(read).filter(|(_, said)| !said.is_empty()).collect();
        Ok(Self {
            repo,
            require_signed,
            by_slug,
            head,
            root: OnceCell::new(),
            verifier: OnceCell::new(),
            remembered: RefCell::new(Remembered::read(repo)?),
            trees: RefCell::default(),
            told: RefCell::default(),
        })
    }

    /// Whether anything was ever said about this slug.
    pub fn knows(&self, slug: &str) -> bool {
        self.by_slug.contains_key(slug)
    }

    /// All that was said about this slug, oldest first.
    pub fn of(&self, slug: &str) -> &[Approval] {
        self.by_slug.get(slug).map_or(&[], Vec::as_slice)
    }

    /// The newest approval that counts, of whatever digest.
    pub fn newest(&self, slug: &str) -> Result<Option<Approval>> {
        for approval in self.of(slug).iter().rev().filter(|approval| approval.kind == Kind::Intent) {
            let verdict = self.verify(approval)?;
            if matches!(verdict, Verdict::Signed(_)) || (verdict == Verdict::Unsigned && !self.require_signed)
            {
                return Ok(Some(approval.clone()));
            }
        }
        Ok(None)
    }

    /// How the intent with this digest stands.
    pub fn standing(&self, slug: &str, digest: &str) -> Result<Standing> {
        if let Some((of, told)) = self.told.borrow().get(slug)
            && of == digest
        {
            return Ok(told.clone());
        }
        standing(self.of(slug), digest, self.require_signed, |approval| self.verify(approval))
    }

    /// What one approval is worth.
    pub fn verify(&self, approval: &Approval) -> Result<Verdict> {
        let open = match self.known(approval)? {
            Known::Verdict(verdict) => return Ok(verdict),
            Known::Open(open) => open,
        };
        let likely = self.remembered.borrow().likely.clone();
        let judged = self.verifier()?.verify(&open.payload, &open.armour, &open.t, likely.as_deref())?;
        self.remember(vec![(open.key, judged.clone())]);
        Ok(judged.verdict)
    }

    /// Verify at once, on all cores, what the standing of these (slug, digest) hangs on.
    pub fn prepare(&self, wanted: &[(String, String)]) -> Result<()> {
        let mut open: Vec<Open> = Vec::new();
        let mut seen = HashSet::new();
        let mut failed = None;
        for (slug, digest) in wanted.iter().filter(|(slug, _)| self.knows(slug)) {
            let mut settled = true;
            let gather = |approval: &Approval| -> Result<Verdict, Infallible> {
                Ok(match self.known(approval) {
                    Ok(Known::Verdict(verdict)) => verdict,
                    Ok(Known::Open(found)) => {
                        settled = false;
                        if seen.insert(found.key.clone()) {
                            open.push(found);
                        }
                        // Taken for good: most are, and older ones need not be asked then.
                        Verdict::Signed(String::new())
                    }
                    Err(error) => {
                        failed = Some(error);
                        Verdict::Unsigned
                    }
                })
            };
            let Ok(found) = standing(self.of(slug), digest, self.require_signed, gather);
            if settled {
                self.told.borrow_mut().insert(slug.clone(), (digest.clone(), found));
            }
        }
        if let Some(error) = failed {
            self.told.borrow_mut().clear();
            return Err(error);
        }
        if open.len() < 2 {
            return Ok(());
        }
        let fresh = verified(self.verifier()?, open, self.remembered.borrow().likely.clone())?;
        self.remember(fresh);
        Ok(())
    }

    fn known(&self, approval: &Approval) -> Result<Known> {
        if let Some(verdict) = self.elsewhere(approval)? {
            return Ok(Known::Verdict(verdict));
        }
        let armour = match &approval.signature {
            Signature::Unsigned => return Ok(Known::Verdict(Verdict::Unsigned)),
            Signature::Missing => {
                return Ok(Known::Verdict(Verdict::Tampered("it has no signature".to_owned())));
            }
            Signature::Armoured(armour) => armour.clone(),
            Signature::Kept(digest) => match evidence::get(self.repo, digest)? {
                Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                None => {
                    let why = format!("its signature is evidence {digest}, which is not here");
                    return Ok(Known::Verdict(unverifiable(why, "git feedback sync")));
                }
            },
        };
        let payload = approval.payload();
        let key = Remembered::key(&payload, &armour, self.verifier()?.trust(&armour));
        if let Some(verdict) = self.remembered.borrow().get(&key) {
            return Ok(Known::Verdict(verdict.clone()));
        }
        Ok(Known::Open(Open { key, payload, armour, t: approval.t.clone() }))
    }

    /// Whether it was given for something else than what is here.
    fn elsewhere(&self, approval: &Approval) -> Result<Option<Verdict>> {
        if approval.is_newer() {
            let why = format!("a newer version of this tool wrote it (v {})", approval.v);
            return Ok(Some(unverifiable(why, "install the newer version")));
        }
        if !approval.op_fits {
            let why = format!("its operation is not that of what was signed, {:?}", approval.kind.word());
            return Ok(Some(Verdict::Tampered(why)));
        }
        let Some(root) = self.root()? else {
            let why = "this clone does not have the repository's first commit, which it names";
            return Ok(Some(unverifiable(why.to_owned(), "git fetch --unshallow")));
        };
        if approval.root != root {
            let why = "it was given in another repository: the first commit there is";
            return Ok(Some(Verdict::Tampered(format!("{why} {}", short(&approval.root)))));
        }
        // A commit that a rebase left behind may be gone; then the signature alone speaks.
        if self.tree_of(&approval.commit).is_some_and(|tree| tree != approval.tree) {
            let why = format!("it names a tree that commit {} does not have", short(&approval.commit));
            return Ok(Some(Verdict::Tampered(why)));
        }
        Ok(None)
    }

    fn tree_of(&self, commit: &str) -> Option<String> {
        let find = || {
            let commit = commit.parse::<Oid>().ok().filter(|commit| self.repo.has(*commit))?;
            self.repo.tree_of(commit).ok().map(|tree| tree.to_string())
        };
        self.trees.borrow_mut().entry(commit.to_owned()).or_insert_with(find).clone()
    }

    /// May walk through the whole history, so only where an approval is to be judged.
    fn root(&self) -> Result<Option<&str>> {
        if let Some(root) = self.root.get() {
            return Ok(root.as_deref());
        }
        let found = self.head.map(|head| remembered::root_commit(self.repo, head)).transpose()?.flatten();
        Ok(self.root.get_or_init(|| found.map(|root| root.to_string())).as_deref())
    }

    fn verifier(&self) -> Result<&Verifier> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier);
        }
        let verifier = Verifier::of(self.repo)?;
        Ok(self.verifier.get_or_init(|| verifier))
    }

    fn remember(&self, fresh: Vec<(String, Judged)>) {
        // In a repository that cannot be written, the next command verifies anew.
        let _ = self.remembered.borrow_mut().add(fresh);
    }
}

fn unverifiable(why: String, mend: &str) -> Verdict {
    Verdict::CannotVerify(Unverifiable { why, mend: mend.to_owned() })
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

fn verified(verifier: &Verifier, open: Vec<Open>, likely: Option<String>) -> Result<Vec<(String, Judged)>> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let share = open.len().div_ceil(cores);
    let work = |part: &[Open]| -> Result<Vec<(String, Judged)>> {
        let mut likely = likely.clone();
        let mut fresh = Vec::new();
        for open in part {
            let judged = verifier.verify(&open.payload, &open.armour, &open.t, likely.as_deref())?;
            if let Verdict::Signed(who) = &judged.verdict {
                likely = Some(who.clone());
            }
            fresh.push((open.key.clone(), judged));
        }
        Ok(fresh)
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = open.chunks(share.max(1)).map(|part| scope.spawn(move || work(part))).collect();
        let mut all = Vec::new();
        for part in parts {
            all.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(all)
    })
}
