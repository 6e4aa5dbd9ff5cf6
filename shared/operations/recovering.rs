//! What other writers dropped, looked for and added back, without what must never be written.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::redacting::Redactor;
use crate::storage::notes;
use crate::storage::recover::{self, Found, Piece};
use crate::storage::repo::{Oid, Repo};
use crate::types::event::Event;

/// Look for lines that are lost, as [`recover::find`] does. A line that certainly holds a secret is found
/// without it; one that `sync --redact` wrote anew is not lost.
///
/// # Errors
/// A repository that cannot be read.
pub fn find(repo: &Repo, redactor: &Redactor, unreachable: bool) -> Result<Vec<Found>> {
    let mut all = recover::find(repo, unreachable)?;
    for found in all.iter_mut().filter(|found| !found.lines.is_empty()) {
        let lines = std::mem::take(&mut found.lines);
        let written = Written::of(repo, found.reference, &lines)?;
        for (commit, lost) in lines {
            let clean = lost.iter().map(|line| cleaned(redactor, line));
            let kept: BTreeSet<Vec<u8>> = clean.filter(|line| !written.has(line)).collect();
            if !kept.is_empty() {
                found.lines.insert(commit, kept);
            }
        }
    }
    Ok(all)
}

/// Add back what was found.
///
/// # Errors
/// As for [`recover::restore`].
pub fn restore(repo: &Repo, found: &Found) -> Result<()> {
    recover::restore(repo, found)
}

/// Evidence that batches name and that is missing or damaged, with the bytes an older state has of it. A
/// secret is not found again.
///
/// # Errors
/// A repository that cannot be read.
pub fn pieces(repo: &Repo, redactor: &Redactor) -> Result<Vec<Piece>> {
    let mut pieces = recover::pieces(repo)?;
    for piece in &mut pieces {
        piece.bytes.take_if(|bytes| redactor.bytes(bytes).is_certain());
    }
    Ok(pieces)
}

/// Put back the pieces whose bytes were found.
///
/// # Errors
/// As for [`recover::put_back`].
pub fn put_back(repo: &Repo, pieces: &[Piece]) -> Result<()> {
    recover::put_back(repo, pieces)
}

/// The line as it is, or, where it certainly holds a secret, without everything the redactor finds.
pub fn cleaned(redactor: &Redactor, line: &[u8]) -> Vec<u8> {
    let clean = redactor.bytes(line);
    if !clean.is_certain() {
        return line.to_vec();
    }
    let event = Event::parse(line).map(|event| redactor.event(event).get().line().into_bytes());
    match event {
        Ok(event) if !redactor.bytes(&event).is_certain() => event,
        // No event, or with a secret where the redactor of events does not look.
        _ => clean.into_inner(),
    }
}

/// Lines that are here under the ids of lines that seem lost.
#[derive(Default)]
struct Written {
    by_id: HashMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Written {
    fn of(repo: &Repo, reference: &str, lost: &BTreeMap<Oid, BTreeSet<Vec<u8>>>) -> Result<Self> {
        let ids: HashSet<&[u8]> = lost.values().flatten().filter_map(|line| id(line)).collect();
        let mut written = Self::default();
        for note in notes::all(repo, reference)? {
            for line in note.lines() {
                if let Some(id) = id(line).filter(|id| ids.contains(id)) {
                    written.by_id.entry(id.to_vec()).or_default().push(line.to_vec());
                }
            }
        }
        Ok(written)
    }

    /// Whether this line is here already, redacted, or naming a redacted piece of evidence.
    fn has(&self, line: &[u8]) -> bool {
        let here = id(line).and_then(|id| self.by_id.get(id));
        let without = without_digests(line);
        let is_anew = |here: &Vec<u8>| {
            here.windows(PLACEHOLDER.len()).any(|part| part == PLACEHOLDER)
                || without_digests(here) == without
        };
        here.is_some_and(|here| here.iter().any(is_anew))
    }
}

const PLACEHOLDER: &[u8] = b"<redacted:";

/// What the line of an event begins with, to the end of its id.
fn id(line: &[u8]) -> Option<&[u8]> {
    let end = line.strip_prefix(b"{\"id\":\"")?.iter().position(|byte| *byte == b'"')?;
    line.get(..end + 8)
}

/// The event without what another piece of evidence changes in it: full SHA-256 digests, and the size.
fn without_digests(line: &[u8]) -> Vec<u8> {
    let Ok(mut event) = Event::parse(line) else { return line.to_vec() };
    event.fields.shift_remove("size_bytes");
    let line = event.line();
    let is_digest = |part: &&str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = line.split('"').filter(|part| !is_digest(part)).collect();
    parts.join("\"").into_bytes()
}
