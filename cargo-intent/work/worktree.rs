//! The worktree an agent works in: outside the repository, and remembered so that it can be resumed.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use factory::storage::fs;
use factory::storage::places::Places;
use factory::storage::repo::{Oid, Repo};
use factory::types::hint::Hinted;
use factory::types::intent::slug::check_slug;
use serde::{Deserialize, Serialize};

/// What must be known to go on after an interruption; written before an agent starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Started {
    pub attempt: String,
    pub agent: String,
    pub base: String,
    /// The worktree's `.git` file as git wrote it.
    pub dot_git: String,
}

/// The one worktree of an intent.
pub struct Worktree {
    /// Where the agent works.
    pub path: PathBuf,
    /// Beside it: what is ours and never part of a change.
    pub scratch: PathBuf,
    pub started: Started,
}

/// Held while somebody builds this intent.
pub struct Claim {
    path: PathBuf,
    scratch: PathBuf,
    _lock: File,
}

impl Claim {
    /// Claim the worktree of `slug`.
    ///
    /// # Errors
    /// Where somebody else is building it, or where the slug is no name and could lead elsewhere.
    pub fn take(repo: &Repo, slug: &str) -> Result<Self> {
        check_slug(slug).map_err(|why| Hinted::usage(why).hint("cargo intent list"))?;
        let state = Places::of(repo)?.state;
        for folder in ["worktrees", "attempts"] {
            fs::create_private_dir(&state.join(folder))?;
        }
        // An agent given a path with links in it may refuse its own worktree.
        let state = state.canonicalize().with_context(|| state.display().to_string())?;
        let scratch = state.join("attempts").join(slug);
        fs::create_dir_all(&scratch)?;
        let file = scratch.join("lock");
        let lock = File::create(&file).with_context(|| file.display().to_string())?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                Hinted::busy(format!("{slug} is being built already"))
                    .hint("wait for it, or end it with Ctrl-C where it runs")
            ),
            Err(TryLockError::Error(error)) => return Err(error).context(file.display().to_string()),
        }
        Ok(Self { path: state.join("worktrees").join(slug), scratch, _lock: lock })
    }

    /// The worktree that is there, where there is one.
    pub fn existing(&self) -> Result<Option<Worktree>> {
        let file = self.remembered();
        let Some(bytes) = fs::read_if_there(&file)? else { return Ok(None) };
        let started = serde_json::from_slice(&bytes).with_context(|| file.display().to_string())?;
        if !self.path.is_dir() {
            return Ok(None);
        }
        Ok(Some(self.worktree(started)))
    }

    /// Make a worktree of `base`, without hooks.
    pub fn begin(&self, repo: &Repo, base: Oid, attempt: &str, agent: &str) -> Result<Worktree> {
        let path = self.path.to_str().context("the state folder's path is not UTF-8")?;
        let base_name = base.to_string();
        repo.git(&[
            "-c",
            "core.hooksPath=/dev/null",
            "worktree",
            "add",
            "--quiet",
            "--force",
            "--detach",
            path,
            &base_name,
        ])?;
        let worktree = self.worktree(Started {
            attempt: attempt.to_owned(),
            agent: agent.to_owned(),
            base: base_name,
            dot_git: fs::read_to_string(&self.path.join(".git"))?,
        });
        self.remember(&worktree.started)?;
        Ok(worktree)
    }

    /// Keep a worktree that nothing here can go on with out of the way; where it is then.
    pub fn set_aside(&self, left: &Worktree) -> Result<PathBuf> {
        // A slug holds no dot, so this is no other intent's.
        let aside = self.path.with_extension(&left.started.attempt);
        std::fs::rename(&self.path, &aside)
            .with_context(|| format!("{} to {}", self.path.display(), aside.display()))?;
        Ok(aside)
    }

    /// Write down who works here now.
    pub fn remember(&self, started: &Started) -> Result<()> {
        fs::write_atomic(&self.remembered(), &serde_json::to_vec_pretty(started)?)
    }

    /// Remove the worktree and what lies beside it. Call this only after its work was recorded.
    pub fn remove(&self, repo: &Repo) -> Result<()> {
        let started = self.existing()?.map(|worktree| worktree.started);
        fs::remove_dir_all(&self.path)?;
        // Git's own record of it, found through what git wrote and not through what lies there now.
        let pointer = started.as_ref().and_then(|started| started.dot_git.trim().strip_prefix("gitdir: "));
        let kept = repo.common_dir().join("worktrees");
        if let Some(folder) = pointer.map(Path::new).filter(|folder| folder.parent() == Some(&kept)) {
            fs::remove_dir_all(folder)?;
        }
        for entry in std::fs::read_dir(&self.scratch).with_context(|| self.scratch.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                fs::remove_dir_all(&path)?;
            } else if path.file_name().is_some_and(|name| name != "lock") {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    fn worktree(&self, started: Started) -> Worktree {
        Worktree { path: self.path.clone(), scratch: self.scratch.clone(), started }
    }

    fn remembered(&self) -> PathBuf {
        self.scratch.join("attempt.json")
    }
}

impl Worktree {
    /// Whether nothing was edited since it was made.
    pub fn is_untouched(&self, repo: &Repo) -> Result<bool> {
        if !self.pointer_is_ours() {
            return Ok(false);
        }
        let base: Oid = self.started.base.parse()?;
        Ok(repo.capture_tree(&self.path, base)?.tree == repo.tree_of(base)?)
    }

    /// Whether `.git` is byte for byte what git wrote, and no link.
    pub fn pointer_is_ours(&self) -> bool {
        let file = self.path.join(".git");
        let is_file = std::fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
        is_file && std::fs::read(&file).is_ok_and(|bytes| bytes == self.started.dot_git.as_bytes())
    }
}
