//! The intent as HEAD has it, which is what is approved.

use anyhow::{Result, bail};
use factory::operations::digest::{AtCommit, Digester, Entries, InFolder, digest_of};
use factory::operations::meaning::Side;
use factory::storage::intents;
use factory::storage::repo::{Oid, Repo};
use factory::types::approval::Approval;
use factory::types::hint::Hinted;
use factory::types::intent::parse;
use factory::types::problem::Problems;

pub struct Committed {
    pub side: Side,
    pub digest: String,
}

impl Committed {
    /// # Errors
    /// No such intent; one that is not committed, or demands something else in the work tree; a merge
    /// that is not finished.
    pub fn find(repo: &Repo, head: Oid, slug: &str) -> Result<Self> {
        let root = repo.root()?;
        let file = intents::file_of(slug);
        let is_lawful = factory::types::intent::slug::check_slug(slug).is_ok();
        // Why it cannot be read is said where it is.
        let disk = is_lawful.then(|| intents::bytes(root, slug)?.ok()).flatten();
        if disk.as_deref().is_some_and(has_conflict) {
            bail!(
                Hinted::usage(format!("{file} holds an unfinished merge"))
                    .hint(format!("decide what stands, then: git add {file} && git commit"))
            );
        }
        let there = intents::one(root, slug)?.intent;
        let Some(bytes) = repo.file_at(head, &file)? else {
            bail!(
                Hinted::usage(format!("{file} is not committed, and approvals name a commit"))
                    .hint(format!("git add intents && git commit -m \"Want {slug}\""))
            );
        };
        let intent = parse::parse(slug, &file, &bytes).map_err(Problems)?.intent;
        let entries = Digester::new(&AtCommit::new(repo, head)).entries(&intent)?;
        let folder = InFolder::new(repo);
        let now = Digester::new(&folder).entries(&there)?;
        if let Some(key) = first_difference(&entries, &now) {
            bail!(
                Hinted::usage(format!(
                    "what {slug} demands is not committed as it stands in the work tree: {key} differs"
                ))
                .hint(format!("git add -A && git commit -m \"Want {slug}\"; or git stash -u"))
            );
        }
        let digest = digest_of(&entries)?;
        Ok(Self { side: Side { intent, entries, file: None }, digest })
    }
}

/// The intent as it stood when it was approved; `None` where that commit is gone, or holds no such
/// intent any more that can be read.
pub fn approved(repo: &Repo, approval: &Approval) -> Result<Option<Side>> {
    let commit = approval.commit.parse::<Oid>().ok().filter(|commit| repo.has(*commit));
    let Some(commit) = commit else { return Ok(None) };
    let file = intents::file_of(&approval.slug);
    let Some(bytes) = repo.file_at(commit, &file)? else { return Ok(None) };
    let Ok(parsed) = parse::parse(&approval.slug, &file, &bytes) else { return Ok(None) };
    let entries = Digester::new(&AtCommit::new(repo, commit)).entries(&parsed.intent)?;
    Ok(Some(Side { intent: parsed.intent, entries, file: None }))
}

/// The markers git leaves, each alone at the beginning of a line.
fn has_conflict(bytes: &[u8]) -> bool {
    let begins = |mark: &[u8]| bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(mark));
    begins(b"<<<<<<< ") && begins(b">>>>>>> ")
}

fn first_difference(committed: &Entries, now: &Entries) -> Option<String> {
    let differs = |key: &&String| committed.get(*key) != now.get(*key);
    committed.keys().chain(now.keys()).find(differs).cloned()
}
