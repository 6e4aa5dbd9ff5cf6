//! The edge's journal: numbered events in the form they are published in, each with its id made once.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use factory::storage::{fs, journal};
use factory::types::event::{Event, MAX_LINE_BYTES, SubjectKind};
use serde_json::Value;

/// Room for a longer id or commit when the event is published.
const LINE_BYTES: usize = MAX_LINE_BYTES - 96;
/// So many records lie between two remembered places.
const PLACED: u64 = 64;
/// Fewer bytes are not worth writing the rest again.
const WORTH_BYTES: u64 = 64 << 10;

pub struct Journal {
    path: PathBuf,
    file: File,
    length: u64,
    /// Number of the last record.
    pub last: u64,
    newest: Option<String>,
    /// Where some of the records begin: number and place, rising.
    places: Vec<(u64, u64)>,
}

impl Journal {
    pub fn open(path: &Path) -> Result<Self> {
        // Closes off a line torn by a power cut.
        journal::Journal::open(path)?;
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        let file = OpenOptions::new().append(true).open(path).with_context(|| path.display().to_string())?;
        let path = path.to_owned();
        let mut opened = Self { path, file, length: 0, last: 0, newest: None, places: Vec::new() };
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let record: Value = serde_json::from_slice(line).unwrap_or_default();
            if let Some(number) = record["n"].as_u64() {
                opened.place(number);
                opened.last = opened.last.max(number);
                opened.newest = record["id"].as_str().map(str::to_owned).or(opened.newest);
            }
            opened.length += line.len() as u64;
        }
        Ok(opened)
    }

    /// Remember where record `number` begins: here.
    fn place(&mut self, number: u64) {
        if self.places.last().is_none_or(|(known, _)| known + PLACED <= number) {
            self.places.push((number, self.length));
        }
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
        self.place(number);
        self.length += line.len() as u64;
        self.last = number;
        self.newest = Some(event.id);
        Ok(())
    }

    /// The records after number `after`, read from the nearest remembered place on.
    pub fn after(&self, after: u64) -> Result<Vec<Value>> {
        let before = self.places.partition_point(|(number, _)| *number <= after + 1);
        let from = before.checked_sub(1).map_or(0, |place| self.places[place].1);
        let mut file = File::open(&self.path).with_context(|| self.path.display().to_string())?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut bytes)?;
        let lines = bytes.split(|byte| *byte == b'\n');
        let records = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        Ok(records.filter(|record| record["n"].as_u64().is_some_and(|n| n > after)).collect())
    }

    /// Drop the records before number `first`, which the notes have, where that is worth the writing.
    /// The last one stays whatever is asked, since the next one's number follows from it.
    pub fn trim(&mut self, first: u64) -> Result<()> {
        let first = first.min(self.last);
        let known = self.places.partition_point(|(number, _)| *number <= first);
        let worth = known.checked_sub(1).map_or(0, |place| self.places[place].1);
        if worth < WORTH_BYTES {
            return Ok(());
        }
        let mut kept = Vec::new();
        for record in self.after(first.saturating_sub(1))? {
            kept.extend_from_slice(format!("{record}\n").as_bytes());
        }
        fs::write_atomic(&self.path, &kept)?;
        *self = Self::open(&self.path)?;
        Ok(())
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

    #[test]
    fn what_was_published_is_dropped_and_the_numbers_go_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        for _ in 0..1000 {
            journal.note(journal.event(Some("r1"), "tick").with("reason", "x".repeat(100))).unwrap();
        }
        assert_eq!(journal.after(990).unwrap().len(), 10);
        assert_eq!(journal.after(0).unwrap().len(), 1000);
        journal.trim(10).unwrap();
        assert_eq!(journal.after(0).unwrap().len(), 1000, "not worth it");
        journal.trim(900).unwrap();
        let kept = journal.after(0).unwrap();
        assert_eq!((kept.len(), kept[0]["n"].as_u64()), (101, Some(900)));
        journal.note(journal.event(Some("r1"), "tick")).unwrap();
        assert_eq!(Journal::open(&path).unwrap().last, 1001);
        assert_eq!(journal.after(1000).unwrap().len(), 1);
    }
}
