//! The git program, for what is git's own to do: work trees, networks, the pager.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Oid, Repo};
use crate::types::hint::{Hinted, Trouble};

/// What binds git to one repository, as git sets it for hooks and aliases.
pub const REPOSITORY_VARIABLES: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

impl Repo {
    /// A git command bound to this repository, whatever the environment says.
    pub fn git_command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(self.git_dir_absolute());
        if let Some(root) = &self.root {
            command.arg("--work-tree").arg(root).current_dir(root);
        } else {
            command.current_dir(&self.common_dir);
        }
        command
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .stdin(Stdio::null());
        command
    }

    /// Run git in this repository; its standard output.
    ///
    /// # Errors
    /// With git's own words where it fails.
    pub fn git(&self, args: &[&str]) -> Result<String> {
        let output = finish(self.git_command().args(args))?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    /// Whether nothing differs from HEAD: no change, nothing staged, no untracked file.
    pub fn is_clean(&self) -> Result<bool> {
        Ok(self.dirty_paths()?.is_empty())
    }

    /// Paths that differ from HEAD, as git shows them.
    pub fn dirty_paths(&self) -> Result<Vec<String>> {
        let status =
            self.git(&["status", "--porcelain=v1", "-z", "--untracked-files=normal", "--no-renames"])?;
        Ok(status.split('\0').filter_map(|row| row.get(3..)).map(str::to_owned).collect())
    }

    /// The newest commit reachable from `from` that changed how often Rust files hold this text.
    pub fn last_change_of(&self, from: Oid, text: &str) -> Result<Option<Oid>> {
        let (from, pickaxe) = (from.to_string(), format!("-S{text}"));
        let args =
            ["log", "-1", "--format=%H", "--no-ext-diff", "--no-textconv", &pickaxe, &from, "--", "*.rs"];
        let found = self.git(&args)?;
        match found.trim() {
            "" => Ok(None),
            id => Ok(Some(id.parse()?)),
        }
    }

    pub(super) fn git_dir_absolute(&self) -> std::path::PathBuf {
        self.git_dir().canonicalize().unwrap_or_else(|_| self.git_dir().to_owned())
    }
}

/// Run to the end with these bytes on standard input, which must be few.
pub(super) fn feed(command: &mut Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // One that does not read to the end says why itself.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(output.stdout)
}

/// Run to the end; standard output, or an error that holds what git said.
pub(super) fn finish(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().map_err(|error| {
        anyhow::Error::from(error).context(Hinted::outside("git could not be started").hint("install git"))
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let what = command
        .get_args()
        .map(|arg| arg.to_string_lossy().into_owned())
        .find(|arg| !arg.starts_with('-') && !arg.contains(['/', '=']))
        .unwrap_or_default();
    Err(anyhow::anyhow!("{}", said.trim()))
        .with_context(|| Hinted::new(Trouble::Outside, format!("git {what} failed ({})", output.status)))
}
