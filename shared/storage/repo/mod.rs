//! The user's git repository; the only module that names `gix`.
//!
//! Objects go through gix. References do too, except where the repository keeps them as a reftable,
//! which gix does not read: there they go through git itself. Work trees are git's to write.

mod blobs;
mod checkout;
mod clean;
mod git;
mod lost;
mod objects;
mod open;
mod refs;
mod settings;
mod stored;
mod tree;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;

use crate::types::hint::Hinted;

pub use blobs::Blobs;
pub use checkout::Captured;
pub use git::REPOSITORY_VARIABLES;
pub use objects::{Commit, NotesTree};
pub use stored::Stored;
pub use tree::{Entry, TreeFile};

/// The name of an object: SHA-1 or SHA-256, as the repository has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(gix::ObjectId);

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Oid {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        gix::ObjectId::from_hex(text.as_bytes())
            .map(Self)
            .map_err(|_| Hinted::usage(format!("{text:?} is not the name of an object")).into())
    }
}

impl Oid {
    /// The first ten digits, for people.
    pub fn short(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

/// An open repository.
pub struct Repo {
    inner: gix::Repository,
    root: Option<PathBuf>,
    common_dir: PathBuf,
    reftable: bool,
}

impl Repo {
    /// The root of the work tree.
    ///
    /// # Errors
    /// In a bare repository, with a hint.
    pub fn root(&self) -> Result<&Path> {
        self.root.as_deref().ok_or_else(|| {
            Hinted::usage(format!("{} is a bare repository without a work tree", self.common_dir.display()))
                .hint("run this in a clone: git clone <path>")
                .into()
        })
    }

    /// Where what all work trees share lives.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    pub fn git_dir(&self) -> &Path {
        self.inner.git_dir()
    }

    /// What people call it: the folder's name, without `.git`.
    pub fn name(&self) -> String {
        let shared = match self.common_dir.file_name() {
            Some(name) if name == ".git" => self.common_dir.parent().unwrap_or(&self.common_dir),
            _ => &self.common_dir,
        };
        let name = shared.file_name().map_or("root".into(), |name| name.to_string_lossy());
        name.trim_end_matches(".git").to_owned()
    }

    pub fn is_reftable(&self) -> bool {
        self.reftable
    }

    /// Names of the configured remotes, sorted.
    pub fn remote_names(&self) -> Vec<String> {
        self.inner.remote_names().into_iter().map(|name| name.to_string()).collect()
    }

    pub fn is_shallow(&self) -> Result<bool> {
        Ok(self.inner.is_shallow()?)
    }
}
