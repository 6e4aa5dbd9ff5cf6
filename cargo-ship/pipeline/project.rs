//! Which cargo project of the repository is shipped, which package of it, and which binary runs.

use std::path::Path;

use anyhow::Result;
use factory::storage::cargo::{self, Package, Project};
use factory::types::hint::Hinted;

/// The cargo project at the root or in a folder of the repository, and which folder; the one that has
/// the wanted package where there are several.
pub fn project_of(root: &Path, wanted: Option<&str>) -> Result<(String, Project)> {
    let mut loaded = Vec::new();
    for folder in cargo::projects(root)? {
        let name = folder.strip_prefix(root).unwrap_or(&folder).to_string_lossy().into_owned();
        loaded.extend(Project::load(&folder)?.map(|project| (name, project)));
    }
    if loaded.len() > 1
        && let Some(wanted) = wanted
    {
        loaded.retain(|(_, project)| project.package(wanted).is_some());
    }
    match loaded.len() {
        1 => Ok(loaded.remove(0)),
        0 if wanted.is_some() => Err(no_package(wanted.unwrap_or_default()).into()),
        0 => Err(Hinted::usage(format!(
            "{} is not a cargo project, and only those can be shipped yet",
            root.display()
        ))
        .hint("cargo init")
        .into()),
        _ => {
            let folders: Vec<&str> = loaded.iter().map(|(folder, _)| folder.as_str()).collect();
            let packages = loaded.iter().flat_map(|(_, project)| &project.packages);
            let names: Vec<&str> = packages.map(|package| package.name.as_str()).collect();
            Err(several(
                &format!("several cargo projects lie here ({}), with the packages", folders.join(", ")),
                &names,
            )
            .into())
        }
    }
}

/// A path of the repository, of one within the project's folder.
pub fn within(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

fn several(what: &str, names: &[&str]) -> Hinted {
    let first = names.first().copied().unwrap_or("app");
    Hinted::usage(format!("{what}: {}", names.join(", ")))
        .hint(format!("say which to ship in factory.toml: [ship] package = {first:?}"))
}

fn no_package(name: &str) -> Hinted {
    Hinted::usage(format!("no package {name:?} in this repository")).hint("[ship] package in factory.toml")
}

pub fn choose<'p>(project: &'p Project, wanted: Option<&str>) -> Result<&'p Package> {
    if let Some(name) = wanted {
        let found = project.packages.iter().find(|package| package.name == name);
        return found.ok_or_else(|| no_package(name).into());
    }
    let candidates: Vec<&Package> =
        project.packages.iter().filter(|package| !package.bins.is_empty()).collect();
    match candidates.as_slice() {
        [one] => Ok(one),
        [] => match project.packages.first() {
            Some(library) => Err(library_not_yet(&library.name).into()),
            None => Err(Hinted::usage("the workspace has no package").hint("cargo new app").into()),
        },
        many => {
            let at_root = many.iter().find(|package| package.folder() == project.root);
            at_root.copied().ok_or_else(|| {
                let names: Vec<&str> = many.iter().map(|package| package.name.as_str()).collect();
                several("several packages could be shipped", &names).into()
            })
        }
    }
}

pub fn library_not_yet(name: &str) -> Hinted {
    Hinted::usage(format!("{name} is a library, and publishing one is not built yet"))
        .hint("cargo publish; or give the package a binary: src/main.rs")
}

pub fn main_binary(package: &Package) -> Result<String> {
    let named = |name: &str| package.bins.iter().find(|bin| *bin == name).cloned();
    let default = package.default_run.as_deref().and_then(named).or_else(|| named(&package.name));
    let only = || if let [one] = package.bins.as_slice() { Some(one.clone()) } else { None };
    default.or_else(only).ok_or_else(|| {
        Hinted::usage(format!("{} has several binaries: {}", package.name, package.bins.join(", ")))
            .hint("name the one to run in Cargo.toml: default-run")
            .into()
    })
}
