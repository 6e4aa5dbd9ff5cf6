//! The targets of a repository's packages that may hold tests, from its files alone.

use anyhow::Result;
use toml_edit::{Document, Item, Table};

use super::join;
use crate::operations::digest::sources::Sources;

/// One root file that is compiled into a test program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    /// Path of the root file.
    pub root: String,
    /// Folder of its package; empty at the top.
    pub package: String,
    /// A test program of its own, and not the library or a binary.
    pub apart: bool,
}

/// Every target of every `Cargo.toml`.
pub fn targets(sources: &dyn Sources) -> Result<Vec<Target>> {
    let files = sources.files_under("")?;
    let manifests: Vec<&String> =
        files.iter().filter(|path| *path == "Cargo.toml" || path.ends_with("/Cargo.toml")).collect();
    sources.prepare(&files.iter().filter(|path| path.ends_with(".rs")).cloned().collect::<Vec<_>>())?;
    let mut targets = Vec::new();
    for manifest in manifests {
        let Some(text) = sources.read(manifest)?.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            continue;
        };
        // A manifest that cannot be read is cargo's to name when it builds.
        if let Ok(document) = Document::parse(text.as_str()) {
            let package = manifest.trim_end_matches("Cargo.toml").trim_end_matches('/');
            of_package(package, document.as_table(), &files, &mut targets);
        }
    }
    targets.sort_by(|a: &Target, b| (&a.root, &a.name).cmp(&(&b.root, &b.name)));
    targets.dedup_by(|a, b| a.root == b.root);
    Ok(targets)
}

fn of_package(package: &str, manifest: &Table, files: &[String], targets: &mut Vec<Target>) {
    let Some(about) = manifest.get("package").and_then(Item::as_table_like) else { return };
    let name = about.get("name").and_then(Item::as_str).unwrap_or_default().to_owned();
    let mut add = |name: &str, root: String, apart: bool| {
        if files.binary_search(&root).is_ok() {
            targets.push(Target { name: name.to_owned(), root, package: package.to_owned(), apart });
        }
    };
    for kind in ["test", "bin"] {
        let Some(tables) = manifest.get(kind).and_then(Item::as_array_of_tables) else { continue };
        for table in tables {
            let name = table.get("name").and_then(Item::as_str).unwrap_or_default();
            let folder = if kind == "test" { "tests" } else { "src/bin" };
            match table.get("path").and_then(Item::as_str) {
                Some(path) => add(name, join(package, path), kind == "test"),
                None => {
                    add(name, join(package, &format!("{folder}/{name}.rs")), kind == "test");
                    add(name, join(package, &format!("{folder}/{name}/main.rs")), kind == "test");
                }
            }
        }
    }
    let library = manifest.get("lib").and_then(|lib| lib.get("path")).and_then(Item::as_str);
    add(&name, join(package, library.unwrap_or("src/lib.rs")), false);
    add(&name, join(package, "src/main.rs"), false);
    let automatic = |key: &str| about.get(key).and_then(Item::as_bool).unwrap_or(true);
    for (key, folder) in [("autotests", "tests"), ("autobins", "src/bin")] {
        if automatic(key) {
            for (name, root) in found_by_cargo(&join(package, folder), files) {
                add(&name, root, key == "autotests");
            }
        }
    }
}

/// `<folder>/<name>.rs` and `<folder>/<name>/main.rs`.
fn found_by_cargo(folder: &str, files: &[String]) -> Vec<(String, String)> {
    let prefix = format!("{folder}/");
    let name_of = |path: &str| {
        let rest = path.strip_prefix(&prefix)?;
        let name = rest.strip_suffix("/main.rs").or_else(|| rest.strip_suffix(".rs"))?;
        (!name.contains('/')).then(|| name.to_owned())
    };
    files.iter().filter_map(|path| Some((name_of(path)?, path.clone()))).collect()
}
