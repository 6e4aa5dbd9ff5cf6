//! Building with cargo: the executables it made, or the errors it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use cargo_metadata::{Message, TargetKind};

use crate::storage::process::{Outcome, Program, Runner};

/// What kind of target an executable is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArtifactKind {
    Bin,
    Lib,
    Test,
    Other,
}

/// An executable cargo made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub package: String,
    /// Folder of its package: tests run there.
    pub folder: PathBuf,
    /// Name of the target.
    pub name: String,
    pub kind: ArtifactKind,
    /// Whether it is the target's test program.
    pub is_test: bool,
    pub executable: PathBuf,
}

/// What a build made.
#[derive(Clone, Debug, Default)]
pub struct Built {
    pub artifacts: Vec<Artifact>,
    /// Folders build scripts made, by package folder, as `OUT_DIR` for tests that read it.
    pub out_dirs: BTreeMap<PathBuf, PathBuf>,
}

impl Built {
    pub fn bins(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts.iter().filter(|artifact| artifact.kind == ArtifactKind::Bin && !artifact.is_test)
    }

    pub fn tests(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts.iter().filter(|artifact| artifact.is_test)
    }
}

/// A build that failed, as the compiler and cargo tell it.
#[derive(Clone, Debug)]
pub struct CompilerErrors {
    /// One line: the first error.
    pub first: String,
    /// Everything, rendered without colour.
    pub rendered: String,
    /// What was made all the same.
    pub built: Built,
}

/// Build the binaries of all members; `extra` goes to cargo as it is.
///
/// # Errors
/// Only where cargo could not be run; a failed build is the inner result's.
pub fn build(
    runner: &Runner,
    dir: &Path,
    target_dir: Option<&Path>,
    extra: &[&str],
) -> Result<Result<Built, CompilerErrors>> {
    run(runner, super::command(dir).args(["build", "--workspace", "--bins"]), target_dir, extra)
}

/// Build every test program of all members, and the binaries they may start, without running any.
///
/// # Errors
/// Only where cargo could not be run; a failed build is the inner result's.
pub fn build_tests(
    runner: &Runner,
    dir: &Path,
    target_dir: Option<&Path>,
    extra: &[&str],
) -> Result<Result<Built, CompilerErrors>> {
    let command = super::command(dir).args(["test", "--no-run", "--no-fail-fast", "--workspace", "--tests"]);
    run(runner, command, target_dir, extra)
}

fn run(
    runner: &Runner,
    command: Program,
    target_dir: Option<&Path>,
    extra: &[&str],
) -> Result<Result<Built, CompilerErrors>> {
    let mut command = command.args(extra).arg("--message-format=json");
    if let Some(folder) = target_dir {
        command = command.arg("--target-dir").arg(folder);
    }
    let outcome = runner.run(&command.env("CARGO_TERM_COLOR", "never"))?;
    let (built, errors) = read(&outcome.stdout);
    if outcome.success() {
        return Ok(Ok(built));
    }
    Ok(Err(failed(&outcome, errors, built)))
}

/// What cargo's messages (`--message-format=json`) say was made.
pub fn built(stdout: &[u8]) -> Built {
    read(stdout).0
}

/// The artifacts, and the rendered errors, of cargo's messages.
pub(super) fn read(stdout: &[u8]) -> (Built, Vec<String>) {
    let mut built = Built::default();
    let mut errors = Vec::new();
    for message in Message::parse_stream(stdout) {
        match message {
            Ok(Message::CompilerArtifact(artifact)) => built.artifacts.extend(digested(artifact)),
            Ok(Message::BuildScriptExecuted(script)) => {
                // The id of a member ends in its folder: `path+file:///folder#name@version`.
                if let Some(folder) = member_folder(&script.package_id.repr) {
                    built.out_dirs.insert(folder, script.out_dir.into());
                }
            }
            Ok(Message::CompilerMessage(message)) => {
                let is_error = matches!(
                    message.message.level,
                    cargo_metadata::diagnostic::DiagnosticLevel::Error
                        | cargo_metadata::diagnostic::DiagnosticLevel::Ice
                );
                if is_error && let Some(rendered) = message.message.rendered {
                    errors.push(rendered);
                }
            }
            // Lines of build scripts and messages of later cargos say nothing here.
            _ => {}
        }
    }
    (built, errors)
}

fn member_folder(id: &str) -> Option<PathBuf> {
    let (path, _) = id.strip_prefix("path+file://")?.rsplit_once('#')?;
    Some(PathBuf::from(path))
}

fn digested(artifact: cargo_metadata::Artifact) -> Option<Artifact> {
    let executable = artifact.executable?;
    let kind = match artifact.target.kind.first() {
        Some(TargetKind::Bin) => ArtifactKind::Bin,
        Some(TargetKind::Test) => ArtifactKind::Test,
        Some(TargetKind::Lib | TargetKind::RLib | TargetKind::ProcMacro | TargetKind::CDyLib) => {
            ArtifactKind::Lib
        }
        _ => ArtifactKind::Other,
    };
    let folder = artifact.manifest_path.parent()?.to_owned();
    Some(Artifact {
        package: package_name(&artifact.package_id.repr),
        folder: folder.into(),
        name: artifact.target.name,
        kind,
        is_test: artifact.profile.test,
        executable: executable.into(),
    })
}

/// The name in a package id: `…#name@version`, or `…/name#version`.
fn package_name(id: &str) -> String {
    let (source, last) = id.rsplit_once('#').unwrap_or(("", id));
    let name = last.split_once('@').map(|(name, _)| name);
    let from_path = || source.rsplit('/').next().unwrap_or(last);
    name.unwrap_or_else(|| if last.starts_with(|c: char| c.is_ascii_digit()) { from_path() } else { last })
        .to_owned()
}

pub(super) fn failed(outcome: &Outcome, errors: Vec<String>, built: Built) -> CompilerErrors {
    let said = String::from_utf8_lossy(&outcome.stderr);
    if !errors.is_empty() {
        let first = errors[0].lines().next().unwrap_or_default().to_owned();
        return CompilerErrors { first, rendered: errors.concat(), built };
    }
    let first = said.lines().find(|line| line.starts_with("error")).or_else(|| said.lines().last());
    let first = first.map_or_else(|| format!("cargo ended with {}", outcome.words()), str::to_owned);
    CompilerErrors { first, rendered: said.into_owned(), built }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_both_forms_of_package_ids() {
        assert_eq!(package_name("path+file:///a/orders#orders-api@0.1.0"), "orders-api");
        assert_eq!(package_name("path+file:///a/orders#0.1.0"), "orders");
        assert_eq!(package_name("registry+https://x#serde@1.0.0"), "serde");
        assert_eq!(member_folder("path+file:///a/b#0.1.0"), Some(PathBuf::from("/a/b")));
    }
}
