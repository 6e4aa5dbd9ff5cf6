//! What of the repository itself an agent has no business to change: settings, hooks, attributes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use factory::storage::fs;
use factory::storage::repo::Repo;
use factory::types::id::sha256_hex;

/// Digests of the files in the git folder that decide what git runs.
#[derive(Debug, PartialEq)]
pub struct Fence(BTreeMap<String, String>);

const FILES: &[&str] = &["config", "config.worktree"];
const FOLDERS: &[&str] = &["hooks", "info"];

impl Fence {
    pub fn of(repo: &Repo) -> Result<Self> {
        let mut found = BTreeMap::new();
        for name in FILES {
            note(&mut found, repo.common_dir(), name)?;
        }
        for folder in FOLDERS {
            let Ok(entries) = std::fs::read_dir(repo.common_dir().join(folder)) else { continue };
            for entry in entries {
                let name = format!("{folder}/{}", entry?.file_name().to_string_lossy());
                note(&mut found, repo.common_dir(), &name)?;
            }
        }
        Ok(Self(found))
    }

    /// Names of files that came, went or changed since.
    pub fn crossed(&self, repo: &Repo) -> Result<Vec<String>> {
        let now = Self::of(repo)?;
        let differs = |name: &&String| self.0.get(*name) != now.0.get(*name);
        let mut names: Vec<String> = self.0.keys().chain(now.0.keys()).filter(differs).cloned().collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

fn note(found: &mut BTreeMap<String, String>, git: &Path, name: &str) -> Result<()> {
    let path = git.join(name);
    if path.is_file()
        && let Some(bytes) = fs::read_if_there(&path)?
    {
        found.insert(name.to_owned(), sha256_hex(&bytes));
    }
    Ok(())
}
