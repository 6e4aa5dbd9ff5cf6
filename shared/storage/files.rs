//! The files of a folder that git would not ignore, found without git.

use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use ignore::{WalkBuilder, WalkState};

/// Paths of all files below `root`, relative to it and sorted bytewise. Left out: `.git`, links, what
/// the folder's own `.gitignore` and `.ignore` files name, and names that are not UTF-8. What the machine
/// ignores elsewhere does not count, so that every clone finds the same.
pub fn listed(root: &Path) -> Result<Vec<String>> {
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build_parallel();
    let found: Mutex<Result<Vec<String>, ignore::Error>> = Mutex::new(Ok(Vec::new()));
    walk.run(|| {
        Box::new(|entry| {
            let Ok(mut found) = found.lock() else { return WalkState::Quit };
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
                    if let (Ok(all), Some(path)) = (found.as_mut(), path.to_str()) {
                        all.push(path.to_owned());
                    }
                    WalkState::Continue
                }
                Ok(_) => WalkState::Continue,
                // A file that went away while the folder was read is no trouble.
                Err(error) if error.io_error().is_some_and(is_gone) => WalkState::Continue,
                Err(error) => {
                    *found = Err(error);
                    WalkState::Quit
                }
            }
        })
    });
    let found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut paths = found.with_context(|| format!("cannot list {}", root.display()))?;
    paths.sort();
    Ok(paths)
}

fn is_gone(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_ignores_is_not_listed() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".gitignore", "/target\n*.log\n");
        write("target/a.rs", "");
        write("b/c.log", "");
        write("b/c.rs", "");
        write(".ci/run", "");
        write(".git/config", "");
        std::os::unix::fs::symlink("b/c.rs", dir.path().join("link")).unwrap();
        assert_eq!(listed(dir.path()).unwrap(), [".ci/run", ".gitignore", "b/c.rs"]);
    }
}
