//! Files below one folder, and none outside of it, wherever links and names point.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};

use crate::types::hint::Hinted;

/// A folder that nothing leads out of.
pub struct Inside {
    root: PathBuf,
    dir: Dir,
    listing: OnceLock<Result<Vec<String>, String>>,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Gone,
    /// A link on the way leads out of the folder.
    Outside,
    /// A folder, a pipe, a device.
    NoFile,
    /// A link to a folder.
    LinkedFolder,
    TooBig {
        size_bytes: u64,
    },
    Unreadable(String),
}

impl fmt::Display for Refused {
    /// What follows the path: `is not a file`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => write!(f, "does not exist"),
            Self::Outside => write!(f, "leads outside the repository"),
            Self::NoFile => write!(f, "is not a file"),
            Self::LinkedFolder => write!(f, "is a link to a folder"),
            Self::TooBig { size_bytes } => write!(f, "has {size_bytes} bytes, which is more than is read"),
            Self::Unreadable(why) => write!(f, "cannot be read: {why}"),
        }
    }
}

impl Inside {
    pub fn open(root: &Path) -> Result<Self> {
        let dir = Dir::open_ambient_dir(root, ambient_authority());
        let dir = dir.with_context(|| format!("cannot open {}", root.display()))?;
        Ok(Self { root: root.to_owned(), dir, listing: OnceLock::new() })
    }

    /// The same folder, for somebody who must own it.
    pub fn share(&self) -> Result<Arc<Self>> {
        let dir = self.dir.try_clone().with_context(|| format!("cannot open {}", self.root.display()))?;
        Ok(Arc::new(Self { root: self.root.clone(), dir, listing: OnceLock::new() }))
    }

    /// Names of the visible folders in a folder, sorted; none where it is not there.
    pub fn folders(&self, path: &str) -> Result<Vec<String>, Refused> {
        let listing = match self.dir.read_dir(path).map_err(refused) {
            Err(Refused::Gone) => return Ok(Vec::new()),
            listing => listing?,
        };
        let mut names = Vec::new();
        for entry in listing {
            let entry = entry.map_err(refused)?;
            let is_dir = entry.file_type().map_err(refused)?.is_dir();
            names
                .extend(entry.file_name().into_string().ok().filter(|name| is_dir && !name.starts_with('.')));
        }
        names.sort();
        Ok(names)
    }

    /// Whether a folder lies there, reached without leaving this one.
    pub fn look_for_folder(&self, path: &str) -> Result<(), Refused> {
        match self.dir.metadata(path).map_err(refused)?.is_dir() {
            true => Ok(()),
            false => Err(Refused::NoFile),
        }
    }

    /// A file of any size, to be read piece by piece.
    pub fn file(&self, path: &str) -> Result<File, Refused> {
        self.look(path)?;
        Ok(self.dir.open(path).map_err(refused)?.into_std())
    }

    /// The bytes of a file of at most `most_bytes`.
    pub fn read(&self, path: &str, most_bytes: u64) -> Result<Vec<u8>, Refused> {
        let found = self.found(path)?;
        if found.len() > most_bytes {
            return Err(Refused::TooBig { size_bytes: found.len() });
        }
        let file = self.dir.open(path).map_err(refused)?;
        let mut bytes = Vec::new();
        file.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(refused)?;
        match u64::try_from(bytes.len()) {
            Ok(length) if length <= most_bytes => Ok(bytes),
            _ => Err(Refused::TooBig { size_bytes: found.len() }),
        }
    }

    /// Whether a file lies there, reached without leaving the folder.
    pub fn look(&self, path: &str) -> Result<(), Refused> {
        self.found(path).map(drop)
    }

    /// What is said of a path with a link on the way to it, or that is one itself: git stores where a
    /// link points, so no approval holds what a check would read through it.
    pub fn linked(&self, path: &str) -> Option<String> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let mut ways = ends.map(|end| &path[..end]).filter(|way| !way.is_empty());
        let link = ways.find(|way| self.dir.symlink_metadata(way).is_ok_and(|itself| itself.is_symlink()))?;
        let is_file = link.len() == path.len() && self.look(path).is_ok();
        Some(format!("{link} is a link; put the {} itself there", if is_file { "file" } else { "folder" }))
    }

    /// What is known of a file. Opening something else may never return: a pipe waits for a writer.
    fn found(&self, path: &str) -> Result<Metadata, Refused> {
        let found = self.dir.metadata(path).map_err(refused)?;
        if found.is_file() {
            return Ok(found);
        }
        let is_link = self.dir.symlink_metadata(path).is_ok_and(|itself| itself.is_symlink());
        Err(if found.is_dir() && is_link { Refused::LinkedFolder } else { Refused::NoFile })
    }

    /// Write a file, with the folders on the way to it.
    ///
    /// # Errors
    /// A link that leads outside, and whatever the file system refuses.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let about = || format!("cannot write {path}");
        if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            self.dir.create_dir_all(folder).with_context(about)?;
        }
        match self.dir.write(path, bytes) {
            Err(error) if refused_outside(&error) => {
                Err(Hinted::usage(format!("{path} leads outside the repository; nothing was written")).into())
            }
            result => result.with_context(about),
        }
    }

    /// Paths of all files git does not ignore, sorted; links count, and are not walked into.
    ///
    /// # Errors
    /// What could not be listed, in words: a part of the listing would be taken for the whole.
    pub fn files(&self) -> Result<&[String], String> {
        self.listing.get_or_init(|| self.walk()).as_deref().map_err(Clone::clone)
    }

    fn walk(&self) -> Result<Vec<String>, String> {
        // Rules outside the folder are not the repository's, and a clean checkout has no `.git`.
        let mut walk = ignore::WalkBuilder::new(&self.root);
        walk.hidden(false).parents(false).ignore(false).git_global(false).require_git(false);
        walk.filter_entry(|entry| entry.file_name() != ".git");
        let mut paths = Vec::new();
        for entry in walk.build() {
            let entry = entry.map_err(|error| error.to_string())?;
            if entry.file_type().is_none_or(|kind| kind.is_dir()) {
                continue;
            }
            // A name that is not UTF-8 is one no glob of an intent can be written for.
            if let Some(path) = entry.path().strip_prefix(&self.root).ok().and_then(Path::to_str) {
                paths.push(path.to_owned());
            }
        }
        paths.sort();
        Ok(paths)
    }
}

fn refused_outside(error: &std::io::Error) -> bool {
    // The operating system's own refusals carry its number.
    error.kind() == ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

fn refused(error: std::io::Error) -> Refused {
    match error.kind() {
        // No file has a name of more bytes than a name may have.
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => Refused::Gone,
        _ if refused_outside(&error) => Refused::Outside,
        _ => Refused::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_outside_the_folder_is_read_or_written() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("repo");
        std::fs::create_dir_all(root.join("a")).unwrap();
        std::fs::write(outer.path().join("secret"), "s").unwrap();
        std::fs::write(root.join("a/x"), "four").unwrap();
        symlink("../secret", root.join("out")).unwrap();
        symlink(outer.path().join("secret"), root.join("absolute")).unwrap();
        symlink("a/x", root.join("in")).unwrap();
        symlink("..", root.join("up")).unwrap();
        let inside = Inside::open(&root).unwrap();
        assert_eq!(inside.read("in", 10).unwrap(), b"four");
        for path in ["out", "absolute", "../secret", "up/secret", "/etc/passwd"] {
            assert_eq!(inside.read(path, 10), Err(Refused::Outside), "{path}");
            assert!(inside.write(path, b"x").is_err(), "{path}");
        }
        assert_eq!(std::fs::read(outer.path().join("secret")).unwrap(), b"s");
        assert_eq!(inside.read("nowhere/x", 10), Err(Refused::Gone));
        assert_eq!(inside.read("a/x/y", 10), Err(Refused::Gone));
        assert_eq!(inside.read("a", 10), Err(Refused::NoFile));
        symlink("a", root.join("folder")).unwrap();
        assert_eq!(inside.read("folder", 10), Err(Refused::LinkedFolder));
        assert_eq!(
            (inside.look_for_folder("folder"), inside.look_for_folder("up")),
            (Ok(()), Err(Refused::Outside))
        );
        assert!(inside.file("in").is_ok() && matches!(inside.file("out"), Err(Refused::Outside)));
        assert_eq!(inside.read(&"n".repeat(300), 10), Err(Refused::Gone));
        assert_eq!(inside.read("a/x", 3), Err(Refused::TooBig { size_bytes: 4 }));
        inside.write("new/deep/file", b"text").unwrap();
        assert_eq!(inside.look("new/deep/file"), Ok(()));
        assert_eq!(inside.linked("in").unwrap(), "in is a link; put the file itself there");
        assert_eq!(inside.linked("folder/x").unwrap(), "folder is a link; put the folder itself there");
        assert_eq!((inside.linked("a/x"), inside.linked("a/none/x")), (None, None));
    }

    #[test]
    fn the_listing_leaves_out_what_git_ignores_and_git_itself() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in
            [(".gitignore", "target\n"), ("target/x", ""), (".git/config", ""), (".ci/run", ""), ("b", "")]
        {
            std::fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(root.path().join(path), text).unwrap();
        }
        let inside = Inside::open(root.path()).unwrap();
        assert_eq!(inside.files().unwrap(), [".ci/run", ".gitignore", "b"]);
    }
}
