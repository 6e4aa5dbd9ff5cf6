//! An agent that is a command: given the brief, an allow-listed environment and a time limit.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use factory::storage::fs;
use factory::storage::process::{Outcome, Program, Runner};
use factory::types::config;
use factory::types::hint::Hinted;

use super::brief::tail;
use super::{Ran, Task};

/// How the brief goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    Stdin,
    /// `{brief}` is the path of a file.
    File,
    /// `{brief}` is the text itself.
    Argument,
}

/// How an agent is started.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    pub argv: Vec<String>,
    pub given: Given,
    /// Names of variables passed in beside [`ENVIRONMENT`].
    pub env: Vec<String>,
}

/// What every agent gets of our environment, where it is set: where programs are, who the person is,
/// the language. Keys and tokens are passed only by name.
pub const ENVIRONMENT: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// The longest single argument Linux hands to a program.
const LONGEST_ARGUMENT_BYTES: usize = 128 * 1024 - 1;

/// How much of an agent's closing words is kept.
const CLOSING_BYTES: usize = 900;

impl Started {
    /// The command of an `[agent.NAME]` table.
    pub fn configured(name: &str, agent: &config::Agent) -> Result<Self> {
        let argv = shlex::split(&agent.command).filter(|words| !words.is_empty());
        let Some(argv) = argv else {
            bail!(
                Hinted::usage(format!("[agent.{name}] command {:?} is no command", agent.command))
                    .hint("factory.toml: command = \"my-agent --task {brief}\"")
            );
        };
        let given = match argv.iter().any(|word| word.contains("{brief}")) {
            true => Given::File,
            false => Given::Stdin,
        };
        Ok(Self { argv, given, env: agent.env.clone() })
    }

    /// Run it to its end or its time limit. What it says of itself is kept, and proves nothing.
    pub fn run(&self, runner: Runner, task: &Task) -> Result<Ran> {
        let outcome = runner.run(&self.program(task)?)?;
        Ok(Ran {
            closing: closing(task.scratch, &outcome),
            transcript: transcript(&outcome),
            timed_out: outcome.timed_out,
            ended: outcome.words(),
        })
    }

    fn program(&self, task: &Task) -> Result<Program> {
        if self.given == Given::Argument && task.brief.len() > LONGEST_ARGUMENT_BYTES {
            bail!(Hinted::usage(format!(
                "the brief has {} bytes, too long for {} to take as an argument",
                task.brief.len(),
                self.argv[0]
            )));
        }
        let file = task.brief_file.to_string_lossy();
        let brief = if self.given == Given::Argument { task.brief } else { &*file };
        let scratch = task.scratch.to_string_lossy();
        let words = self.argv.iter().map(|word| match word.as_str() {
            // Whole words first, so that a brief which speaks of `{scratch}` stays as it is.
            "{brief}" => brief.to_owned(),
            word => word.replace("{scratch}", &scratch).replace("{brief}", brief),
        });
        let words: Vec<String> = words.collect();
        let mut program =
            Program::new(&words[0]).args(&words[1..]).dir(task.worktree).timeout(task.limit).only_env();
        for name in ENVIRONMENT.iter().copied().chain(self.env.iter().map(String::as_str)) {
            if let Some(value) = std::env::var_os(name) {
                program = program.env(name, value);
            }
        }
        // A build folder inside the worktree would be taken for work where nothing ignores it.
        program = program.env("CARGO_TARGET_DIR", task.scratch.join("target")).env("GIT_OPTIONAL_LOCKS", "0");
        Ok(if self.given == Given::Stdin { program.stdin(task.brief) } else { program })
    }
}

/// Everything it wrote, the two streams one after the other.
fn transcript(outcome: &Outcome) -> Vec<u8> {
    let mut all = outcome.stdout.clone();
    if !outcome.stderr.is_empty() {
        all.extend_from_slice(b"\n--- standard error ---\n");
        all.extend_from_slice(&outcome.stderr);
    }
    all
}

/// Its last words: from the file it was told to write, a JSON result, or the end of its output.
fn closing(scratch: &Path, outcome: &Outcome) -> Option<String> {
    let written = fs::read_if_there(&scratch.join("closing.txt")).ok().flatten();
    let text = String::from_utf8_lossy(written.as_deref().unwrap_or(&outcome.stdout)).into_owned();
    let said = json_result(&text).unwrap_or(text);
    let last = said.trim().rsplit("\n\n").next().unwrap_or_default();
    let last = tail(last, CLOSING_BYTES).trim();
    (!last.is_empty()).then(|| last.to_owned())
}

fn json_result(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text.trim()).ok()?;
    let said = value.get("result").or_else(|| value.get("response"))?;
    Some(said.as_str()?.to_owned())
}

/// `minutes` as a duration; at least a moment, so that a spent budget still ends what it started.
pub fn limit(minutes: f64) -> Duration {
    Duration::from_secs_f64((minutes * 60.0).clamp(0.1, 7.0 * 24.0 * 3600.0))
}
