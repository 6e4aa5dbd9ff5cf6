//! A write-ahead journal: what must be durable before an effect.
//!
//! JSON objects, one a line, each synced to the disk before [`Journal::append`] returns. Git writes
//! no loose object durably, so records are published to the notes from here, and a published
//! journal is removed.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::fs;

/// An open journal; one process appends at a time, which is the caller's lock to hold.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

/// What a journal held: whole records, and lines that were not (a torn last line after a power cut).
#[derive(Debug, Default)]
pub struct Content {
    pub records: Vec<Value>,
    pub unreadable: Vec<Vec<u8>>,
}

impl Journal {
    /// Open or begin a journal. A torn last line is closed off so that the next record stands alone.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let name = || path.display().to_string();
        let fresh = !path.exists();
        let mut file = OpenOptions::new().create(true).append(true).open(path).with_context(name)?;
        let torn = fs::read(path)?.last().is_some_and(|byte| *byte != b'\n');
        if torn {
            file.write_all(b"\n").and_then(|()| file.sync_data()).with_context(name)?;
        }
        if fresh && let Some(folder) = path.parent() {
            fs::sync_dir(folder)?;
        }
        Ok(Self { path: path.to_owned(), file })
    }

    /// Write one record and have it on the disk.
    pub fn append(&mut self, record: &Value) -> Result<()> {
        let line = format!("{record}\n");
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .with_context(|| format!("cannot write {}", self.path.display()))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Read a journal; one that is not there is empty.
pub fn read(path: &Path) -> Result<Content> {
    let mut content = Content::default();
    let Some(bytes) = fs::read_if_there(path)? else { return Ok(content) };
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(record) => content.records.push(record),
            Err(_) => content.unreadable.push(line.to_owned()),
        }
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_torn_line_is_kept_apart_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/journal.jsonl");
        Journal::open(&path).unwrap().append(&json!({"a": 1})).unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"b\":").unwrap();
        Journal::open(&path).unwrap().append(&json!({"c": 3})).unwrap();
        let content = read(&path).unwrap();
        assert_eq!(content.records, [json!({"a": 1}), json!({"c": 3})]);
        assert_eq!(content.unreadable, [b"{\"b\":".to_vec()]);
    }

    #[test]
    fn a_journal_that_is_not_there_is_empty() {
        assert!(read(Path::new("/nonexistent/journal")).unwrap().records.is_empty());
    }
}
