//! Cargo: what a project is made of, and what it builds. Foreign types stop here.

mod build;
mod diagnostics;
mod locate;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::process::Program;
use crate::types::hint::Hinted;

pub use build::{Artifact, ArtifactKind, Built, CompilerErrors, build, build_tests, built};
pub use diagnostics::{Diagnostic, Place, TestBuild, build_one_test};
pub use locate::projects;

/// A cargo project: a package, or a workspace of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Folder of the workspace.
    pub root: PathBuf,
    pub target_dir: PathBuf,
    /// The members, in cargo's order.
    pub packages: Vec<Package>,
    /// Names of the members a command without `--package` works on.
    pub default_members: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// Path of its `Cargo.toml`.
    pub manifest: PathBuf,
    /// Names of the binaries a build without `--features` makes.
    pub bins: Vec<String>,
    /// The binary `cargo run` takes where several are.
    pub default_run: Option<String>,
    pub has_lib: bool,
    /// Names of its test targets.
    pub tests: Vec<String>,
    pub description: Option<String>,
    pub authors: Vec<String>,
    pub homepage: Option<String>,
    pub repository: Option<String>,
}

impl Package {
    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

/// Whether a `Cargo.toml` lies in the folder.
pub fn is_project(dir: &Path) -> bool {
    dir.join("Cargo.toml").is_file()
}

impl Project {
    /// The project of the folder; `None` where no `Cargo.toml` lies in it.
    ///
    /// # Errors
    /// Cargo missing, or a manifest it cannot read, in its own words.
    pub fn load(dir: &Path) -> Result<Option<Self>> {
        if !is_project(dir) {
            return Ok(None);
        }
        let mut command = cargo_metadata::MetadataCommand::new();
        command.cargo_path(program()).manifest_path(dir.join("Cargo.toml")).no_deps();
        match command.exec() {
            Ok(metadata) => Ok(Some(Self::from(metadata))),
            Err(cargo_metadata::Error::CargoMetadata { stderr }) => {
                Err(Hinted::usage(format!("cargo cannot read the project:\n{}", stderr.trim()))
                    .hint("cargo metadata --no-deps --format-version 1")
                    .into())
            }
            Err(cargo_metadata::Error::Io(error)) => Err(anyhow::Error::from(error).context(
                Hinted::outside("cargo could not be started").hint("install Rust: https://rustup.rs"),
            )),
            Err(error) => Err(error).context("cargo metadata"),
        }
    }

    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// Names of all binaries of all members.
    pub fn bins(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().flat_map(|package| package.bins.iter().map(String::as_str))
    }
}

impl From<cargo_metadata::Metadata> for Project {
    fn from(metadata: cargo_metadata::Metadata) -> Self {
        let members = metadata.workspace_packages();
        // Older cargos do not tell which members are the default ones: then all of them are.
        let default_members = match metadata.workspace_default_members.is_available() {
            true => {
                metadata.workspace_default_packages().iter().map(|package| package.name.to_string()).collect()
            }
            false => members.iter().map(|package| package.name.to_string()).collect(),
        };
        Self {
            packages: members.into_iter().map(Package::from).collect(),
            default_members,
            root: metadata.workspace_root.into(),
            target_dir: metadata.target_directory.into(),
        }
    }
}

impl From<&cargo_metadata::Package> for Package {
    fn from(package: &cargo_metadata::Package) -> Self {
        let names = |wanted: fn(&cargo_metadata::Target) -> bool| {
            package.targets.iter().filter(|target| wanted(target)).map(|target| target.name.clone()).collect()
        };
        Self {
            name: package.name.to_string(),
            version: package.version.to_string(),
            manifest: package.manifest_path.clone().into(),
            bins: default_bins(package),
            default_run: package.default_run.clone(),
            has_lib: package.targets.iter().any(|target| target.is_lib() || target.is_proc_macro()),
            tests: names(cargo_metadata::Target::is_test),
            description: package.description.clone(),
            authors: package.authors.clone(),
            homepage: package.homepage.clone(),
            repository: package.repository.clone(),
        }
    }
}

/// The binaries whose required features are on by default; cargo leaves out the others without a word.
fn default_bins(package: &cargo_metadata::Package) -> Vec<String> {
    let mut on = vec!["default"];
    let mut at = 0;
    while let Some(&feature) = on.get(at) {
        for enabled in package.features.get(feature).into_iter().flatten() {
            if !on.contains(&enabled.as_str()) {
                on.push(enabled);
            }
        }
        at += 1;
    }
    let is_on = |feature: &String| on.contains(&feature.as_str());
    let bins = package.targets.iter().filter(|target| target.is_bin());
    bins.filter(|bin| bin.required_features.iter().all(is_on)).map(|bin| bin.name.clone()).collect()
}

/// The cargo to run: the one that started us, else the one on PATH.
pub fn program() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// `cargo` in a folder, without what a cargo that started us has set for its own build.
pub fn command(dir: &Path) -> Program {
    let mut command = Program::new(program()).dir(dir);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR") {
            command = command.env_remove(name);
        }
    }
    command
}
