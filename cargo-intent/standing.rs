//! How intents of the work tree stand: approved and by whom, stale, revoked, or why it cannot be said.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use factory::operations::approving::{self, Approvals};
use factory::operations::digest::{Digester, Entries, InFolder};
use factory::storage::notes;
use factory::storage::repo::Repo;
use factory::terminal::output::{BAD, DIM, GOOD, Output, WAIT};
use factory::terminal::safe;
use factory::types::event::Line;
use factory::types::intent::Intent;
use factory::types::standing::Standing;
use serde_json::{Map, Value, json};

/// Knows the approvals of a repository; digests are computed only for what was ever approved.
pub struct Standings<'r> {
    digester: Digester<'r>,
    approvals: Approvals<'r>,
    digests: RefCell<HashMap<String, String>>,
}

impl<'r> Standings<'r> {
    pub fn read(repo: &'r Repo, files: &'r InFolder<'r>) -> Result<Self> {
        Self::among(&notes::read(repo, notes::INTENT)?, repo, files)
    }

    /// The same, of notes that were read already.
    pub fn among(lines: &[Line], repo: &'r Repo, files: &'r InFolder<'r>) -> Result<Self> {
        let head = repo.head()?;
        let policy = approving::policy(repo, head)?;
        let approvals = Approvals::among(lines, repo, head, policy.require_signed)?;
        Ok(Self { digester: Digester::new(files), approvals, digests: RefCell::default() })
    }

    /// Do at once what is needed to tell of these intents, so that git is not asked for each, and
    /// signatures nobody looked at yet are verified side by side.
    pub fn prepare<'i>(&self, intents: impl Iterator<Item = &'i Intent>) -> Result<()> {
        let known: Vec<&Intent> = intents.filter(|intent| self.approvals.knows(&intent.slug)).collect();
        self.digester.prepare(known.iter().copied())?;
        let digests = known.iter().map(|intent| Ok((intent.slug.clone(), self.digest(intent)?)));
        self.approvals.prepare(&digests.collect::<Result<Vec<_>>>()?)
    }

    pub fn of(&self, intent: &Intent) -> Result<Standing> {
        if !self.approvals.knows(&intent.slug) {
            return Ok(Standing::Never);
        }
        self.approvals.standing(&intent.slug, &self.digest(intent)?)
    }

    /// What the digest is over.
    pub fn entries(&self, intent: &Intent) -> Result<Entries> {
        self.digester.entries(intent)
    }

    fn digest(&self, intent: &Intent) -> Result<String> {
        if let Some(digest) = self.digests.borrow().get(&intent.slug) {
            return Ok(digest.clone());
        }
        let digest = self.digester.digest(intent)?;
        self.digests.borrow_mut().insert(intent.slug.clone(), digest.clone());
        Ok(digest)
    }
}

/// How a key becomes one that is allowed.
pub const TO_LET_IN: &str = "echo \"$(git config user.email) namespaces=\\\"git,factory\\\" $(cat ~/.ssh/id_ed25519.pub)\" \
     >> $(git config --type=path gpg.ssh.allowedSignersFile), with the key you sign with";

/// What a list says.
pub fn label(standing: &Standing) -> &'static str {
    match standing {
        Standing::Approved { by: None, .. } => "approved, unsigned",
        Standing::UnknownSigner(_) => "unknown signer",
        other => other.word(),
    }
}

pub fn painted(output: &Output, standing: &Standing) -> String {
    output.paint(style(standing), label(standing))
}

fn style(standing: &Standing) -> anstyle::Style {
    match standing {
        Standing::Approved { .. } => GOOD,
        Standing::Stale | Standing::Unsigned | Standing::CannotVerify(_) => WAIT,
        Standing::Never => DIM,
        Standing::Revoked { .. } | Standing::UnknownSigner(_) | Standing::Tampered(_) => BAD,
    }
}

/// In a sentence: `approved, signed by Ada`, `tampered: its signature does not fit what it says`.
pub fn sentence(standing: &Standing) -> String {
    match (standing, standing.reason()) {
        (Standing::Approved { by, overtaken }, _) => {
            let by =
                by.as_ref().map_or(label(standing).to_owned(), |who| format!("approved, signed by {who}"));
            let since =
                overtaken.as_ref().map_or(String::new(), |overtaken| format!("; {}", overtaken.words()));
            safe::line(&format!("{by}{since}")).into_owned()
        }
        (Standing::Stale, _) | (_, None) => label(standing).to_owned(),
        (_, Some(why)) => format!("{}: {}", label(standing), safe::line(&why)),
    }
}

/// The command that mends it, where there is one.
pub fn mend(standing: &Standing, slug: &str) -> Option<String> {
    match standing {
        Standing::Approved { overtaken: None, .. } => None,
        Standing::CannotVerify(unverifiable) => Some(unverifiable.mend.clone()),
        Standing::UnknownSigner(_) => Some(format!(
            "let the key in (git config gpg.ssh.allowedSignersFile names the file), or: cargo intent approve {slug}"
        )),
        _ => Some(format!("cargo intent approve {slug}")),
    }
}

/// Say once for all what keeps signatures from being verified.
pub fn tell_unverified<'s>(standings: impl Iterator<Item = &'s Standing>, output: &Output) {
    let told: BTreeSet<(&str, &str)> = standings
        .filter_map(|standing| match standing {
            Standing::CannotVerify(unverifiable) => Some((&*unverifiable.why, &*unverifiable.mend)),
            _ => None,
        })
        .collect();
    for (why, mend) in told {
        output.warn(format!("not verified: {}", safe::line(why)));
        output.note(format!("  to mend it: {}", safe::line(mend)));
    }
}

/// `approval`, `signed_by`, `overtaken`, `reason`.
pub fn put(document: &mut Map<String, Value>, standing: &Standing) {
    let (by, overtaken) = match standing {
        Standing::Approved { by, overtaken } => (by.clone(), overtaken.as_ref()),
        _ => (None, None),
    };
    let overtaken = overtaken.map(|since| json!({"approved": since.approved, "other": since.other}));
    document.insert("approval".into(), standing.word().into());
    document.insert("signed_by".into(), by.into());
    document.insert("overtaken".into(), overtaken.into());
    document.insert("reason".into(), standing.reason().into());
}
