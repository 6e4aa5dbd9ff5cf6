//! The file system: errors name their path, and what must be whole is written whole.

use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::types::hint::Hinted;

fn about(verb: &str, path: &Path) -> String {
    format!("cannot {verb} {}", path.display())
}

pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| about("read", path))
}

/// The bytes of a file; `None` where there is none.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| about("read", path)),
    }
}

pub fn read_to_string(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| about("read", path))
}

pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| about("write", path))
}

/// Names of the folders in a folder, links to folders among them; none where there is no such folder.
/// A name that is not UTF-8 is left out.
pub fn folders_in(path: &Path) -> Result<HashSet<String>> {
    let listing = match std::fs::read_dir(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(HashSet::new());
        }
        listing => listing.with_context(|| about("read", path))?,
    };
    let mut names = HashSet::new();
    for entry in listing {
        let entry = entry.with_context(|| about("read", path))?;
        let is_folder = match entry.file_type() {
            Ok(kind) if !kind.is_symlink() => kind.is_dir(),
            _ => entry.path().is_dir(),
        };
        if is_folder {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

pub fn create_dir_all(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| about("create", path))
}

/// Create a folder only its owner can enter.
///
/// # Errors
/// A link, or a folder of somebody else, that stands in its place: nothing is changed through it.
pub fn create_private_dir(path: &Path) -> Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| about("create", path))?;
    let found = std::fs::symlink_metadata(path).with_context(|| about("read", path))?;
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        bail!(Hinted::outside(format!("{} is not a folder of yours", path.display())));
    }
    if found.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
        .with_context(|| about("protect", path))
}

pub fn remove_file(path: &Path) -> Result<()> {
    std::fs::remove_file(path).with_context(|| about("remove", path))
}

/// Remove a file; one that is not there is removed already.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result.with_context(|| about("remove", path)),
    }
}

/// Remove a folder and what is in it; one that is not there is removed already.
pub fn remove_dir_all(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result.with_context(|| about("remove", path)),
    }
}

/// Write a file so that a reader sees the old bytes or the new, and a crash leaves one of them. It
/// keeps the permissions it has; a new one gets those of any new file.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .with_context(|| about("write in", folder))?;
    if let Ok(old) = std::fs::metadata(path) {
        file.as_file().set_permissions(old.permissions()).with_context(|| about("write", path))?;
    }
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).with_context(|| about("write", path))?;
    file.persist(path).with_context(|| about("write", path))?;
    sync_dir(folder)
}

/// Make a rename or a new name in this folder last.
pub fn sync_dir(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|dir| dir.sync_all()).with_context(|| about("sync", folder))
}

/// Point `link` at `target` in one step: a new link, a rename over the old, the folder synced.
pub fn replace_link(link: &Path, target: &Path) -> Result<()> {
    let folder = link.parent().unwrap_or(Path::new("."));
    let mut fresh = link.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    // One that a kill left behind.
    let _ = std::fs::remove_file(&fresh);
    std::os::unix::fs::symlink(target, &fresh).with_context(|| about("link", &fresh))?;
    std::fs::rename(&fresh, link).with_context(|| about("replace", link))?;
    sync_dir(folder)
}

/// Copy a file with its permissions, and have it on disk before returning.
pub fn copy_synced(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    File::open(to).and_then(|file| file.sync_all()).with_context(|| about("sync", to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_private_folder_is_not_made_of_where_a_link_leads() {
        let dir = tempfile::tempdir().unwrap();
        let (theirs, link) = (dir.path().join("theirs"), dir.path().join("link"));
        std::fs::create_dir(&theirs).unwrap();
        std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o755)).unwrap();
        symlink(&theirs, &link).unwrap();
        assert!(create_private_dir(&link).is_err());
        assert_eq!(mode(&theirs), 0o755);
        create_private_dir(&theirs).unwrap();
        assert_eq!(mode(&theirs), 0o700);
    }

    #[test]
    fn a_file_written_whole_keeps_its_permissions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write(&path, "old").unwrap();
        let usual = mode(&path);
        write_atomic(&dir.path().join("fresh"), b"new").unwrap();
        assert_eq!(mode(&dir.path().join("fresh")), usual);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!((read(&path).unwrap(), mode(&path)), (b"new".to_vec(), 0o640));
    }
}
