//! Every note that any commit of a history of notes ever held, each blob read once.

use std::collections::HashSet;

use crate::storage::notes;
use crate::storage::repo::{Oid, Repo};

/// What was already looked at.
pub struct Walk<'r> {
    repo: &'r Repo,
    commits: HashSet<Oid>,
    /// Folders of notes trees, by where they lie: most commits share all but two.
    folders: HashSet<(String, Oid)>,
    blobs: HashSet<(Oid, Oid)>,
    /// Objects that are named and not here, or cannot be read.
    pub gone: usize,
}

impl<'r> Walk<'r> {
    pub fn new(repo: &'r Repo) -> Self {
        Self {
            repo,
            commits: HashSet::new(),
            folders: HashSet::new(),
            blobs: HashSet::new(),
            gone: 0,
        }
    }

    /// Annotated object and bytes of each note in these commits and their history that was not told
    /// before.
    pub fn notes(&mut self, from: impl IntoIterator<Item = Oid>) -> Vec<(Oid, Vec<u8>)> {
        let mut waiting: Vec<Oid> = from.into_iter().collect();
        let mut told = Vec::new();
        while let Some(id) = waiting.pop() {
            if !self.commits.insert(id) {
                continue;
            }
            let Ok(commit) = self.repo.commit(id) else {
                self.gone += 1;
                continue;
            };
            waiting.extend(commit.parents);
            self.folder(String::new(), commit.tree, &mut told);
        }
        told
    }

    fn folder(&mut self, path: String, tree: Oid, told: &mut Vec<(Oid, Vec<u8>)>) {
        if !self.folders.insert((path.clone(), tree)) {
            return;
        }
        let Ok(entries) = self.repo.entries_of(tree) else {
            self.gone += 1;
            return;
        };
        for entry in entries {
            // A note's path is the name of its object, in pieces; nothing else is looked into.
            if !entry.name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            let name = format!("{path}{}", entry.name);
            if entry.is_folder {
                self.folder(name, entry.oid, told);
            } else if let Some(annotated) = notes::annotated(&name)
                && self.blobs.insert((annotated, entry.oid))
            {
                match self.repo.read_blob(entry.oid) {
                    Ok(bytes) => told.push((annotated, bytes)),
                    Err(_) => self.gone += 1,
                }
            }
        }
    }
}
