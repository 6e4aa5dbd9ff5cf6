//! The access log: one JSON line for each request, size-capped with one rotation.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;

const MAX_BYTES: u64 = 32 << 20;
/// Lines are written out when they fill this, and once a second.
const BUFFER: usize = 64 << 10;

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
    /// The line that is made, so that each need not have memory of its own.
    line: Vec<u8>,
    clock: Clock,
}

/// The last second in words, which many lines share.
#[derive(Default)]
struct Clock {
    second: i64,
    words: String,
}

impl Clock {
    /// Up to the second, without the zone's letter.
    fn words(&mut self, now: Timestamp) -> &str {
        if self.second != now.as_second() || self.words.is_empty() {
            self.second = now.as_second();
            self.words = now.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        }
        &self.words
    }
}

impl Log {
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), open: RefCell::new(open(path)?) })
    }

    /// Note a request. A full disk must not stop the traffic, so what cannot be written is lost.
    pub fn note(&self, entry: &Entry) {
        let mut guard = self.open.borrow_mut();
        let open = &mut *guard;
        open.line.clear();
        // Memory takes whatever is written to it.
        let _ = write_line(&mut open.line, &mut open.clock, Timestamp::now(), entry);
        open.size += open.line.len() as u64;
        let _ = open.file.write_all(&open.line);
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
    let file = BufWriter::with_capacity(BUFFER, file);
    Ok(Open { file, size, line: Vec::new(), clock: Clock::default() })
}

fn write_line(out: &mut Vec<u8>, clock: &mut Clock, now: Timestamp, entry: &Entry) -> std::io::Result<()> {
    write!(out, "{{\"t\":\"{}.{:06}Z\"", clock.words(now), now.subsec_nanosecond() / 1000)?;
    for (key, text) in [("id", entry.id), ("method", entry.method), ("path", entry.path)] {
        write!(out, ",\"{key}\":")?;
        serde_json::to_writer(&mut *out, text)?;
    }
    write!(out, ",\"status\":{},\"slot\":\"{}\",\"release\":", entry.status, entry.slot)?;
    serde_json::to_writer(&mut *out, entry.release)?;
    let took_us = entry.took.as_micros();
    writeln!(out, ",\"ms\":{}.{:03},\"bytes\":{}}}", took_us / 1000, took_us % 1000, entry.sent_bytes)
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
        let (mut line, mut clock) = (Vec::new(), Clock::default());
        for now in ["2026-11-22T10:00:00.00125Z", "2026-11-22T10:00:00.5Z", "2026-11-22T10:00:01Z"] {
            line.clear();
            let now: Timestamp = now.parse().unwrap();
            write_line(&mut line, &mut clock, now, &entry).unwrap();
            let read: serde_json::Value = serde_json::from_slice(&line).unwrap();
            assert_eq!(read["t"].as_str().unwrap().parse::<Timestamp>().unwrap(), now);
            assert_eq!((read["path"].as_str(), read["ms"].as_f64()), (Some("/a\"b\\"), Some(1.5)));
        }
    }
}
