//! Where an intent's tests belong: into the package whose binary the examples' command names.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use anyhow::{Context, Result};
use factory::storage::cargo::{self, Package, Project};
use factory::storage::fs;
use factory::types::intent::{Anchor, Intent};

use super::names::file_name;
use super::{is_ours, render};

/// How deep below the root packages with tests of ours are looked for.
const DEPTH: usize = 4;

/// A file of tests as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Relative to the root.
    pub path: String,
    pub text: String,
}

/// The files of tests that `intent` asks for in the cargo projects below `root`.
///
/// # Errors
/// A manifest cargo cannot read.
pub fn plan(root: &Path, intent: &Intent) -> Result<Vec<Planned>> {
    if programs(intent).next().is_none() {
        return Ok(Vec::new());
    }
    // Cargo tells canonical paths.
    let root = root.canonicalize().with_context(|| root.display().to_string())?;
    let mut planned = Vec::new();
    let mut taken = BTreeSet::new();
    for folder in cargo::projects(&root)? {
        for package in Project::load(&folder)?.iter().flat_map(|project| &project.packages) {
            // Two packages may have binaries of one name; the checks run one of them.
            let bins: Vec<&str> = package
                .bins
                .iter()
                .map(String::as_str)
                .filter(|bin| taken.insert((*bin).to_owned()))
                .collect();
            if let Some(folder) = relative(&root, package) {
                planned.extend(render::file(&root, intent, &folder, &bins)?.map(|text| Planned {
                    path: joined(&folder, &format!("tests/{}", file_name(&intent.slug))),
                    text,
                }));
            }
        }
    }
    Ok(planned)
}

/// Names of the programs that fixtures checks run.
pub fn programs(intent: &Intent) -> impl Iterator<Item = String> + '_ {
    intent.acceptance.iter().filter_map(|check| match &check.anchor {
        Anchor::Fixtures(fixtures) => shlex::split(&fixtures.command)?.into_iter().next(),
        _ => None,
    })
}

/// The package's folder from the root, with `/`; `None` where it lies outside.
fn relative(root: &Path, package: &Package) -> Option<String> {
    let folder = package.folder().strip_prefix(root).ok()?;
    let names: Option<Vec<&str>> = folder
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    Some(names?.join("/"))
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether `path` is a test of this file name.
pub fn is_test(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|folder| folder == "tests/" || folder.ends_with("/tests/"))
}

/// Paths of the files of ours that hold the tests of `slug`.
pub fn ours(root: &Path, slug: &str) -> Result<Vec<String>> {
    let name = file_name(slug);
    let mut paths = written(root)?;
    paths.retain(|path| is_test(path, &name));
    Ok(paths)
}

/// Paths of all files of ours, sorted. Reads folders and the files that are called so; nothing is started.
fn written(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    look(root, "", DEPTH, &mut found)?;
    found.sort();
    Ok(found)
}

fn look(root: &Path, folder: &str, depth: usize, found: &mut Vec<String>) -> Result<()> {
    let tests = joined(folder, "tests");
    for name in entries(&root.join(&tests), false)? {
        let path = format!("{tests}/{name}");
        if name.starts_with("intent_") && name.ends_with(".rs") && is_ours(&fs::read(&root.join(&path))?) {
            found.push(path);
        }
    }
    if depth == 0 {
        return Ok(());
    }
    for name in entries(&root.join(folder), true)? {
        let skipped = name.starts_with('.')
            || ["target", "node_modules", "vendor", "tests", "src", "intents"].contains(&name.as_str());
        if !skipped {
            look(root, &joined(folder, &name), depth - 1, found)?;
        }
    }
    Ok(())
}

/// Names of the folders in a folder, or of its files; links are neither.
fn entries(folder: &Path, folders: bool) -> Result<Vec<String>> {
    let listing = match std::fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    };
    let mut names = Vec::new();
    for entry in listing {
        let entry = entry.with_context(|| folder.display().to_string())?;
        let kind = entry.file_type().with_context(|| entry.path().display().to_string())?;
        if (folders && kind.is_dir()) || (!folders && kind.is_file()) {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

/// Files of ours that no longer say what their intent says.
pub fn behind(root: &Path, intents: &[&Intent]) -> Result<Vec<(String, String)>> {
    let asks = |intent: &&&Intent| programs(intent).next().is_some();
    let asking: Vec<&&Intent> = intents.iter().filter(asks).collect();
    if asking.is_empty() {
        return Ok(Vec::new());
    }
    let mut behind = Vec::new();
    for path in written(root)? {
        let of = |intent: &&&&Intent| is_test(&path, &file_name(&intent.slug));
        let Some(intent) = asking.iter().find(of) else { continue };
        let there = fs::read(&root.join(&path))?;
        // Which binaries are the package's own is said in the file: cargo need not be asked.
        let text = String::from_utf8_lossy(&there);
        let bins: Vec<&str> =
            text.split("\"CARGO_BIN_EXE_").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let folder = path.rsplit_once("tests/").map_or("", |(folder, _)| folder.trim_end_matches('/'));
        if render::file(root, intent, folder, &bins)?.is_none_or(|text| text.as_bytes() != there) {
            behind.push((intent.slug.clone(), path.clone()));
        }
    }
    Ok(behind)
}
