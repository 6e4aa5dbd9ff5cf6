//! The access log: one JSON line for each request, size-capped with one rotation.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;

const MAX_BYTES: u64 = 32 << 20;

/// What is said of one request. The query is left out: it may hold what nobody should read.
pub struct Entry<'a> {
    pub id: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub status: u16,
    pub slot: &'a str,
    pub release: &'a str,
    pub took: Duration,
    pub sent_bytes: u64,
}

pub struct Log {
    path: PathBuf,
    open: RefCell<Open>,
}

struct Open {
    file: BufWriter<File>,
    size: u64,
}

impl Log {
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), open: RefCell::new(open(path)?) })
    }

    /// Note a request. A full disk must not stop the traffic, so what cannot be written is lost.
    pub fn note(&self, entry: &Entry) {
        let mut open = self.open.borrow_mut();
        let line = line(entry);
        open.size += line.len() as u64;
        let _ = open.file.write_all(line.as_bytes());
        if open.size >= MAX_BYTES {
            let _ = open.file.flush();
            let _ = std::fs::rename(&self.path, self.path.with_extension("jsonl.1"));
            if let Ok(fresh) = self::open(&self.path) {
                *open = fresh;
            }
        }
    }

    pub fn flush(&self) {
        let _ = self.open.borrow_mut().file.flush();
    }
}

fn open(path: &Path) -> Result<Open> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .with_context(|| path.display().to_string())?;
    let size = file.metadata()?.len();
    Ok(Open { file: BufWriter::new(file), size })
}

fn line(entry: &Entry) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    format!(
        "{{\"t\":\"{}\",\"id\":{},\"method\":{},\"path\":{},\"status\":{},\"slot\":\"{}\",\"release\":{},\"ms\":{:.3},\"bytes\":{}}}\n",
        Timestamp::now(),
        quoted(entry.id),
        quoted(entry.method),
        quoted(entry.path),
        entry.status,
        entry.slot,
        quoted(entry.release),
        entry.took.as_secs_f64() * 1000.0,
        entry.sent_bytes,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_json_whatever_was_asked_for() {
        let entry = Entry {
            id: "1",
            method: "GET",
            path: "/a\"b\\",
            status: 200,
            slot: "stable",
            release: "r1",
            took: Duration::from_micros(1500),
            sent_bytes: 3,
        };
        let read: serde_json::Value = serde_json::from_str(&line(&entry)).unwrap();
        assert_eq!((read["path"].as_str(), read["ms"].as_f64()), (Some("/a\"b\\"), Some(1.5)));
    }
}
