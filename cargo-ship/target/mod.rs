//! Where releases run: one trait, one file for each kind of target.

pub mod local;

use std::path::{Path, PathBuf};

use anyhow::Result;
use factory::types::release::Artifact;

/// Which release serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Stable,
    Canary,
}

impl Slot {
    pub fn word(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Canary => "canary",
        }
    }
}

/// What the target says of itself. Its pointer is the truth; the notes are its record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    pub stable: Option<String>,
    pub canary: Option<String>,
    /// Every release that lies there whole.
    pub staged: Vec<String>,
}

/// The verbs of a target. Each is idempotent.
pub trait Target {
    /// Put a release's files there: afterwards it lies there whole, or not at all.
    fn stage(&self, release: &str, files: &[(Artifact, PathBuf)]) -> Result<()>;

    /// Whether the release lies there with exactly these files.
    fn has(&self, release: &str, artifacts: &[Artifact]) -> Result<bool>;

    fn observe(&self) -> Result<Observed>;

    /// Make a slot point at a release, or at none.
    fn route(&self, slot: Slot, release: Option<&str>) -> Result<()>;

    /// The folder of a release's files.
    fn folder(&self, release: &str) -> PathBuf;

    /// Remove all but the newest `keep` releases, those a slot points at, and `previous`, which a
    /// rollback would need.
    fn prune(&self, keep: usize, previous: &str) -> Result<Vec<String>>;
}

/// The program of a release on a target.
pub fn program(target: &impl Target, release: &str, name: &str) -> PathBuf {
    let path: &Path = &target.folder(release);
    path.join("bin").join(name)
}
