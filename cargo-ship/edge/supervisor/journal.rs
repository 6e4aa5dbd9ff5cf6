//! The edge's journal: numbered events in the form they are published in, each with its id made once.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use factory::storage::journal;
use factory::types::event::{Event, MAX_LINE_BYTES, SubjectKind};
use serde_json::Value;

/// Room for a longer id or commit when the event is published.
const LINE_BYTES: usize = MAX_LINE_BYTES - 96;

pub struct Journal {
    path: PathBuf,
    file: File,
    /// Number of the last record.
    pub last: u64,
    newest: Option<String>,
}

impl Journal {
    pub fn open(path: &Path) -> Result<Self> {
        // Closes off a line torn by a power cut.
        journal::Journal::open(path)?;
        let records = journal::read(path)?.records;
        let last = records.iter().filter_map(|record| record.get("n")?.as_u64()).max().unwrap_or(0);
        let newest = records.iter().rev().find_map(|record| Some(record.get("id")?.as_str()?.to_owned()));
        let file = OpenOptions::new().append(true).open(path).with_context(|| path.display().to_string())?;
        Ok(Self { path: path.to_owned(), file, last, newest })
    }

    /// An event of `release`; of the edge itself where there is none.
    pub fn event(&self, release: Option<&str>, op: &str) -> Event {
        let mut event =
            Event::now(SubjectKind::Release, release.unwrap_or_default(), op, self.newest.as_deref());
        if release.is_none() {
            event.subject = None;
        }
        event
    }

    /// Write an event and have it on the disk.
    pub fn record(&mut self, event: Event) -> Result<()> {
        self.note(event)?;
        self.file.sync_data().with_context(|| self.path.display().to_string())
    }

    /// Write an event that may be lost with the power.
    pub fn note(&mut self, event: Event) -> Result<()> {
        let number = self.last + 1;
        let event = fitted(event.with("n", number));
        let line = format!("{}\n", event.line());
        self.file.write_all(line.as_bytes()).with_context(|| self.path.display().to_string())?;
        self.last = number;
        self.newest = Some(event.id);
        Ok(())
    }

    /// The records after number `after`.
    pub fn after(&self, after: u64) -> Result<Vec<Value>> {
        let mut records = journal::read(&self.path)?.records;
        records.retain(|record| record.get("n").and_then(Value::as_u64).is_some_and(|n| n > after));
        Ok(records)
    }
}

/// The event with its longest text cut until it fits a line.
fn fitted(mut event: Event) -> Event {
    while event.line().len() > LINE_BYTES {
        let length = |value: &Value| value.as_str().map_or(0, str::len);
        let Some(longest) = event.fields.values_mut().max_by_key(|value| length(value)) else { break };
        let text = longest.as_str().unwrap_or_default();
        if text.len() < 64 {
            break;
        }
        let half = text.floor_char_boundary_of(text.len() / 2);
        *longest = Value::from(format!("{} …", &text[..half]));
    }
    event
}

trait Boundary {
    fn floor_char_boundary_of(&self, at: usize) -> usize;
}

impl Boundary for str {
    fn floor_char_boundary_of(&self, at: usize) -> usize {
        (0..=at.min(self.len())).rev().find(|&i| self.is_char_boundary(i)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_numbered_across_openings_and_fit_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        journal.record(journal.event(Some("r1"), "weight").with("percent", 5)).unwrap();
        let mut journal = Journal::open(&path).unwrap();
        journal.record(journal.event(None, "adopted").with("reason", "ü".repeat(9000))).unwrap();
        let records = journal.after(0).unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(journal.after(1).unwrap()[0]["n"], 2);
        assert!(records[0]["id"].as_str() < records[1]["id"].as_str());
        assert!(records.iter().all(|record| record.to_string().len() < MAX_LINE_BYTES));
        assert!(Event::parse(records[0].to_string().as_bytes()).is_ok());
    }
}
