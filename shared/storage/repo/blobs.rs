//! Many objects, one after the other, through one `git cat-file --batch`: what reads a note in each of its
//! thousand versions is done as fast as git is, however this program was built.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result};

use super::{Oid, Repo};
use crate::types::hint::Hinted;

/// Reads blobs; git is started with the first, and again should an object it cannot read have ended it.
pub struct Blobs<'r> {
    repo: &'r Repo,
    git: Option<Git>,
}

struct Git {
    child: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Repo {
    pub fn blobs(&self) -> Blobs<'_> {
        Blobs { repo: self, git: None }
    }
}

impl Blobs<'_> {
    /// The bytes of an object; `None` where it is not here or cannot be read.
    ///
    /// # Errors
    /// Git cannot be started.
    pub fn read(&mut self, id: Oid) -> Result<Option<Vec<u8>>> {
        let git = match &mut self.git {
            Some(git) => git,
            none => none.insert(Git::start(self.repo)?),
        };
        match git.ask(id) {
            Ok(found) => Ok(found),
            // It ends at an object that is damaged; that one is as good as gone.
            Err(_) => {
                self.git = None;
                Ok(None)
            }
        }
    }
}

impl Git {
    fn start(repo: &Repo) -> Result<Self> {
        let mut command = repo.git_command();
        // What a partial clone left out is not fetched for this.
        command.args(["cat-file", "--batch"]).env("GIT_NO_LAZY_FETCH", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command
            .spawn()
            .with_context(|| Hinted::outside("git could not be started").hint("install git"))?;
        let asked = child.stdin.take().context("git has no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("git has no standard output")?);
        Ok(Self { child, asked, answers })
    }

    fn ask(&mut self, id: Oid) -> Result<Option<Vec<u8>>> {
        writeln!(self.asked, "{id}")?;
        self.asked.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        if head.trim_end().ends_with(" missing") {
            return Ok(None);
        }
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        // With the newline git puts behind it.
        let mut bytes = vec![0; size.context("git ended")? + 1];
        self.answers.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(Some(bytes))
    }
}

impl Drop for Git {
    fn drop(&mut self) {
        // It only reads: ending it in the middle of an answer harms nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
