//! What setup did, so that it can be undone: `setup.json` in the state folder.

use std::path::PathBuf;

use anyhow::{Context, Result};
use factory::storage::{fs, places};
use factory::types::id::sha256_hex;
use serde::{Deserialize, Serialize};

/// Everything that was done and not undone.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    schema: u32,
    #[serde(default)]
    pub files: Vec<Written>,
    #[serde(default)]
    pub settings: Vec<Set>,
}

/// A file, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub path: PathBuf,
    pub sha256: String,
    /// What of ours it replaces, until it is written: a setup that ended half-way knows both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl Written {
    /// Whether a file with these bytes is the one that was written.
    pub fn is(&self, bytes: &[u8]) -> bool {
        let there = sha256_hex(bytes);
        there == self.sha256 || Some(there) == self.before
    }
}

/// One value that was added to a repository's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// The common git folder.
    pub repository: PathBuf,
    pub key: String,
    pub value: String,
}

fn path() -> Result<PathBuf> {
    Ok(places::state_folder()?.join("setup.json"))
}

impl Manifest {
    pub fn read() -> Result<Self> {
        let path = path()?;
        match fs::read_if_there(&path)? {
            Some(bytes) => serde_json::from_slice(&bytes).with_context(|| path.display().to_string()),
            None => Ok(Self { schema: 1, ..Self::default() }),
        }
    }

    /// Written before each thing that is done, so that a setup that is ended half-way can be undone.
    pub fn write(&self) -> Result<()> {
        let path = path()?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write_atomic(&path, &serde_json::to_vec_pretty(self)?)
    }

    /// Keep what is left to undo; where nothing is, the file goes.
    pub fn write_left(&self) -> Result<()> {
        if self.files.is_empty() && self.settings.is_empty() {
            return fs::remove_if_there(&path()?);
        }
        self.write()
    }
}
