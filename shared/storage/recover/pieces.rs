//! Evidence that batches name and that is missing or damaged: an older state may have it whole.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;

use super::REFERENCES;
use crate::storage::repo::{Oid, Repo};
use crate::storage::{evidence, notes};
use crate::types::event::Event;
use crate::types::id::sha256_hex;

/// A piece that a batch names and that cannot be used.
#[derive(Clone, Debug)]
pub struct Piece {
    pub digest: String,
    /// Its bytes, where they were found.
    pub bytes: Option<Vec<u8>>,
}

/// Look for pieces that batches name and that are missing or damaged, in the log and the history of the
/// evidence.
///
/// # Errors
/// A repository that cannot be read.
pub fn pieces(repo: &Repo) -> Result<Vec<Piece>> {
    let mut wanted = BTreeSet::new();
    for reference in REFERENCES {
        let notes = notes::all(repo, reference)?;
        let mut batches = Vec::new();
        for note in &notes {
            // Most lines are no batch, and need not be read for this.
            let maybe = note.lines().filter(|line| memchr::memmem::find(line, b"\"batch\"").is_some());
            batches.extend(maybe.map(|line| note.line(line)));
        }
        let unread = notes::members(repo, &batches)?.1;
        let digest = |raw: &[u8]| Event::parse(raw).ok()?.text("evidence").map(str::to_owned);
        wanted.extend(unread.iter().filter_map(|line| digest(&line.raw)));
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let states = states(repo)?;
    let piece = |digest: String| {
        let bytes = states.iter().find_map(|state| whole(repo, *state, &digest));
        Piece { digest, bytes }
    };
    Ok(wanted.into_iter().map(piece).collect())
}

/// Put these pieces back.
///
/// # Errors
/// A repository that cannot be written.
pub fn put_back(repo: &Repo, pieces: &[Piece]) -> Result<()> {
    let bytes: Vec<&[u8]> = pieces.iter().filter_map(|piece| piece.bytes.as_deref()).collect();
    evidence::put_all(repo, &bytes).map(drop)
}

/// Every commit of the evidence that is known of, the newest first.
fn states(repo: &Repo) -> Result<Vec<Oid>> {
    let logged = repo.reflog(evidence::REFERENCE)?.into_iter().flatten();
    let mut waiting: Vec<Oid> = logged.chain(repo.read_ref(evidence::REFERENCE)?).collect();
    let (mut states, mut told) = (Vec::new(), HashSet::new());
    while let Some(id) = waiting.pop() {
        if told.insert(id)
            && let Ok(commit) = repo.commit(id)
        {
            states.push(id);
            waiting.extend(commit.parents);
        }
    }
    Ok(states)
}

fn whole(repo: &Repo, state: Oid, digest: &str) -> Option<Vec<u8>> {
    let bytes = repo.file_at(state, &evidence::path_of(digest)).ok()??;
    (sha256_hex(&bytes) == digest).then_some(bytes)
}
