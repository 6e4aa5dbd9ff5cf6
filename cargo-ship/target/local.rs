//! This machine: `releases/<id>/` that never change, and links `stable` and `canary` to them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use factory::storage::fs;
use factory::types::id::sha256_hex;
use factory::types::release::Artifact;

use super::{Observed, Slot, Target};

/// The `local` target of one environment.
#[derive(Clone, Debug)]
pub struct Local {
    folder: PathBuf,
}

impl Local {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub fn link(&self, slot: Slot) -> PathBuf {
        self.folder.join(slot.word())
    }

    fn releases(&self) -> PathBuf {
        self.folder.join("releases")
    }

    fn pointed(&self, slot: Slot) -> Option<String> {
        let target = std::fs::read_link(self.link(slot)).ok()?;
        Some(target.file_name()?.to_string_lossy().into_owned())
    }

    /// Names in the releases folder; what a kill left half-written begins with a dot.
    fn names(&self) -> Result<Vec<String>> {
        let folder = self.releases();
        let listing = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            listing => listing.with_context(|| folder.display().to_string())?,
        };
        let mut names = Vec::new();
        for entry in listing {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
}

impl Target for Local {
    fn stage(&self, release: &str, files: &[(Artifact, PathBuf)]) -> Result<()> {
        let whole = self.folder(release);
        let partial = self.releases().join(format!(".{release}.partial"));
        fs::remove_dir_all(&partial)?;
        fs::remove_dir_all(&whole)?;
        fs::create_dir_all(&partial.join("bin"))?;
        for (artifact, from) in files {
            fs::copy_synced(from, &partial.join("bin").join(&artifact.name))?;
        }
        fs::sync_dir(&partial.join("bin"))?;
        std::fs::rename(&partial, &whole).with_context(|| format!("cannot stage {}", whole.display()))?;
        fs::sync_dir(&self.releases())
    }

    fn has(&self, release: &str, artifacts: &[Artifact]) -> Result<bool> {
        let bin = self.folder(release).join("bin");
        for artifact in artifacts {
            match fs::read_if_there(&bin.join(&artifact.name))? {
                Some(bytes) if sha256_hex(&bytes) == artifact.sha256 => {}
                _ => return Ok(false),
            }
        }
        Ok(bin.is_dir())
    }

    fn observe(&self) -> Result<Observed> {
        let mut staged = self.names()?;
        staged.retain(|name| !name.starts_with('.'));
        Ok(Observed { stable: self.pointed(Slot::Stable), canary: self.pointed(Slot::Canary), staged })
    }

    fn route(&self, slot: Slot, release: Option<&str>) -> Result<()> {
        let link = self.link(slot);
        match release {
            Some(release) => fs::replace_link(&link, &Path::new("releases").join(release)),
            None if std::fs::symlink_metadata(&link).is_ok() => fs::remove_file(&link),
            None => Ok(()),
        }
    }

    fn folder(&self, release: &str) -> PathBuf {
        self.releases().join(release)
    }

    fn prune(&self, keep: usize, previous: &str) -> Result<Vec<String>> {
        let observed = self.observe()?;
        let spared = [observed.stable.as_deref(), observed.canary.as_deref(), Some(previous)];
        let mut names = self.names()?;
        // Ids begin with the day; within a day the folder's own time tells.
        names.sort_by_key(|name| {
            std::fs::metadata(self.releases().join(name)).and_then(|m| m.modified()).ok()
        });
        let surplus = names.len().saturating_sub(keep.max(1));
        names.truncate(surplus);
        names.retain(|name| !spared.contains(&Some(name)));
        for name in &names {
            fs::remove_dir_all(&self.releases().join(name))?;
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staged(target: &Local, release: &str, folder: &Path) -> Artifact {
        let file = folder.join("app");
        std::fs::write(&file, release).unwrap();
        let artifact = Artifact {
            name: "app".into(),
            sha256: sha256_hex(release.as_bytes()),
            size_bytes: release.len() as u64,
        };
        target.stage(release, &[(artifact.clone(), file)]).unwrap();
        artifact
    }

    #[test]
    fn a_release_lies_there_whole_and_a_slot_points_at_it() {
        let dir = tempfile::tempdir().unwrap();
        let target = Local::new(dir.path());
        let artifact = staged(&target, "r1", dir.path());
        assert!(target.has("r1", std::slice::from_ref(&artifact)).unwrap());
        target.route(Slot::Stable, Some("r1")).unwrap();
        assert_eq!(target.observe().unwrap().stable.as_deref(), Some("r1"));
        assert_eq!(std::fs::read(target.link(Slot::Stable).join("bin/app")).unwrap(), b"r1");
        std::fs::write(target.folder("r1").join("bin/app"), "tampered").unwrap();
        assert!(!target.has("r1", &[artifact]).unwrap());
    }

    #[test]
    fn pruning_keeps_the_newest_and_what_serves() {
        let dir = tempfile::tempdir().unwrap();
        let target = Local::new(dir.path());
        for release in ["r1", "r2", "r3"] {
            staged(&target, release, dir.path());
        }
        target.route(Slot::Stable, Some("r1")).unwrap();
        target.prune(1, "").unwrap();
        let left = target.observe().unwrap().staged;
        assert!(left.contains(&"r1".to_owned()) && left.len() <= 2, "{left:?}");
    }

    #[test]
    fn pruning_spares_the_release_a_rollback_would_need() {
        let dir = tempfile::tempdir().unwrap();
        let target = Local::new(dir.path());
        for release in ["good", "bad1", "bad2", "bad3", "serves"] {
            staged(&target, release, dir.path());
        }
        target.route(Slot::Stable, Some("serves")).unwrap();
        target.prune(2, "good").unwrap();
        assert!(target.observe().unwrap().staged.contains(&"good".to_owned()));
    }
}
