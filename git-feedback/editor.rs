//! Asking for a text in the person's editor, as git does for a commit message.

use std::path::PathBuf;

use anyhow::Result;
use factory::storage::repo::Repo;
use factory::storage::{self, fs};

const GUIDANCE: &str = "
# What happened? The first line is the title, the rest the body.
# Lines that begin with # are left out; an empty text writes nothing.
";

/// A text that a person wrote, in a file until it is filed.
pub struct Written {
    file: PathBuf,
    pub text: String,
}

impl Written {
    /// The text the person wrote, without the guidance; they go on with one that was not filed.
    ///
    /// # Errors
    /// An editor that cannot start or fails, a file that cannot be written or read.
    pub fn ask(repo: &Repo) -> Result<Self> {
        let file = repo.git_dir().join("FEEDBACK_EDITMSG");
        if !file.exists() {
            fs::write(&file, GUIDANCE)?;
        }
        storage::editor::open(repo, &file, "git feedback add \"what happened\"")?;
        let text = fs::read_to_string(&file)?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let text = lines.join("\n").trim().to_owned();
        if text.is_empty() {
            fs::remove_file(&file)?;
        }
        Ok(Self { file, text })
    }

    /// It is filed, so the file may go.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn filed(self) -> Result<()> {
        fs::remove_file(&self.file)
    }

    /// Where it stays while it could not be filed.
    pub fn kept(&self) -> String {
        format!("what you wrote is in {}; git feedback add opens it again", self.file.display())
    }
}
