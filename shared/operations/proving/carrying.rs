//! Bringing a test target to the base: its files, the data they name, its place in the manifest.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use proc_macro2::{TokenStream, TokenTree};

use super::ground::Ground;
use super::manifest::{Made, with_target, with_workspace};
use crate::operations::digest::{TestItem, bounded};
use crate::storage::fs;

/// A test target that lies in the base's checkout now.
pub struct Carried {
    /// The package's name on the base.
    pub package: String,
    /// Paths of the target's files.
    pub files: Vec<String>,
    /// The manifest was changed.
    pub changed: bool,
}

/// Bring the item's target along; or why that cannot be.
pub fn carry(ground: &Ground, item: &TestItem, files: Vec<String>) -> Result<Result<Carried, String>> {
    let Some(package) = package_on_base(ground, &item.package) else {
        return Ok(Err("no package there".to_owned()));
    };
    let tests =
        if item.package.is_empty() { "tests/".to_owned() } else { format!("{}/tests/", item.package) };
    let mut wanted: BTreeSet<String> = files.iter().cloned().collect();
    for file in &files {
        wanted.extend(named_data(ground, &item.package, file)?);
    }
    ground.bring(|path| wanted.contains(path) || (path.starts_with(&tests) && !path.ends_with(".rs")))?;
    match manifests(ground, item)? {
        Ok(changed) => Ok(Ok(Carried { package, files, changed })),
        Err(why) => Ok(Err(why)),
    }
}

/// The name of the base's package in this folder.
pub fn package_on_base(ground: &Ground, folder: &str) -> Option<String> {
    let project = ground.project.as_ref().ok()?.as_ref()?;
    let folder = ground.path(folder).canonicalize().ok()?;
    let same = |path: &Path| path.canonicalize().is_ok_and(|path| path == folder);
    project.packages.iter().find(|package| same(package.folder())).map(|package| package.name.clone())
}

/// Files, but sources, that the texts in a test file name: as the test or `include_str!` finds them.
fn named_data(ground: &Ground, package: &str, file: &str) -> Result<Vec<String>> {
    let bytes = fs::read_if_there(&ground.question.subject.root.join(file))?.unwrap_or_default();
    let mut texts = Vec::new();
    if let Some(stream) = bounded::stream(&String::from_utf8_lossy(&bytes)) {
        literals(stream, &mut texts);
    }
    let beside = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let found = texts.iter().flat_map(|text| [joined(package, text), joined(beside, text)]).flatten();
    let own = ["Cargo.toml", "Cargo.lock"];
    let is_data = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        !path.ends_with(".rs") && !own.contains(&name) && ground.has_today(path)
    };
    Ok(found.filter(is_data).collect())
}

fn literals(stream: TokenStream, into: &mut Vec<String>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => literals(group.stream(), into),
            TokenTree::Literal(literal) => {
                if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                    into.push(text.value());
                }
            }
            _ => {}
        }
    }
}

/// A path inside the repository; `None` where it leads out.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!path.starts_with('/') && !parts.is_empty()).then(|| parts.join("/"))
}

/// Put the target into the package's manifest, and today's lock file beside what depends on more.
fn manifests(ground: &Ground, item: &TestItem) -> Result<Result<bool, String>> {
    let of_package = Path::new(&item.package).join("Cargo.toml");
    let of_package = of_package.to_string_lossy();
    let root = item.target.strip_prefix(&item.package).unwrap_or(&item.target).trim_start_matches('/');
    let today = ground.question.subject.root.join(&*of_package);
    let (today, there) = (fs::read_to_string(&today)?, fs::read_to_string(&ground.path(&of_package))?);
    let Made { text, grew, folders } = match with_target(&there, &today, &item.target_name, root) {
        Ok(made) => made,
        Err(why) => return Ok(Err(format!("{of_package}: {why}"))),
    };
    let changed = text != there;
    if changed {
        fs::write(&ground.path(&of_package), text)?;
    }
    // A crate of helpers for tests may be as new as they are.
    for folder in folders.iter().filter_map(|folder| joined(&item.package, folder)) {
        if !ground.path(&folder).join("Cargo.toml").is_file() {
            ground.bring(|path| path.starts_with(&format!("{folder}/")))?;
        }
    }
    if grew && let Some(project) = &ground.today {
        let of_root = |name: &str| ground.cargo.join(name);
        if let Some(lock) = fs::read_if_there(&project.root.join("Cargo.lock"))? {
            fs::write(&of_root("Cargo.lock"), lock)?;
        }
        let (today, there) = (project.root.join("Cargo.toml"), of_root("Cargo.toml"));
        let (today, old) = (fs::read_to_string(&today)?, fs::read_to_string(&there)?);
        match with_workspace(&old, &today) {
            Ok(text) if text != old => fs::write(&there, text)?,
            Ok(_) => {}
            Err(why) => return Ok(Err(format!("Cargo.toml: {why}"))),
        }
    }
    Ok(Ok(changed || grew))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(joined("a/tests", "../data/x.csv").as_deref(), Some("a/data/x.csv"));
        assert_eq!(joined("", "../x"), None);
        assert_eq!(joined("a", "/etc/passwd"), None);
        assert_eq!(joined("", ""), None);
    }
}
