//! What is known of releases: the notes, and the journals on this machine that are not published yet.
//!
//! Journals lie in `<git common dir>/factory/journal/<release>.jsonl`; `cargo ship` writes them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::storage::repo::Repo;
use crate::storage::{journal, notes};
use crate::types::event::{Event, Line};

/// Where the journals lie in the common folder of the tools.
pub fn folder(common: &Path) -> PathBuf {
    common.join("journal")
}

/// Every line about releases; `common` is the tools' folder in the git common dir.
pub fn lines(repo: &Repo, common: &Path) -> Result<Vec<Line>> {
    let mut lines = notes::read(repo, notes::SHIP)?;
    lines.extend(unpublished(common)?);
    Ok(lines)
}

/// The journals of releases that are not over, by release id.
pub fn open_journals(common: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let folder = folder(common);
    let listing = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        listing => listing.with_context(|| folder.display().to_string())?,
    };
    for entry in listing {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl")
            && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
        {
            found.push((stem.to_owned(), path));
        }
    }
    found.sort();
    Ok(found)
}

/// The events of all journals as lines, as if they stood in the notes already.
pub fn unpublished(common: &Path) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (_, path) in open_journals(common)? {
        for (commit, event) in events(&path)? {
            lines.push(Line::new(commit.as_str(), event.line().as_bytes()));
        }
    }
    Ok(lines)
}

/// The events in one journal with the commit each belongs to. A torn line is none: what it was to
/// announce had not begun.
pub fn events(path: &Path) -> Result<Vec<(String, Event)>> {
    let mut events = Vec::new();
    for record in journal::read(path)?.records {
        let commit = record.get("commit").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(Value::Object(fields)) = record.get("event")
            && let Ok(event) = Event::from_object(fields.clone())
        {
            events.push((commit, event));
        }
    }
    Ok(events)
}
