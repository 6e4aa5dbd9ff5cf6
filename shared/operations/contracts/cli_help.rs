//! `cli-help`: what a command prints is what the repository keeps of it.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::{Answer, Ground, difference, kept};
use crate::storage::process::{Outcome, Program, Runner};

/// How long it may take to print.
const LIMIT: Duration = Duration::from_secs(60);

/// The width a help text is laid out for, on every machine.
const COLUMNS: &str = "80";

/// Run the command, split into `program` by the caller, and hold what it prints (standard output, or
/// standard error where that is all) against `path`. Trailing space and the program's own path are
/// all that does not count.
///
/// # Errors
/// An interrupt, or a program that cannot be started.
pub fn answer(
    ground: &Ground,
    runner: &Runner,
    program: Program,
    path: &str,
    update: bool,
) -> Result<Answer> {
    let name = program.name.clone();
    let program = program
        .env("COLUMNS", COLUMNS)
        .env("LINES", "24")
        .env("TERM", "dumb")
        .env("NO_COLOR", "1")
        .env_remove("CLICOLOR_FORCE")
        .timeout(LIMIT);
    let outcome = runner.run(&program)?;
    if outcome.timed_out {
        return Ok(Answer::unverified(outcome.words()));
    }
    let now = printed(&name, &outcome);
    // What a crash left behind says nothing of the interface, and is not what should be kept.
    if crashed(&outcome) {
        return Ok(Answer::unverified(format!("it crashed ({})", outcome.words())).detail(now));
    }
    if now.is_empty() {
        return Ok(Answer::unverified(format!("it printed nothing ({})", outcome.words())));
    }
    let answer = kept::against(ground, path, &now, update)?;
    Ok(match answer {
        Answer::Drift { reason, detail } if !outcome.success() => {
            Answer::Drift { reason: format!("{reason} ({})", outcome.words()), detail }
        }
        answer => answer,
    })
}

/// Ended by a signal, or by a Rust panic, which has a code and words of its own.
fn crashed(outcome: &Outcome) -> bool {
    let panicked = || String::from_utf8_lossy(&outcome.stderr).contains(" panicked at ");
    outcome.signal.is_some() || outcome.code == Some(101) && panicked()
}

fn printed(program: &OsStr, outcome: &Outcome) -> String {
    let said = if outcome.stdout.trim_ascii().is_empty() { &outcome.stderr } else { &outcome.stdout };
    let text = String::from_utf8_lossy(said);
    let path = Path::new(program);
    let (Some(path), Some(name)) = (path.to_str(), path.file_name().and_then(OsStr::to_str)) else {
        return difference::tidied(&text);
    };
    difference::tidied(&text.replace(path, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_path_does_not_count() {
        let outcome = Outcome {
            code: Some(0),
            signal: None,
            stdout: b"Usage: /build/x/tool [OPTIONS]  \n\n".to_vec(),
            stderr: b"chatter".to_vec(),
            timed_out: false,
            took: Duration::ZERO,
        };
        assert_eq!(printed(OsStr::new("/build/x/tool"), &outcome), "Usage: tool [OPTIONS]\n");
        let silent = Outcome { stdout: Vec::new(), ..outcome };
        assert_eq!(printed(OsStr::new("/build/x/tool"), &silent), "chatter\n");
    }

    #[test]
    fn a_crash_is_no_answer() {
        let outcome = |code, signal, stderr: &str| Outcome {
            code,
            signal,
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_owned(),
            timed_out: false,
            took: Duration::ZERO,
        };
        assert!(crashed(&outcome(None, Some(9), "")));
        assert!(crashed(&outcome(Some(101), None, "thread 'main' (7) panicked at src/main.rs:1:1:\nno\n")));
        assert!(!crashed(&outcome(Some(101), None, "Usage: tool\n")));
        assert!(!crashed(&outcome(Some(2), None, "Usage: tool\n")));
    }
}
