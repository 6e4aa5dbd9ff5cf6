//! Where in a repository its cargo projects lie: at the root, or in folders of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::is_project;

/// How deep below the root a project is looked for.
const DEPTH: usize = 3;

/// The root where it is a cargo project itself; else the outermost folders that are, in order.
///
/// # Errors
/// A folder that cannot be listed.
pub fn projects(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    look(root, DEPTH, &mut found)?;
    found.sort();
    Ok(found)
}

fn look(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    if is_project(folder) {
        found.push(folder.to_owned());
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        // A link is none: it may lead out of the repository, or in a circle.
        if entry.file_type()?.is_dir() && is_source(&entry.path()) {
            look(&entry.path(), depth - 1, found)?;
        }
    }
    Ok(())
}

/// Not hidden, and not a folder that build tools fill.
fn is_source(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && !["target", "node_modules", "vendor"].contains(&name.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_project_or_the_outermost_folders_are() {
        let dir = tempfile::tempdir().unwrap();
        let project = |path: &str| {
            std::fs::create_dir_all(dir.path().join(path)).unwrap();
            std::fs::write(dir.path().join(path).join("Cargo.toml"), "").unwrap();
        };
        let found = || -> Vec<PathBuf> {
            let found = projects(dir.path()).unwrap();
            found.iter().map(|path| path.strip_prefix(dir.path()).unwrap().to_owned()).collect()
        };
        assert!(found().is_empty());
        project("services/api");
        project("services/api/inner");
        project("target/package/x");
        project(".hidden");
        assert_eq!(found(), [PathBuf::from("services/api")]);
        project("app");
        assert_eq!(found(), [PathBuf::from("app"), PathBuf::from("services/api")]);
        project("");
        assert_eq!(found(), [PathBuf::from("")]);
    }
}
