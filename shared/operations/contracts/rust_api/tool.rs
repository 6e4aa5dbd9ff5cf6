//! `cargo public-api` and `cargo semver-checks`: run, and their findings told from their failures.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::super::{Answer, difference};
use crate::storage::cargo;
use crate::storage::process::{Outcome, Program, Runner};

/// How long a tool may take: it documents the crate and everything it depends on.
const LIMIT: Duration = Duration::from_secs(30 * 60);

pub struct Tool<'t> {
    pub runner: &'t Runner,
    pub package: Option<&'t str>,
    pub target_dir: Option<&'t Path>,
}

/// Why there is no listing.
pub enum Failed {
    Missing { install: &'static str },
    Tool { reason: String, detail: String },
}

impl Failed {
    pub fn answer(self) -> Answer {
        match self {
            Self::Missing { install } => {
                Answer::unverified(format!("cargo public-api is not installed; {install}"))
            }
            Self::Tool { reason, detail } => Answer::Unverified { reason, detail },
        }
    }
}

impl Tool<'_> {
    /// The public items of a project, one a line: blanket and automatic implementations left out,
    /// derived ones in.
    pub fn listing(&self, folder: &Path) -> Result<Result<String, Failed>> {
        let mut program = cargo::command(folder).args(["public-api", "-ss", "--color=never"]);
        if let Some(folder) = self.target_dir {
            program = program.arg("--target-dir").arg(folder);
        }
        let outcome = self.run(program)?;
        if is_missing(&outcome) {
            return Ok(Err(Failed::Missing { install: "cargo install cargo-public-api" }));
        }
        if !outcome.success() {
            return Ok(Err(failed("cargo public-api", &outcome)));
        }
        let lines = difference::tidied(&String::from_utf8_lossy(&outcome.stdout));
        if lines.is_empty() {
            let reason = "cargo public-api listed nothing".to_owned();
            return Ok(Err(Failed::Tool { reason, detail: tail(&outcome) }));
        }
        Ok(Ok(lines))
    }

    /// What `cargo semver-checks` finds; `None` where it is not installed.
    pub fn semver(&self, folder: &Path, before: &Path) -> Result<Option<Answer>> {
        let mut program = cargo::command(folder).args(["semver-checks", "--color=never", "--baseline-root"]);
        program = program.arg(before);
        if let Some(folder) = self.target_dir {
            program = program.env("CARGO_TARGET_DIR", folder);
        }
        let outcome = self.run(program)?;
        if is_missing(&outcome) {
            return Ok(None);
        }
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&outcome.stdout),
            String::from_utf8_lossy(&outcome.stderr)
        );
        Ok(Some(if outcome.success() {
            Answer::holds()
        } else if outcome.code.is_some() && is_semver_finding(&said) {
            Answer::drift("the interface breaks what the baseline offers")
                .detail(difference::shown(&findings(&said)))
        } else {
            failed("cargo semver-checks", &outcome).answer()
        }))
    }

    fn run(&self, program: Program) -> Result<Outcome> {
        let program = match self.package {
            Some(package) => program.args(["--package", package]),
            None => program,
        };
        self.runner.run(&program.env("CARGO_TERM_COLOR", "never").timeout(LIMIT))
    }
}

/// Cargo's own words where a subcommand is not there.
fn is_missing(outcome: &Outcome) -> bool {
    !outcome.success() && String::from_utf8_lossy(&outcome.stderr).contains("no such command: ")
}

/// It says so in two places: a heading for each lint, and a summary. Whatever else ends badly is the
/// tool's own trouble.
fn is_semver_finding(said: &str) -> bool {
    said.lines().any(|line| line.starts_with("--- failure ")) && said.contains("Summary semver requires")
}

fn findings(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    let from = lines.iter().position(|line| line.starts_with("--- failure ")).unwrap_or(0);
    lines[from..].join("\n")
}

fn failed(name: &str, outcome: &Outcome) -> Failed {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let first = said.lines().find(|line| line.to_ascii_lowercase().contains("error")).unwrap_or_default();
    let mut reason = format!("{name} failed ({})", outcome.words());
    if !first.is_empty() {
        reason.push_str(&format!(": {}", first.trim().trim_start_matches("Error: ")));
    }
    if said.contains("toolchain 'nightly") && said.contains("not installed") {
        reason.push_str("; rustup toolchain install nightly --profile minimal");
    }
    Failed::Tool { reason, detail: tail(outcome) }
}

/// The end of what it said.
fn tail(outcome: &Outcome) -> String {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let lines: Vec<&str> = said.trim_end().lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_so_twice_is_a_finding() {
        let both = "--- failure function_missing: pub fn removed ---\n\n     Summary semver requires new major version: 1 major\n";
        assert!(is_semver_finding(both));
        assert!(!is_semver_finding("error: unsupported rustdoc format v99 for file x.json\n"));
        assert!(!is_semver_finding(
            "--- failure function_missing: pub fn removed ---\nthread 'main' panicked\n"
        ));
        assert!(findings(&format!("Building\n{both}")).starts_with("--- failure"));
    }
}
