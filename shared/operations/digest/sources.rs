//! Files as git stores them: of a commit, or of the work tree after git's clean filter.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::storage::repo::{Oid, Repo, Stored, TreeFile};
use crate::storage::{files, fs};

/// One state of the repository's files.
pub trait Sources {
    /// The bytes of a file; `None` where there is none.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>>;

    /// A file, held only where it is small; `None` where there is none.
    fn file(&self, path: &str) -> Result<Option<Stored>> {
        Ok(self.read(path)?.map(Stored::Held))
    }

    /// Paths of all files below a folder (`""`: all), sorted bytewise.
    fn files_under(&self, prefix: &str) -> Result<Vec<String>>;

    /// Whether the file is a symbolic link, whose bytes are where it points.
    fn is_link(&self, _path: &str) -> Result<bool> {
        Ok(false)
    }

    /// These will be read; a chance to read them all at once.
    fn prepare(&self, _paths: &[String]) -> Result<()> {
        Ok(())
    }
}

/// The files of a commit or tree.
pub struct AtCommit<'r> {
    repo: &'r Repo,
    files: OnceCell<BTreeMap<String, TreeFile>>,
    at: Oid,
}

impl<'r> AtCommit<'r> {
    pub fn new(repo: &'r Repo, at: Oid) -> Self {
        Self { repo, files: OnceCell::new(), at }
    }

    fn files(&self) -> Result<&BTreeMap<String, TreeFile>> {
        if let Some(files) = self.files.get() {
            return Ok(files);
        }
        let files = self.repo.files_under(self.at, "")?;
        let files = files.into_iter().map(|file| (file.path.clone(), file)).collect();
        Ok(self.files.get_or_init(|| files))
    }
}

impl Sources for AtCommit<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.files()?.get(path).map(|file| self.repo.read_blob(file.oid)).transpose()
    }

    fn file(&self, path: &str) -> Result<Option<Stored>> {
        self.files()?.get(path).map(|file| self.repo.stored(file.oid)).transpose()
    }

    fn is_link(&self, path: &str) -> Result<bool> {
        Ok(self.files()?.get(path).is_some_and(|file| file.link))
    }

    fn files_under(&self, prefix: &str) -> Result<Vec<String>> {
        let from = self.files()?.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        Ok(from.map(|(path, _)| path).take_while(|path| path.starts_with(prefix)).cloned().collect())
    }
}

/// The files of the work tree that a commit of all of it would hold, as git would store them now: not
/// those git ignores, nor what a linked folder leads to.
pub struct InFolder<'r> {
    repo: &'r Repo,
    listing: OnceCell<Vec<String>>,
    cleaned: RefCell<HashMap<String, Option<Stored>>>,
    /// Names of the folders in a folder.
    folders: RefCell<HashMap<String, HashSet<String>>>,
}

impl<'r> InFolder<'r> {
    pub fn new(repo: &'r Repo) -> Self {
        Self { repo, listing: OnceCell::new(), cleaned: RefCell::default(), folders: RefCell::default() }
    }

    /// Whether the folder `prefix` is there; the one around it is read once.
    fn has_folder(&self, prefix: &str) -> Result<bool> {
        let path = prefix.trim_end_matches('/');
        let (around, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut folders = self.folders.borrow_mut();
        if let Some(known) = folders.get(around) {
            return Ok(known.contains(name));
        }
        let found = fs::folders_in(&self.repo.root()?.join(around))?;
        let is_there = found.contains(name);
        folders.insert(around.to_owned(), found);
        Ok(is_there)
    }

    fn listing(&self) -> Result<&[String]> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let mut listing = self.repo.listed_files()?;
        listing.sort();
        listing.dedup();
        Ok(self.listing.get_or_init(|| listing))
    }

    /// Whether git would store something at this path.
    fn has(&self, path: &str) -> Result<bool> {
        let root = self.repo.root()?;
        // A file that is not there needs no listing.
        if !is_file(&root.join(path)) {
            return Ok(false);
        }
        let is_listed = self.listing()?.binary_search_by(|listed| listed.as_str().cmp(path)).is_ok();
        Ok(is_listed && !is_behind_a_link(root, path))
    }
}

impl Sources for InFolder<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.file(path)?.map(|stored| stored.whole()).transpose()
    }

    fn file(&self, path: &str) -> Result<Option<Stored>> {
        self.prepare(&[path.to_owned()])?;
        Ok(self.cleaned.borrow().get(path).cloned().flatten())
    }

    fn is_link(&self, path: &str) -> Result<bool> {
        Ok(self.repo.root()?.join(path).is_symlink())
    }

    fn files_under(&self, prefix: &str) -> Result<Vec<String>> {
        // Most intents have no folder, and git need not be asked about one that is not there.
        let root = self.repo.root()?;
        if !prefix.is_empty() && (!self.has_folder(prefix)? || is_behind_a_link(root, &format!("{prefix}.")))
        {
            return Ok(Vec::new());
        }
        let listing = self.listing()?;
        let first = listing.partition_point(|path| path.as_str() < prefix);
        let below = listing[first..].iter().take_while(|path| path.starts_with(prefix));
        let there = |path: &&String| is_file(&root.join(path)) && !is_behind_a_link(root, path);
        Ok(below.filter(there).cloned().collect())
    }

    fn prepare(&self, paths: &[String]) -> Result<()> {
        let root = self.repo.root()?;
        let mut cleaned = self.cleaned.borrow_mut();
        let mut wanted = Vec::new();
        for path in paths {
            if cleaned.contains_key(path) {
                continue;
            }
            let full = root.join(path);
            if !self.has(path)? {
                cleaned.insert(path.clone(), None);
            } else if full.is_symlink() {
                // Git stores where a link points.
                let target = std::fs::read_link(&full)?;
                cleaned
                    .insert(path.clone(), Some(Stored::Held(target.into_os_string().into_encoded_bytes())));
            } else {
                wanted.push(path.clone());
            }
        }
        wanted.sort();
        wanted.dedup();
        let stored = self.repo.cleaned(&wanted)?;
        cleaned.extend(wanted.into_iter().zip(stored.into_iter().map(Some)));
        Ok(())
    }
}

/// The files of any folder that its `.gitignore` files do not name, byte for byte: enough to look at
/// them, not to take a digest of them.
pub struct Plain {
    root: PathBuf,
    listing: OnceCell<Vec<String>>,
}

impl Plain {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), listing: OnceCell::new() }
    }
}

impl Sources for Plain {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let full = self.root.join(path);
        if full.is_file() { fs::read_if_there(&full) } else { Ok(None) }
    }

    fn files_under(&self, prefix: &str) -> Result<Vec<String>> {
        if self.listing.get().is_none() {
            let listing = files::listed(&self.root)?;
            let _ = self.listing.set(listing);
        }
        let listing = self.listing.get().into_iter().flatten();
        Ok(listing.filter(|path| path.starts_with(prefix)).cloned().collect())
    }
}

fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file() || found.is_symlink())
}

/// Whether a folder on the way to it is a link, behind which git stores nothing.
fn is_behind_a_link(root: &Path, path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.into_iter().any(|folder| root.join(folder).is_symlink())
}
