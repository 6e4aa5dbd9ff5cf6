//! The one door to the records: what goes into notes and evidence went through the redactor.
//!
//! `tests/tidy.rs` holds that nothing else of the product writes events or evidence.

use anyhow::Result;

use super::redacting::{Clean, Redactor};
use crate::storage::repo::{Oid, Repo};
use crate::storage::{evidence, notes};
use crate::types::event::Event;

/// Add events to the notes of the commits they concern, every text in them redacted. What was
/// redacted before is written as it stands.
///
/// # Errors
/// As [`notes::append`].
pub fn append(repo: &Repo, redactor: &Redactor, reference: &str, events: &[(Oid, Event)]) -> Result<()> {
    let clean = |(commit, event): &(Oid, Event)| (*commit, redactor.event(event.clone()).into_inner());
    let events: Vec<(Oid, Event)> = events.iter().map(clean).collect();
    notes::append(repo, reference, &events)
}

/// Keep pieces of evidence; their SHA-256.
///
/// # Errors
/// As [`evidence::put_all`].
pub fn keep(repo: &Repo, pieces: &[Clean<Vec<u8>>]) -> Result<Vec<String>> {
    let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.get().as_slice()).collect();
    evidence::put_all(repo, &pieces)
}
