//! Checks that hang on a Rust test: found by name among all test programs, run alone.

use std::time::Duration;

use anyhow::Result;

use super::building::{Builds, Suite, test_program};
use super::{Finding, SHOWN_LINES, Subject, compiled, first_lines, gone, last_lines};
use crate::storage::process::Outcome;
use crate::types::check::Verdict;

pub fn find(subject: &Subject, builds: &Builds, name: &str, limit: Duration) -> Result<Finding> {
    let Some(project) = &builds.project else {
        let reason = "there is no cargo project, or more than one, so there are no tests to run";
        return Ok(Finding::new(Verdict::Unverified, reason));
    };
    let found = holders(builds, name);
    let (suite, name) = match found.as_slice() {
        [one] => *one,
        [] => return not_found(subject, builds, name),
        several => return Ok(several_found(several, name)),
    };
    if let Some(why) = compiled::unheld(subject, builds, suite)? {
        return Ok(Finding::new(Verdict::Unverified, why));
    }
    let program = test_program(Some(project), &suite.artifact, suite.out_dir.as_deref());
    let mut program = program.args(["--exact", name]).env("PATH", builds.path()).timeout(limit);
    for (bin, path) in &builds.bins {
        program = program.env(format!("CARGO_BIN_EXE_{bin}"), path);
    }
    let outcome = subject.runner.run(&program)?;
    Ok(judge(name, &outcome).took(outcome.took))
}

/// Test programs that hold the test, with the name they know it by. A name that none holds may
/// begin with a test program's own name.
fn holders<'b>(builds: &'b Builds, name: &'b str) -> Vec<(&'b Suite, &'b str)> {
    let holds = |suite: &Suite, name: &str| {
        suite.tests.as_ref().is_ok_and(|tests| tests.iter().any(|test| test == name))
    };
    let exact: Vec<_> =
        builds.suites.iter().filter(|suite| holds(suite, name)).map(|suite| (suite, name)).collect();
    let Some((target, rest)) = name.split_once("::").filter(|_| exact.is_empty()) else { return exact };
    let named = builds.suites.iter().filter(|suite| suite.artifact.name == target && holds(suite, rest));
    named.map(|suite| (suite, rest)).collect()
}

fn not_found(subject: &Subject, builds: &Builds, name: &str) -> Result<Finding> {
    if let Some(errors) = &builds.broken_tests {
        return Ok(Finding::new(Verdict::Fail, format!("the tests do not build: {}", errors.first))
            .detail(first_lines(&errors.rendered, SHOWN_LINES)));
    }
    let silent: Vec<&str> =
        builds.suites.iter().filter_map(|suite| suite.tests.as_ref().err().map(String::as_str)).collect();
    let mut reason = format!("no test is called {name}");
    let all = builds.suites.iter().flat_map(|suite| suite.tests.iter().flatten()).map(String::as_str);
    if let Some(near) = crate::types::toml::nearest(name, all) {
        reason.push_str(&format!("; did you mean {near}?"));
    }
    // A program that does not tell its tests may hold it.
    if silent.is_empty()
        && let Some(commit) = gone::last_seen(subject, name)?
    {
        let reason = format!("{reason}, and {} had it", commit.short());
        return Ok(Finding::new(Verdict::Drift, reason));
    }
    for why in silent {
        reason.push_str(&format!("; {why}"));
    }
    Ok(Finding::new(Verdict::Unverified, reason))
}

fn several_found(several: &[(&Suite, &str)], name: &str) -> Finding {
    let places: Vec<String> =
        several.iter().map(|(suite, _)| format!("{}::{name}", suite.artifact.name)).collect();
    let reason = format!("{} tests are called {name}; say which: {}", several.len(), places.join(", "));
    Finding::new(Verdict::Unverified, reason)
}

/// The program's word and its exit code must both say that exactly this test ran.
fn judge(name: &str, outcome: &Outcome) -> Finding {
    let said = String::from_utf8_lossy(&outcome.stdout);
    if outcome.timed_out {
        return Finding::new(Verdict::Timeout, outcome.words()).detail(last_lines(&said, SHOWN_LINES));
    }
    let summary = said.lines().rev().find(|line| line.starts_with("test result: ")).unwrap_or_default();
    let count = |what: &str| {
        let before = summary.split(&format!(" {what}")).next().unwrap_or_default();
        before.rsplit([' ', '.', ';']).next().and_then(|number| number.parse::<u32>().ok()).unwrap_or(0)
    };
    match (outcome.code, count("passed"), count("failed"), count("ignored")) {
        (Some(0), 1, 0, 0) => Finding::new(Verdict::Pass, String::new()),
        (Some(0), 0, 0, 1) => Finding::new(Verdict::Unverified, format!("{name} is marked #[ignore]")),
        (Some(0), 0, 0, 0) => Finding::new(Verdict::Unverified, format!("{name} did not run")),
        (Some(0), ..) => Finding::new(Verdict::Unverified, format!("not one test ran: {summary}")),
        _ => failure(outcome, &said),
    }
}

fn failure(outcome: &Outcome, said: &str) -> Finding {
    let errors = String::from_utf8_lossy(&outcome.stderr);
    let all = failure_text(said).unwrap_or_else(|| format!("{said}{errors}"));
    let shown = without_backtrace(&all);
    let mut lines = shown.lines().skip_while(|line| !line.contains(" panicked at "));
    let place = lines.next().and_then(|line| line.split(" panicked at ").nth(1));
    let reason = match (place, lines.next()) {
        (Some(place), Some(message)) => format!("{message} ({})", place.trim_end_matches(':')),
        _ => outcome.words(),
    };
    Finding::new(Verdict::Fail, reason).detail(first_lines(&from_panic(&shown), SHOWN_LINES))
}

/// Backtraces, which some environments ask for, would push out what the panic said.
fn without_backtrace(text: &str) -> String {
    let mut kept = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let frame = line.starts_with(' ') || line.trim().is_empty();
        inside = line.eq_ignore_ascii_case("stack backtrace:") || (inside && frame);
        let note = ["note: run with `RUST_BACKTRACE", "note: Some details are omitted"];
        if !inside && !note.iter().any(|note| line.starts_with(note)) {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// From the panic on; everything where there is none.
fn from_panic(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    let from = lines.iter().position(|line| line.contains(" panicked at ")).unwrap_or(0);
    lines[from..].join("\n")
}

/// What the test printed: between its own heading and the list of failures.
fn failure_text(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("\n---- ")?;
    let (_, rest) = rest.split_once(" stdout ----\n")?;
    rest.split("\nfailures:\n").next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(code: i32, stdout: &str) -> Outcome {
        Outcome {
            code: Some(code),
            signal: None,
            stdout: stdout.as_bytes().to_owned(),
            stderr: Vec::new(),
            timed_out: false,
            took: Duration::ZERO,
        }
    }

    fn summary(result: &str, passed: u32, failed: u32, ignored: u32) -> String {
        format!(
            "\nrunning 1 test\n\ntest result: {result}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 7 filtered out; finished in 0.00s\n"
        )
    }

    #[test]
    fn only_one_test_that_ran_and_passed_is_a_pass() {
        let verdict = |code, text: &str| judge("a", &outcome(code, text)).verdict;
        assert_eq!(verdict(0, &summary("ok", 1, 0, 0)), Verdict::Pass);
        assert_eq!(verdict(0, &summary("ok", 0, 0, 1)), Verdict::Unverified);
        assert_eq!(verdict(0, &summary("ok", 0, 0, 0)), Verdict::Unverified);
        assert_eq!(verdict(0, ""), Verdict::Unverified, "it ended before it could tell");
        assert_eq!(verdict(101, &summary("FAILED", 0, 1, 0)), Verdict::Fail);
        assert_eq!(verdict(3, &summary("ok", 1, 0, 0)), Verdict::Fail);
    }

    #[test]
    fn a_failure_shows_the_panic() {
        let text = "running 1 test\ntest a ... FAILED\n\nfailures:\n\n---- a stdout ----\n\nthread 'a' (7) panicked at tests/a.rs:3:5:\nassertion `left == right` failed\n  left: 1\n right: 2\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\n\nfailures:\n    a\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let finding = judge("a", &outcome(101, text));
        assert_eq!(finding.reason, "assertion `left == right` failed (tests/a.rs:3:5)");
        assert!(finding.detail.ends_with(" right: 2"), "{}", finding.detail);
    }

    #[test]
    fn a_backtrace_and_chatter_do_not_push_out_the_panic() {
        let chatter = "progress\n".repeat(40);
        let frames: String =
            (0..30).map(|at| format!("  {at:>2}: core::f\n             at /rustc/x.rs:{at}:1\n")).collect();
        let text = format!(
            "---- a stdout ----\n{chatter}thread 'a' (7) panicked at tests/a.rs:3:5:\nfirst words\nsecond words\nstack backtrace:\n{frames}note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.\n\n\nfailures:\n    a\n"
        );
        let finding = judge("a", &outcome(101, &format!("\n{text}{}", summary("FAILED", 0, 1, 0))));
        assert_eq!(finding.reason, "first words (tests/a.rs:3:5)");
        assert!(finding.detail.starts_with("thread 'a'"), "{}", finding.detail);
        assert!(finding.detail.ends_with("second words"), "{}", finding.detail);
    }

    #[test]
    fn an_error_that_a_test_returned_is_shown_without_its_backtrace() {
        let text = "\n---- a stdout ----\nError: no such file\n\nCaused by:\n    it is gone\n\nStack backtrace:\n   0: f\n             at ./x.rs:1:1\n\n\nfailures:\n    a\n";
        let finding = judge("a", &outcome(101, &format!("{text}{}", summary("FAILED", 0, 1, 0))));
        assert_eq!(finding.detail, "Error: no such file\n\nCaused by:\n    it is gone");
    }
}
