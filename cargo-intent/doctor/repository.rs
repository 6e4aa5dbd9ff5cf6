//! The repository: how it keeps references, what it fetches, who signs, and locks left behind.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use factory::storage::repo::Repo;

use super::Finding;
use crate::setup::missing_settings;

/// A lock of git's is held for milliseconds; one this old was left behind.
const STALE: Duration = Duration::from_secs(60);

pub fn look(repo: &Repo) -> Result<Vec<Finding>> {
    let kept =
        if repo.is_reftable() { "references in a reftable, through git" } else { "references in files" };
    let mut findings = vec![Finding::good("repository", format!("{}, {kept}", repo.name()))];
    if repo.head()?.is_none() {
        findings.push(Finding::missing("commit", "none yet; records hang on commits", "git commit"));
    }
    findings.push(match (repo.remote_names().is_empty(), missing_settings(repo)) {
        (true, _) => Finding::good("remote", "none: records stay here"),
        (false, 0) => Finding::good("remote", "git fetch brings the records"),
        (false, _) => {
            Finding::missing("remote", "git fetch does not bring the records", "cargo intent setup")
        }
    });
    findings.push(match repo.setting("user.signingKey") {
        Some(key) => Finding::good("signing", format!("with {key}")),
        None => Finding::missing(
            "signing",
            "approvals are recorded unsigned",
            "git config gpg.format ssh && git config user.signingKey ~/.ssh/id_ed25519.pub",
        ),
    });
    findings.push(Finding::lacking("boundary", "none in this version: agents and checks run unconfined"));
    for lock in stale_locks(repo.common_dir())? {
        let mend = format!("rm '{}'", lock.display());
        findings.push(Finding::broken("lock", format!("left behind: {}", lock.display()), mend));
    }
    Ok(findings)
}

/// Lock files of git's that nobody can be holding any more, as far as their age tells.
fn stale_locks(common: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![common.join("refs"), common.join("reftable")];
    for name in ["packed-refs.lock", "config.lock", "index.lock", "HEAD.lock"] {
        found.push(common.join(name));
    }
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false if entry.path().extension().is_some_and(|end| end == "lock") => {
                    found.push(entry.path())
                }
                false => {}
            }
        }
    }
    let old = |path: &PathBuf| {
        let changed = std::fs::metadata(path).and_then(|data| data.modified());
        changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > STALE))
    };
    found.retain(old);
    found.sort();
    Ok(found)
}
