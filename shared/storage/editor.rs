//! The person's own editor, started as git starts it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::repo::Repo;
use crate::types::hint::Hinted;

/// Let the person edit `file`. Git knows which editor: GIT_EDITOR, core.editor, VISUAL, EDITOR.
///
/// # Errors
/// An editor that cannot start or fails; `instead` is the hint then.
pub fn open(repo: &Repo, file: &Path, instead: &str) -> Result<()> {
    let editor = repo.git(&["var", "GIT_EDITOR"])?;
    let editor = editor.trim();
    // A line for the shell, the file as its argument.
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{editor} \"$@\"")).arg("editor").arg(file);
    let status = shell.status().context("sh could not be started")?;
    if !status.success() {
        bail!(Hinted::outside(format!("the editor {editor} ended with {status}")).hint(instead));
    }
    Ok(())
}
