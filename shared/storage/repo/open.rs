//! Finding and opening the repository as git would.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gix::bstr::ByteSlice;
use gix::open::Options;
use gix::sec::trust::Mapping;

use super::Repo;
use crate::types::hint::{Hinted, Trouble};

/// Enough for the delta chains of long notes histories; git's default of 96 MB.
const DELTA_CACHE: &str = "core.deltaBaseCacheLimit=96m";

impl Repo {
    /// Open the repository that `dir` lies in, honouring `GIT_DIR` and what else git reads from the
    /// environment.
    ///
    /// # Errors
    /// Where there is none, or where it belongs to somebody not trusted, with a hint.
    pub fn discover(dir: &Path) -> Result<Self> {
        let options = || {
            Options::default()
                .config_overrides([DELTA_CACHE])
                .cli_overrides(command_line_settings())
                .bail_if_untrusted(true)
        };
        let trust = Mapping {
            full: options().with(gix::sec::Trust::Full),
            reduced: options().with(gix::sec::Trust::Reduced),
        };
        let found = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            dir,
            gix::discover::upwards::Options::default(),
            trust,
        );
        let inner = match found {
            Ok(repository) => repository.to_thread_local(),
            Err(error) => return Err(explain(dir, &error.into())),
        };
        Self::from_gix(inner)
    }

    fn from_gix(mut inner: gix::Repository) -> Result<Self> {
        // Writing a note must not fail for want of a name; git's own words stand in for it.
        inner.committer_or_set_generic_fallback().context("the committer's identity")?;
        inner.object_cache_size_if_unset(4 * 1024 * 1024);
        let storage = inner.config_snapshot().string("extensions.refStorage");
        let reftable = storage.is_some_and(|kind| kind.as_bstr().to_str_lossy().starts_with("reftable"));
        let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let root = inner.workdir().map(absolute);
        let common_dir = absolute(inner.common_dir());
        Ok(Self { inner, root, common_dir, reftable })
    }
}

/// Settings of `git -c name=value feedback …`, which git hands on quoted for a shell.
fn command_line_settings() -> Vec<String> {
    let Ok(text) = std::env::var("GIT_CONFIG_PARAMETERS") else { return Vec::new() };
    shlex::split(&text).unwrap_or_default()
}

fn explain(dir: &Path, error: &anyhow::Error) -> anyhow::Error {
    let message = format!("{error:#}");
    let lower = message.to_lowercase();
    if lower.contains("safe.directory") || lower.contains("unsafe") || lower.contains("trust") {
        return Hinted::new(
            Trouble::Usage,
            format!("the repository at {} is not trusted: {message}", dir.display()),
        )
        .hint(format!("git config --global --add safe.directory {}", dir.display()))
        .into();
    }
    match std::env::var_os("GIT_DIR").map(PathBuf::from) {
        Some(named) if !named.exists() => {
            return Hinted::usage(format!("not a git repository: {} (from GIT_DIR)", named.display()))
                .hint("unset GIT_DIR")
                .into();
        }
        None if !dir.ancestors().any(|folder| folder.join(".git").exists()) => {
            let tried = "not a git repository (or any of the parent directories)";
            return Hinted::usage(format!("{tried}: {}", dir.display())).hint("git init").into();
        }
        _ => {}
    }
    Hinted::outside(format!("cannot open the repository at {}: {message}", dir.display()))
        .hint("git status")
        .into()
}
