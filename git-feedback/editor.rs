//! Asking for a text in the person's editor, as git does for a commit message.

use std::process::Command;

use anyhow::{Context, Result};
use factory::storage::fs;
use factory::storage::repo::Repo;
use factory::types::hint::Hinted;

const GUIDANCE: &str = "
# What happened? The first line is the title, the rest the body.
# Lines that begin with # are left out; an empty text writes nothing.
";

/// The text the person wrote, without the guidance.
pub fn ask(repo: &Repo) -> Result<String> {
    let file = repo.git_dir().join("FEEDBACK_EDITMSG");
    fs::write(&file, GUIDANCE)?;
    let editor = repo.git(&["var", "GIT_EDITOR"])?;
    // As git starts it: a line for the shell, the file as its argument.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{} \"$@\"", editor.trim()))
        .arg("editor")
        .arg(&file)
        .status()
        .context("sh")?;
    if !status.success() {
        return Err(Hinted::outside(format!("the editor {} ended with {status}", editor.trim()))
            .hint("git feedback add \"what happened\"")
            .into());
    }
    let text = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    Ok(lines.join("\n"))
}
