//! Trees: files by path, and everything below a folder.

use anyhow::{Context, Result};
use gix::bstr::{BString, ByteSlice};
use gix::objs::tree::{EntryKind, EntryMode};

use super::{Oid, Repo};

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeFile {
    /// With `/` between folders. Bytes that are not UTF-8 stand as U+FFFD here and whole in `raw`.
    pub path: String,
    pub raw: Vec<u8>,
    pub oid: Oid,
    pub link: bool,
    pub executable: bool,
}

/// One entry of one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Bytes that are not UTF-8 stand as U+FFFD.
    pub name: String,
    pub oid: Oid,
    pub is_folder: bool,
}

impl Repo {
    /// What a tree itself holds, not what its folders do; submodules are left out.
    pub fn entries_of(&self, tree: Oid) -> Result<Vec<Entry>> {
        let tree = self.inner.find_tree(tree.0).with_context(|| format!("tree {tree}"))?;
        let mut entries = Vec::new();
        for entry in tree.iter() {
            let entry = entry?;
            if !entry.mode().is_commit() {
                entries.push(Entry {
                    name: entry.filename().to_str_lossy().into_owned(),
                    oid: Oid(entry.object_id()),
                    is_folder: entry.mode().is_tree(),
                });
            }
        }
        Ok(entries)
    }

    /// The bytes of one file of a commit or tree; `None` where there is no such file.
    pub fn file_at(&self, at: Oid, path: &str) -> Result<Option<Vec<u8>>> {
        let tree = self.inner.find_tree(self.tree_of(at)?.0)?;
        let Some(entry) = tree.lookup_entry_by_path(path).with_context(|| path.to_owned())? else {
            return Ok(None);
        };
        if !entry.mode().is_blob() {
            return Ok(None);
        }
        self.read_blob(Oid(entry.object_id())).map(Some)
    }

    /// The blob or tree at a path of a commit or tree; `None` where there is nothing.
    pub fn entry_at(&self, at: Oid, path: &str) -> Result<Option<Oid>> {
        let tree = self.inner.find_tree(self.tree_of(at)?.0)?;
        let entry = tree.lookup_entry_by_path(path).with_context(|| path.to_owned())?;
        Ok(entry.map(|entry| Oid(entry.object_id())))
    }

    /// Every file below `prefix` (`""`: all) of a commit or tree, in order of path; submodules are
    /// left out.
    pub fn files_under(&self, at: Oid, prefix: &str) -> Result<Vec<TreeFile>> {
        let tree = self.tree_of(at)?;
        let prefix = prefix.trim_end_matches('/');
        let mut files = Vec::new();
        if prefix.is_empty() {
            self.collect(tree, &BString::default(), &mut files)?;
            return Ok(files);
        }
        let root = self.inner.find_tree(tree.0)?;
        if let Some(entry) = root.lookup_entry_by_path(prefix).with_context(|| prefix.to_owned())? {
            self.enter(entry.mode(), Oid(entry.object_id()), prefix.into(), &mut files)?;
        }
        Ok(files)
    }

    fn collect(&self, tree: Oid, prefix: &BString, files: &mut Vec<TreeFile>) -> Result<()> {
        let tree = self.inner.find_tree(tree.0)?;
        for entry in tree.iter() {
            let entry = entry?;
            let mut path = prefix.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(entry.filename());
            self.enter(entry.mode(), Oid(entry.object_id()), path, files)?;
        }
        Ok(())
    }

    fn enter(&self, mode: EntryMode, oid: Oid, path: BString, files: &mut Vec<TreeFile>) -> Result<()> {
        match mode.kind() {
            EntryKind::Tree => self.collect(oid, &path, files)?,
            EntryKind::Commit => {}
            kind => files.push(TreeFile {
                path: path.to_str_lossy().into_owned(),
                raw: path.into(),
                oid,
                link: kind == EntryKind::Link,
                executable: kind == EntryKind::BlobExecutable,
            }),
        }
        Ok(())
    }

    /// The tree of a commit; a tree is its own.
    pub fn tree_of(&self, at: Oid) -> Result<Oid> {
        let object = self.inner.find_object(at.0).with_context(|| format!("object {at}"))?;
        Ok(Oid(object.peel_to_tree()?.id))
    }

    /// The tree with these files put in (`path`, blob); others stay.
    pub fn tree_with(&self, base: Oid, files: &[(String, Oid)]) -> Result<Oid> {
        let mut editor = self.inner.edit_tree(base.0)?;
        for (path, blob) in files {
            editor.upsert(path.as_str(), EntryKind::Blob, blob.0)?;
        }
        Ok(Oid(editor.write()?.detach()))
    }

    /// The tree without these paths.
    pub fn tree_without(&self, base: Oid, paths: &[String]) -> Result<Oid> {
        let mut editor = self.inner.edit_tree(base.0)?;
        for path in paths {
            editor.remove(path.as_str())?;
        }
        Ok(Oid(editor.write()?.detach()))
    }
}
