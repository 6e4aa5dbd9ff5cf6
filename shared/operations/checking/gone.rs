//! Whether a bound test that is not there was there once: then its anchor is false, and that is drift.

use anyhow::Result;

use super::Subject;
use crate::operations::contracts::MOST_BYTES;
use crate::operations::digest::{AtCommit, Digester, Sources};
use crate::storage::inside::Inside;
use crate::storage::repo::{Oid, Repo};

/// The commit that last had a test of this name, where history is known and has one. Only asked for
/// tests that are not found, so that an accurate intent costs no look into history.
pub fn last_seen(subject: &Subject, name: &str) -> Result<Option<Oid>> {
    let Some(place) = &subject.history else { return Ok(None) };
    // One that stands there and is not listed is left out by a feature or a `cfg`, not gone.
    if has(&Here(Inside::open(&subject.root)?), name)? {
        return Ok(None);
    }
    let repo = Repo::discover(place)?;
    let Some(head) = repo.head()? else { return Ok(None) };
    if has(&AtCommit::new(&repo, head), name)? {
        return Ok(Some(head));
    }
    let function = format!("fn {}(", name.rsplit("::").next().unwrap_or(name));
    // The newest commit that changed how often the function is written, and the one before it.
    let Some(changed) = repo.last_change_of(head, &function)? else { return Ok(None) };
    for commit in std::iter::once(changed).chain(repo.commit(changed)?.parents) {
        if has(&AtCommit::new(&repo, commit), name)? {
            return Ok(Some(commit));
        }
    }
    Ok(None)
}

fn has(files: &dyn Sources, name: &str) -> Result<bool> {
    let items = Digester::new(files).test_items(name)?;
    // A function of that name without the attribute is no test.
    Ok(items.iter().any(|item| item.tokens.split("fn ").next().is_some_and(|head| head.contains("test"))))
}

/// The folder as it stands, which need not be a repository.
struct Here(Inside);

impl Sources for Here {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.read(path, MOST_BYTES).ok())
    }

    fn files_under(&self, prefix: &str) -> Result<Vec<String>> {
        let files = self.0.files().map_err(anyhow::Error::msg)?;
        Ok(files.iter().filter(|path| path.starts_with(prefix)).cloned().collect())
    }
}
