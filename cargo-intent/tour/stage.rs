//! Where the tour plays: a repository of its own, the real binaries, each command shown before it runs.

use std::ffi::OsString;
use std::io::{BufRead, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use factory::storage::{fs, interrupt, process};
use factory::terminal::output::{BOLD, DIM, Output};
use factory::types::hint::{Hinted, Trouble};
use serde_json::Value;

use super::example::File;

pub struct Stage<'a> {
    /// Holds the repository and all state of the tour.
    pub folder: PathBuf,
    pub repository: PathBuf,
    pub port: u16,
    tools: PathBuf,
    pause: bool,
    output: &'a Output,
}

/// Programs of ours, beside the one that runs.
const TOOLS: [&str; 3] = ["cargo-intent", "cargo-ship", "git-feedback"];

impl<'a> Stage<'a> {
    /// Make the folder, find the tools, pick a port. Nothing outside `folder` is written.
    pub fn set(folder: PathBuf, pause: bool, output: &'a Output) -> Result<Self> {
        let own = std::env::current_exe().context("where this program lies")?;
        let tools = own.parent().context("this program lies in no folder")?.to_owned();
        for tool in TOOLS {
            if !tools.join(tool).is_file() {
                bail!(
                    Hinted::outside(format!("{tool} is not beside cargo-intent in {}", tools.display()))
                        .hint("install all three from the project's folder: cargo install --path . --locked")
                );
            }
        }
        for program in ["git", "cargo"] {
            if process::on_path(program).is_none() {
                bail!(
                    Hinted::outside(format!("{program} is not on PATH")).hint(format!("install {program}"))
                );
            }
        }
        let repository = folder.join("csv2json");
        for name in ["csv2json", "state", "run", "config"] {
            fs::create_private_dir(&folder.join(name))?;
        }
        // Free now; whoever takes it before the edge does is named by the edge.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|bound| bound.local_addr())?.port();
        Ok(Self { folder, repository, port, tools, pause, output })
    }

    /// A heading.
    pub fn title(&self, text: &str) {
        self.output.line(format!("\n{}", self.output.paint(BOLD, text)));
    }

    /// A sentence to the person.
    pub fn say(&self, text: &str) {
        self.output.line(format!("\n{text}"));
    }

    /// Put files into the repository.
    pub fn write(&self, files: &[File]) -> Result<()> {
        for (path, bytes) in files {
            let path = self.repository.join(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, bytes)?;
            self.output
                .line(self.output.paint(DIM, &format!("  writes {}", shown_path(&path, &self.repository))));
        }
        Ok(())
    }

    /// Show a command, run it with its output on the terminal, and hold it to the exit code told.
    pub fn run(&self, words: &[&str], told: i32) -> Result<()> {
        let shown: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let shown = shown.join(" ");
        self.output.line(format!("\n{} {shown}", self.output.paint(BOLD, "$")));
        if self.pause {
            self.output.note(self.output.paint_err(DIM, "[Enter]"));
            std::io::stdin().lock().read_line(&mut String::new()).context("the terminal")?;
        }
        let status = self.command(words).status().with_context(|| shown.clone())?;
        uninterrupted()?;
        if status.code() == Some(told) {
            return Ok(());
        }
        bail!(
            Hinted::finding(format!("`{shown}` ended with {status}, where the tour told exit code {told}"))
                .hint(format!("look around in {}", self.repository.display()))
        )
    }

    /// Stop the service, also after an interruption.
    pub fn stop(&self) -> Result<()> {
        self.output.line(format!("\n{} cargo ship stop", self.output.paint(BOLD, "$")));
        let status = self.command(&["cargo", "ship", "stop"]).status().context("cargo ship stop")?;
        if status.success() {
            return Ok(());
        }
        bail!(Hinted::finding(format!("`cargo ship stop` ended with {status}")))
    }

    /// What a command answers as JSON; it is not shown.
    pub fn ask(&self, words: &[&str]) -> Result<Value> {
        let words = [words, &["--format", "json"]].concat();
        let asked = words.join(" ");
        let output = self.command(&words).stdin(Stdio::null()).output().with_context(|| asked.clone())?;
        uninterrupted()?;
        serde_json::from_slice(&output.stdout).with_context(|| {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            Hinted::finding(format!(
                "`{asked}` did not answer with JSON ({}): {}",
                output.status,
                said.trim()
            ))
        })
    }

    /// Hold what was found to what the tour told.
    pub fn expect(&self, told: &str, holds: bool, found: &Value) -> Result<()> {
        if holds {
            return Ok(());
        }
        let shown: String = found.to_string().chars().take(600).collect();
        bail!(
            Hinted::finding(format!("the tour told that {told}, but found: {shown}"))
                .hint(format!("look around in {}", self.repository.display()))
        )
    }

    /// Git in the repository, not shown.
    pub fn git(&self, args: &[&str]) -> Result<bool> {
        let words = [&["git"], args].concat();
        let output = self.command(&words).output().with_context(|| words.join(" "))?;
        Ok(output.status.success())
    }

    /// Status and body of a request to the service.
    pub fn request(&self, head: &str, body: &[u8]) -> Result<(u16, String)> {
        let asked = || format!("{head} on port {}", self.port);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).with_context(asked)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let length = body.len();
        let host = format!("127.0.0.1:{}", self.port);
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).with_context(asked)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        Ok((status.with_context(asked)?, body.to_owned()))
    }

    /// `cargo intent …`, `cargo ship …` and `git feedback …` are ours; the rest is what PATH has.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = match words {
            ["cargo", "intent", rest @ ..] => self.tool("cargo-intent", rest),
            ["cargo", "ship", rest @ ..] => self.tool("cargo-ship", rest),
            ["git", "feedback", rest @ ..] => self.tool("git-feedback", rest),
            [program, rest @ ..] => {
                let mut command = Command::new(program);
                command.args(rest);
                command
            }
            [] => Command::new("true"),
        };
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "CARGO_TARGET_DIR",
            "HOST",
            "PORT",
            "RUST_BACKTRACE",
        ] {
            command.env_remove(name);
        }
        command
            .current_dir(&self.repository)
            .env("XDG_STATE_HOME", self.folder.join("state"))
            .env("XDG_RUNTIME_DIR", self.folder.join("run"))
            .env("XDG_CONFIG_HOME", self.folder.join("config"))
            .env("PATH", self.path());
        command
    }

    fn tool(&self, name: &str, rest: &[&str]) -> Command {
        let mut command = Command::new(self.tools.join(name));
        command.args(rest);
        command
    }

    /// PATH with our own tools first, so that they find each other.
    fn path(&self) -> OsString {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.tools.clone()).chain(std::env::split_paths(&old));
        std::env::join_paths(all).unwrap_or(old)
    }
}

fn uninterrupted() -> Result<()> {
    match interrupt::received() {
        Some(signal) => bail!(Hinted::new(Trouble::Interrupted(signal), "the tour was interrupted")),
        None => Ok(()),
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("\"{word}\"") }
}

fn shown_path(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
