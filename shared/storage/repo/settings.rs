//! Git's settings, as git reads them: files, includes, environment and command line.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Repo;

impl Repo {
    /// The value of a setting; `None` where it is not set or empty.
    pub fn setting(&self, key: &str) -> Option<String> {
        let value = self.inner.config_snapshot().string(key)?.to_string();
        Some(value).filter(|value| !value.is_empty())
    }

    /// Whether a setting is a yes, in any of git's words for one.
    pub fn flag(&self, key: &str) -> bool {
        self.inner.config_snapshot().boolean(key).unwrap_or_default()
    }

    /// The file a setting names: `~/` is the home folder, and what is relative begins where git
    /// works, at the top of the work tree.
    ///
    /// # Errors
    /// A path that cannot be expanded, such as one in the home of a user nobody knows.
    pub fn path_setting(&self, key: &str) -> Result<Option<PathBuf>> {
        if self.setting(key).is_none() {
            return Ok(None);
        }
        let path = self.inner.config_snapshot().trusted_path(key);
        let path = path.with_context(|| format!("the git setting {key}"))?;
        let top = self.root.as_deref().unwrap_or(self.git_dir());
        Ok(path.map(|path| top.join(path)))
    }

    /// Name and address of who would commit, `Ada <ada@example.org>`.
    pub fn committer(&self) -> Option<String> {
        let committer = self.inner.committer()?.ok()?;
        Some(format!("{} <{}>", committer.name, committer.email))
    }
}
