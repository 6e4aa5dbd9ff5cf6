//! The first open items, kept in a file of the git common dir so that a list of a hundred thousand reads a
//! thousand. It may be deleted at any time and is never the truth.
//!
//! `factory/index-feedback` has a JSON object on its first line, [`Head`]; behind it, a line each, commit and
//! event of everything that these items are folded from: their own lines, those of every item that an event
//! ties to others or that stands in several notes, and all that is odd.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::scan::{Scan, With};
use crate::storage::repo::Repo;
use crate::storage::{evidence, fs, notes};
use crate::types::event::Line;
use crate::types::id;

/// With fewer lines the notes themselves are read as fast.
pub const FROM_LINES: usize = 10_000;

/// So many open items are kept.
pub const KEPT: usize = 1_000;

/// With more lines than this behind it, reading the index saves little.
const MOST_LINES: usize = 20_000;

/// What an index was made from, and what it says of items it does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The tool's version: another one may fold otherwise.
    version: String,
    sources: Vec<String>,
    /// The fold depends on which ids claim a time still to come; that stays as it is between these.
    valid_from_ms: u64,
    valid_until_ms: u64,
    pub built_ms: u64,
    pub items: usize,
    pub open: usize,
    pub short_length: usize,
    /// The last open item that is kept; items not kept came behind it.
    pub last: String,
}

/// What stands in the file.
pub struct Index {
    pub head: Head,
    pub lines: Vec<Line>,
}

fn path(repo: &Repo) -> PathBuf {
    repo.common_dir().join("factory/index-feedback")
}

/// What the items hang on: the notes' tree, and where evidence (with batches) and releases stand.
/// `None` without notes.
///
/// # Errors
/// References that cannot be read.
pub fn sources(repo: &Repo) -> Result<Option<Vec<String>>> {
    let Some(notes_at) = repo.read_ref(notes::FEEDBACK)? else { return Ok(None) };
    let mut sources = vec![repo.tree_of(notes_at)?.to_string()];
    for reference in [evidence::REFERENCE, notes::SHIP] {
        sources.push(repo.read_ref(reference)?.map_or(String::new(), |oid| oid.to_string()));
    }
    Ok(Some(sources))
}

/// The index, where one is there and made from what is here now.
///
/// # Errors
/// References that cannot be read. A file that cannot be understood is none.
pub fn load(repo: &Repo, now_ms: u64) -> Result<Option<Index>> {
    let Ok(bytes) = std::fs::read(path(repo)) else { return Ok(None) };
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
    let Ok(head) = serde_json::from_slice::<Head>(&bytes[..end]) else { return Ok(None) };
    let fits = head.version == env!("CARGO_PKG_VERSION")
        && (head.valid_from_ms..head.valid_until_ms).contains(&now_ms);
    if !fits || Some(&head.sources) != sources(repo)?.as_ref() {
        return Ok(None);
    }
    let mut lines = Vec::with_capacity(KEPT * 2);
    for row in bytes[end + 1..].split(|byte| *byte == b'\n').filter(|row| !row.is_empty()) {
        let Some(space) = row.iter().position(|byte| *byte == b' ') else { return Ok(None) };
        let Ok(commit) = std::str::from_utf8(&row[..space]) else { return Ok(None) };
        lines.push(Line::new(commit, &row[space + 1..]));
    }
    Ok(Some(Index { head, lines }))
}

/// Take the index away: its lines may be gone from the notes for good.
///
/// # Errors
/// A file that cannot be removed.
pub fn forget(repo: &Repo) -> Result<()> {
    fs::remove_if_there(&path(repo))
}

/// What is to be kept.
pub struct Kept<'s> {
    pub scan: &'s Scan<'s>,
    /// Ids of the open items to keep, the first first.
    pub first: Vec<String>,
    /// Ids of items with odd lines.
    pub odd: HashSet<String>,
    /// Of every event, the time in its id.
    pub times_ms: (u64, u64),
    pub head: Head,
}

impl Head {
    /// `times_ms` are those of the ids of all events, sorted.
    pub fn new(items: usize, open: usize, short_length: usize, now_ms: u64) -> Self {
        Self { items, open, short_length, built_ms: now_ms, ..Self::default() }
    }
}

/// Write the index of what was read since `sources` was asked, where that is worth it; whether it was written.
///
/// # Errors
/// A folder that cannot be written.
pub fn store(repo: &Repo, sources: Vec<String>, kept: Kept<'_>) -> Result<bool> {
    let Kept { scan, first, odd, times_ms: (believed_ms, ahead_ms), mut head } = kept;
    let wanted: HashSet<&str> =
        first.iter().map(String::as_str).chain(odd.iter().map(String::as_str)).collect();
    let of_items =
        scan.placed.iter().filter(|placed| placed.with == With::Others || wanted.contains(&*placed.item));
    let of_items = of_items.map(|placed| (&*placed.note.commit, placed.raw));
    let others = scan.others.iter().map(|line| (&*line.commit, &*line.raw));
    head.version = env!("CARGO_PKG_VERSION").to_owned();
    head.sources = sources;
    head.valid_from_ms = believed_ms.saturating_sub(id::FUTURE_TOLERANCE_MS);
    head.valid_until_ms = ahead_ms.saturating_sub(id::FUTURE_TOLERANCE_MS);
    head.last = first.last().cloned().unwrap_or_default();
    let mut bytes = serde_json::to_vec(&head).context("the head of the index")?;
    for (at, (commit, raw)) in of_items.chain(others).enumerate() {
        if at == MOST_LINES {
            return Ok(false);
        }
        bytes.push(b'\n');
        bytes.extend_from_slice(commit.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(raw);
    }
    bytes.push(b'\n');
    fs::create_dir_all(&repo.common_dir().join("factory"))?;
    fs::write_atomic(&path(repo), &bytes)?;
    Ok(true)
}
