//! Checks that hang on a command: its exit code and what it must say.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::building::Builds;
use super::{Finding, SHOWN_LINES, Subject, first_lines, last_lines};
use crate::storage::inside::{Inside, Refused};
use crate::storage::process::{Outcome, Program};
use crate::types::check::Verdict;
use crate::types::intent::Run;

pub fn find(subject: &Subject, builds: &Builds, run: &Run, limit: Duration) -> Result<Finding> {
    let unverified = |why: String| Ok(Finding::new(Verdict::Unverified, why));
    let (inside, dir) = (Inside::open(&subject.root)?, run.dir.as_deref().unwrap_or("."));
    match inside.look_for_folder(dir) {
        Ok(()) => {}
        Err(Refused::NoFile) => return unverified(format!("the folder {dir} is none")),
        Err(refused) => return unverified(format!("the folder {dir} {refused}")),
    }
    let stdin = match run.stdin.as_ref().map(|path| (path, inside.file(path))) {
        None => None,
        Some((path, Ok(file))) => match inside.linked(path) {
            Some(why) => return unverified(format!("stdin: {why}")),
            None => Some(file),
        },
        Some((path, Err(refused))) => return unverified(format!("stdin: {path} {refused}")),
    };
    let dir = subject.root.join(dir);
    if subject.no_run {
        return Ok(Finding::new(Verdict::Waiting, "not run"));
    }
    let words = shlex::split(&run.command).unwrap_or_default();
    let mut program = match program(builds, &words, &dir) {
        Ok(program) => program.timeout(limit),
        Err(finding) => return Ok(finding),
    };
    for (name, value) in &run.env {
        program = program.env(name, value);
    }
    if let Some(file) = stdin {
        program = program.stdin_file(file);
    }
    let outcome = subject.runner.run(&program)?;
    Ok(judge(run, &outcome).took(outcome.took))
}

/// The program of these words, with the project's binaries on its PATH; or why it cannot run.
pub fn program(builds: &Builds, words: &[String], dir: &Path) -> Result<Program, Finding> {
    let Some((name, args)) = words.split_first() else {
        return Err(Finding::new(Verdict::Unverified, "the command is empty"));
    };
    if builds.is_own(name)
        && let Some(errors) = &builds.broken_bins
        && !builds.bins.contains_key(name)
    {
        return Err(Finding::new(Verdict::Fail, format!("{name} does not build: {}", errors.first))
            .detail(first_lines(&errors.rendered, SHOWN_LINES)));
    }
    let Some(path) = builds.locate(name, dir) else {
        let reason = match name.contains('/') {
            true => format!("{name} does not exist or cannot be executed"),
            false => format!("{name} is missing: no binary of this project, and not on PATH"),
        };
        return Err(Finding::new(Verdict::Unverified, reason));
    };
    Ok(Program::new(path).args(args).dir(dir).env("PATH", builds.path()))
}

fn judge(run: &Run, outcome: &Outcome) -> Finding {
    let (stdout, stderr) =
        (String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr));
    if outcome.timed_out {
        return Finding::new(Verdict::Timeout, outcome.words()).detail(said(&stdout, &stderr));
    }
    let mut wrong = Vec::new();
    if outcome.code != Some(run.exit) {
        wrong.push(format!("{}, expected {}", outcome.words(), run.exit));
    }
    for (stream, wanted, text) in [("stdout", &run.stdout, &stdout), ("stderr", &run.stderr, &stderr)] {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| !text.contains(wanted.as_str())) {
            wrong.push(format!("{stream} does not contain {wanted:?}"));
        }
    }
    if wrong.is_empty() {
        return Finding::new(Verdict::Pass, String::new());
    }
    Finding::new(Verdict::Fail, wrong.join("; ")).detail(said(&stdout, &stderr))
}

/// The end of both outputs, each under its name.
pub fn said(stdout: &str, stderr: &str) -> String {
    let mut shown = Vec::new();
    for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
        if !text.trim().is_empty() {
            shown.push(format!("{name}:\n{}", last_lines(text, SHOWN_LINES / 2)));
        }
    }
    shown.join("\n")
}
