//! Programs: our own three, those that are needed, and those that would add something.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use factory::storage::process::on_path;

use super::Finding;
use crate::setup::TOOLS;

/// A program, what it would add, and how to get it.
const USEFUL: [(&str, &str, &str); 7] = [
    ("cargo-nextest", "tests in processes of their own", "cargo install cargo-nextest --locked"),
    ("cargo-mutants", "mutants of a change that no check catches", "cargo install cargo-mutants --locked"),
    ("cargo-public-api", "rust-api contracts", "cargo install cargo-public-api --locked"),
    ("ssh-keygen", "approvals signed with an ssh key", "install openssh-client"),
    ("gpg", "approvals signed with a gpg key", "install gnupg"),
    ("man", "manual pages, and git feedback --help", "install man-db"),
    ("rustfmt", "formatting as a step of a ship", "rustup component add rustfmt"),
];

pub fn look() -> Result<Vec<Finding>> {
    let own = std::env::current_exe().context("where this program lies")?;
    let tools = own.parent().context("this program lies in no folder")?;
    let mut findings: Vec<Finding> = TOOLS.iter().map(|tool| of_tool(tools, tool)).collect();
    for (program, mend) in [("git", "install git"), ("cargo", "install Rust: https://rustup.rs")] {
        findings.push(match said(Path::new(program)) {
            Some(version) => Finding::good(program, version),
            None => Finding::broken(program, "cannot be started", mend),
        });
    }
    for (program, adds, mend) in USEFUL {
        findings.push(match on_path(program) {
            Some(path) => Finding::good(program, path.display().to_string()),
            None => Finding::missing(program, format!("would add: {adds}"), mend),
        });
    }
    Ok(findings)
}

/// Whether the tool lies beside this one, is of its version, and is what PATH finds.
fn of_tool(tools: &Path, tool: &str) -> Finding {
    let (path, mend) = (tools.join(tool), "cargo install --path . --locked");
    let ours = env!("CARGO_PKG_VERSION");
    match said(&path) {
        None => Finding::broken(tool, format!("is not in {}", tools.display()), mend),
        Some(version) if version.split_whitespace().last() != Some(ours) => {
            Finding::broken(tool, format!("{version}, and cargo-intent is {ours}"), mend)
        }
        Some(version) => match on_path(tool).and_then(|found| found.canonicalize().ok()) {
            Some(found) if Some(&found) == path.canonicalize().ok().as_ref() => Finding::good(tool, version),
            Some(found) => {
                Finding::broken(tool, format!("PATH finds another one: {}", found.display()), mend)
            }
            None => {
                let mend = format!("export PATH=\"{}:$PATH\"", tools.display());
                Finding::missing(tool, format!("{version}, not on PATH"), mend)
            }
        },
    }
}

/// The first line of what it says to `--version`.
fn said(program: &Path) -> Option<String> {
    let output =
        Command::new(program).arg("--version").output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}
