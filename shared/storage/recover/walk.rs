//! Every version of every note in the history of some commits.

use std::collections::HashSet;

use anyhow::Result;

use crate::storage::notes::{Version, Versions};
use crate::storage::repo::{Oid, Repo};

/// What was already looked at.
pub struct Walk<'r> {
    repo: &'r Repo,
    versions: Versions<'r>,
    pub commits: HashSet<Oid>,
    gone: usize,
}

impl<'r> Walk<'r> {
    /// `told` are commits to leave out, as their history is.
    pub fn new(repo: &'r Repo, told: HashSet<Oid>) -> Self {
        Self { repo, versions: Versions::of_notes(repo), commits: told, gone: 0 }
    }

    /// Tell of each version of a note in these commits, the last of them first, and in their history.
    pub fn tell(&mut self, mut from: Vec<Oid>, each: &mut dyn FnMut(&Version<'_>)) -> Result<()> {
        while let Some(id) = from.pop() {
            if !self.commits.insert(id) {
                continue;
            }
            let Ok(commit) = self.repo.commit(id) else {
                self.gone += 1;
                continue;
            };
            from.extend(commit.parents);
            self.versions.tell(commit.tree, each)?;
        }
        Ok(())
    }

    /// Objects that are named and not here, or cannot be read.
    pub fn gone(&self) -> usize {
        self.gone + self.versions.gone
    }
}
