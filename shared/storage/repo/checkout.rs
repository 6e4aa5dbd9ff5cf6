//! Clean checkouts of a tree, and trees taken of a folder: with an index of our own, without hooks.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::git::finish;
use super::{Oid, Repo};
use crate::storage::fs;

/// A folder's content as git would store it.
#[derive(Clone, Debug)]
pub struct Captured {
    pub tree: Oid,
    /// Nested repositories, which git would store as a bare pointer: paths within the folder.
    pub nested: Vec<String>,
}

/// Line ends as they are stored, whatever the person's own setting.
const AS_IT_IS: [&str; 2] = ["-c", "core.autocrlf=false"];

impl Repo {
    /// Make `into` hold exactly the files of `tree` (a commit or a tree), and nothing else.
    ///
    /// Its index lies beside it (`<into>.index`), so that a second checkout rewrites only what
    /// differs and build tools see unchanged files as unchanged.
    pub fn checkout_tree(&self, tree: Oid, into: &Path) -> Result<()> {
        fs::create_dir_all(into)?;
        let index = beside(into, "index");
        let tree = tree.to_string();
        // A lock of ours that a kill left behind: nobody else uses this index.
        let _ = std::fs::remove_file(beside(into, "index.lock"));
        finish(self.git_in(into, &index).args(AS_IT_IS).args(["read-tree", "--reset", "-u", &tree]))?;
        finish(self.git_in(into, &index).args(AS_IT_IS).args([
            "checkout-index",
            "--all",
            "--force",
            "--quiet",
        ]))?;
        finish(self.git_in(into, &index).args(["clean", "-ffdxq"]))?;
        Ok(())
    }

    /// Take the tree of a folder, whatever its own `.git` says: every file git does not ignore, with
    /// the line ends it has. `base` is what the folder was checked out from, by us; ignored files that
    /// it tracks stay in.
    pub fn capture_tree(&self, folder: &Path, base: Oid) -> Result<Captured> {
        self.capture(folder, base, &AS_IT_IS)
    }

    /// The same of the person's own work tree, checked out under their settings: the line ends are
    /// those `git add` would store.
    pub fn capture_own(&self, folder: &Path, base: Oid) -> Result<Captured> {
        self.capture(folder, base, &[])
    }

    fn capture(&self, folder: &Path, base: Oid, settings: &[&str]) -> Result<Captured> {
        let scratch = tempfile::tempdir()?;
        let index = scratch.path().join("index");
        finish(self.git_in(folder, &index).args(["read-tree", &base.to_string()]))?;
        finish(self.git_in(folder, &index).args(settings).args(["add", "--all", "."]))?;
        let tree = finish(self.git_in(folder, &index).arg("write-tree"))?;
        let listed = finish(self.git_in(folder, &index).args(["ls-files", "--stage", "-z"]))?;
        let nested = String::from_utf8_lossy(&listed)
            .split('\0')
            .filter(|row| row.starts_with("160000 "))
            .filter_map(|row| row.split_once('\t').map(|(_, path)| path.to_owned()))
            .collect();
        Ok(Captured { tree: String::from_utf8_lossy(&tree).trim().parse()?, nested })
    }

    /// Git over `folder` with its own index, and nothing of the folder's choosing run: no hooks, no
    /// file-system monitor.
    fn git_in(&self, folder: &Path, index: &Path) -> Command {
        let mut command = Command::new("git");
        command
            .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.bare=false"])
            .args(["-c", "advice.addEmbeddedRepo=false", "-c", "core.safecrlf=false"])
            // The whole tree, also where the person's own checkout is sparse; and nothing of it may
            // move their submodules.
            .args(["-c", "core.sparseCheckout=false", "-c", "submodule.recurse=false"])
            .arg("--git-dir")
            .arg(self.git_dir_absolute())
            .arg("--work-tree")
            .arg(folder)
            .current_dir(folder)
            .env("GIT_INDEX_FILE", index)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .stdin(std::process::Stdio::null());
        command
    }
}

/// `<folder>.<extension>`, also where the folder's name holds dots.
fn beside(folder: &Path, extension: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}
