//! Asking for a text in the person's editor, as git does for a commit message.

use anyhow::Result;
use factory::storage::repo::Repo;
use factory::storage::{self, fs};

const GUIDANCE: &str = "
# What happened? The first line is the title, the rest the body.
# Lines that begin with # are left out; an empty text writes nothing.
";

/// The text the person wrote, without the guidance.
pub fn ask(repo: &Repo) -> Result<String> {
    let file = repo.git_dir().join("FEEDBACK_EDITMSG");
    fs::write(&file, GUIDANCE)?;
    storage::editor::open(repo, &file, "git feedback add \"what happened\"")?;
    let text = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    Ok(lines.join("\n"))
}
