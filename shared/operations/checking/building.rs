//! What has to be built before checks run: once, for all of them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Result;

use super::Subject;
use crate::operations::queue;
use crate::storage::cargo::{self, Artifact, Built, CompilerErrors, Project};
use crate::storage::process::{self, Program};
use crate::types::intent::{Anchor, ContractKind};

/// How long a test program may take to list its tests.
const LIST_LIMIT: Duration = Duration::from_secs(60);

/// The programs checks run.
#[derive(Default)]
pub struct Builds {
    pub project: Option<Project>,
    /// Why the binaries do not build.
    pub broken_bins: Option<CompilerErrors>,
    /// Why the test programs do not build.
    pub broken_tests: Option<CompilerErrors>,
    /// The folders the binaries lie in.
    bin_folders: Vec<PathBuf>,
    pub bins: BTreeMap<String, PathBuf>,
    pub suites: Vec<Suite>,
}

/// A test program and what it says it holds.
pub struct Suite {
    pub artifact: Artifact,
    pub out_dir: Option<PathBuf>,
    /// Names of its tests, or why they are not known.
    pub tests: Result<Vec<String>, String>,
    /// Why no approval holds its tests, once that was asked.
    pub unheld: OnceLock<Option<String>>,
}

impl Builds {
    /// Build what the subject's checks need, and nothing where none of them needs anything.
    pub fn make(subject: &Subject) -> Result<Self> {
        let checks = subject.intents.iter().flat_map(|intent| &intent.acceptance);
        let helps = subject
            .intents
            .iter()
            .flat_map(|intent| &intent.contracts)
            .any(|contract| matches!(contract.kind, ContractKind::CliHelp { .. }));
        Self::for_anchors(subject, &checks.map(|check| &check.anchor).collect::<Vec<_>>(), helps)
    }

    /// Build what checks on these anchors need; `helps`: and contracts on what a program prints.
    pub fn for_anchors(subject: &Subject, anchors: &[&Anchor], helps: bool) -> Result<Self> {
        let tests = anchors.iter().any(|anchor| matches!(anchor, Anchor::Test { .. }));
        let commands =
            helps || anchors.iter().any(|anchor| matches!(anchor, Anchor::Run(_) | Anchor::Fixtures(_)));
        if !tests && !commands {
            return Ok(Self::default());
        }
        let folder = cargo_folder(&subject.root)?;
        let mut builds = Self { project: Project::load(&folder)?, ..Self::default() };
        let has_bins = builds.project.as_ref().is_some_and(|project| project.bins().next().is_some());
        let target_dir = subject.target_dir.as_deref();
        if let Some(folder) = &subject.programs {
            builds.bin_folders.push(folder.clone());
        } else if commands && has_bins {
            match cargo::build(&subject.runner, &folder, target_dir, &[])? {
                Ok(built) => builds.take_bins(&built),
                Err(errors) => {
                    builds.take_bins(&errors.built);
                    builds.broken_bins = Some(errors);
                }
            }
        }
        if tests && builds.project.is_some() {
            let built = match cargo::build_tests(&subject.runner, &folder, target_dir, &[])? {
                Ok(built) => built,
                Err(mut errors) => {
                    let built = std::mem::take(&mut errors.built);
                    builds.broken_tests = Some(errors);
                    built
                }
            };
            builds.take_bins(&built);
            builds.suites = suites(subject, &built)?;
        }
        Ok(builds)
    }

    /// What somebody else built of the subject's folder.
    pub fn of(subject: &Subject, built: &Built) -> Result<Self> {
        let folder = cargo_folder(&subject.root)?;
        let mut builds = Self { project: Project::load(&folder)?, ..Self::default() };
        builds.take_bins(built);
        builds.suites = suites(subject, built)?;
        Ok(builds)
    }

    fn take_bins(&mut self, built: &Built) {
        for bin in built.bins() {
            self.bins.insert(bin.name.clone(), bin.executable.clone());
            let folder = bin.executable.parent().map(Path::to_owned);
            if let Some(folder) = folder.filter(|folder| !self.bin_folders.contains(folder)) {
                self.bin_folders.push(folder);
            }
        }
    }

    /// PATH with the project's own binaries first.
    pub fn path(&self) -> OsString {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders = self.bin_folders.iter().cloned().chain(std::env::split_paths(&inherited));
        // A folder with a colon in its name cannot be on PATH; then the inherited one has to do.
        std::env::join_paths(folders).unwrap_or(inherited)
    }

    /// Where the program of a command lies, looked up as the command will.
    pub fn locate(&self, name: &str, dir: &Path) -> Option<PathBuf> {
        process::on_path_in(name, &self.path(), dir)
    }

    /// Whether the project has a binary of this name, built or not.
    pub fn is_own(&self, name: &str) -> bool {
        self.project.as_ref().is_some_and(|project| project.bins().any(|bin| bin == name))
    }
}

/// Where the subject's cargo project lies: its root, or the one folder of it that holds a project.
pub fn cargo_folder(root: &Path) -> Result<PathBuf> {
    Ok(match cargo::projects(root)?.as_slice() {
        [one] => one.clone(),
        _ => root.to_owned(),
    })
}

fn suites(subject: &Subject, built: &Built) -> Result<Vec<Suite>> {
    let mut programs: Vec<&Artifact> = built.tests().collect();
    // Cargo tells of them as they get ready.
    programs.sort_by(|a, b| (&a.package, a.kind, &a.name).cmp(&(&b.package, b.kind, &b.name)));
    queue::in_order(
        &programs,
        2,
        |artifact| {
            let out_dir = built.out_dirs.get(&artifact.folder).cloned();
            let tests = list(subject, artifact, out_dir.as_deref())?;
            Ok(Suite { artifact: (*artifact).clone(), out_dir, tests, unheld: OnceLock::new() })
        },
        &mut |_| {},
    )
}

fn list(
    subject: &Subject,
    artifact: &Artifact,
    out_dir: Option<&Path>,
) -> Result<Result<Vec<String>, String>> {
    let program =
        test_program(None, artifact, out_dir).args(["--list", "--format", "terse"]).timeout(LIST_LIMIT);
    let outcome = subject.runner.run(&program)?;
    if !outcome.success() {
        return Ok(Err(format!("`{}` does not list its tests ({})", artifact.name, outcome.words())));
    }
    Ok(listed(&String::from_utf8_lossy(&outcome.stdout))
        .ok_or_else(|| format!("`{}` has a harness of its own that does not list its tests", artifact.name)))
}

/// The names in a listing; `None` where it is no listing.
fn listed(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_suffix(": test") {
            names.push(name.to_owned());
        } else if !line.ends_with(": benchmark") {
            return None;
        }
    }
    Some(names)
}

/// A test program with the surroundings cargo gives it.
pub fn test_program(project: Option<&Project>, artifact: &Artifact, out_dir: Option<&Path>) -> Program {
    let folder = &artifact.folder;
    let mut program = Program::new(&artifact.executable)
        .dir(folder)
        .env("CARGO", cargo::program())
        .env("CARGO_MANIFEST_DIR", folder)
        .env("CARGO_MANIFEST_PATH", folder.join("Cargo.toml"))
        .env("CARGO_PKG_NAME", &artifact.package)
        .env("RUST_BACKTRACE", "0")
        .env("LD_LIBRARY_PATH", libraries(artifact));
    if let Some(package) = project.and_then(|project| project.package(&artifact.package)) {
        program = program.env("CARGO_PKG_VERSION", &package.version);
        let numbers = package.version.split(['.', '-', '+']);
        for (part, number) in ["MAJOR", "MINOR", "PATCH"].iter().zip(numbers) {
            program = program.env(format!("CARGO_PKG_VERSION_{part}"), number);
        }
        let said = [
            ("AUTHORS", package.authors.join(":")),
            ("DESCRIPTION", package.description.clone().unwrap_or_default()),
            ("HOMEPAGE", package.homepage.clone().unwrap_or_default()),
            ("REPOSITORY", package.repository.clone().unwrap_or_default()),
        ];
        for (name, value) in said {
            program = program.env(format!("CARGO_PKG_{name}"), value);
        }
    }
    match out_dir {
        Some(folder) => program.env("OUT_DIR", folder),
        None => program,
    }
}

/// Where a test program finds dynamic libraries of its own build.
fn libraries(artifact: &Artifact) -> OsString {
    let inherited = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let folders =
        artifact.executable.parent().into_iter().flat_map(|deps| {
            [Some(deps.to_owned()), deps.parent().map(Path::to_owned)].into_iter().flatten()
        });
    let all =
        folders.chain(std::env::split_paths(OsStr::new(&inherited)).filter(|f| !f.as_os_str().is_empty()));
    std::env::join_paths(all).unwrap_or(inherited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_told_from_other_output() {
        assert_eq!(listed("a::b: test\nc: benchmark\n"), Some(vec!["a::b".to_owned()]));
        assert_eq!(listed(""), Some(Vec::new()));
        assert_eq!(listed("running my own things\n"), None);
    }
}
