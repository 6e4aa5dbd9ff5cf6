//! Lines that once stood in a notes reference and do not any more: found, and added back.
//!
//! Nothing here ever takes a line out of a note, so a line that is gone was overwritten by another
//! writer (`git notes append` moves the reference without looking at what it had), by a forced push or
//! fetch, by `git notes remove`, or went with a reference that was deleted or moved back.

mod pieces;
mod walk;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;

use super::notes::{self, Version};
use super::repo::{Oid, Repo};
use crate::types::event::{Event, SubjectKind};

pub use pieces::{Piece, pieces, put_back};
use walk::Walk;

/// The references looked at.
pub const REFERENCES: [&str; 3] = [notes::FEEDBACK, notes::INTENT, notes::SHIP];

/// What was found of one reference.
#[derive(Clone, Debug)]
pub struct Found {
    pub reference: &'static str,
    /// Lines without their newline, by the commit the note hung on.
    pub lines: BTreeMap<Oid, BTreeSet<Vec<u8>>>,
    /// Whether the reference has a log.
    pub logged: bool,
    /// Objects that the log or the history name and that are not here any more.
    pub gone: usize,
}

impl Found {
    pub fn count(&self) -> usize {
        self.lines.values().map(BTreeSet::len).sum()
    }
}

/// Look for lines that are lost: in the log of each reference and the history of all it names; with
/// `unreachable`, in commits too that nothing leads to.
///
/// # Errors
/// A repository that cannot be read.
pub fn find(repo: &Repo, unreachable: bool) -> Result<Vec<Found>> {
    let mut told = HashSet::new();
    let mut searches = Vec::new();
    for reference in REFERENCES {
        searches.push(Search::of(repo, reference, &mut told)?);
    }
    if unreachable {
        let mut walk = Walk::new(repo, told);
        walk.tell(repo.unreachable_commits()?.into_iter().collect(), &mut |version| {
            // Nothing says which reference a stray commit was of; the events in a note do.
            let home = home(version.bytes);
            if let Some(search) = searches.iter_mut().find(|search| Some(search.found.reference) == home) {
                search.take(version);
            }
        })?;
    }
    Ok(searches.into_iter().map(|search| search.found).collect())
}

/// What is looked for of one reference: lines that are not `present`.
struct Search {
    found: Found,
    present: HashSet<Vec<u8>>,
}

impl Search {
    /// The log of a reference and all it leads to; `told` gets the commits.
    fn of(repo: &Repo, reference: &'static str, told: &mut HashSet<Oid>) -> Result<Self> {
        let tip = repo.read_ref(reference)?;
        let logged = repo.reflog(reference)?;
        let mut present: HashSet<Vec<u8>> = HashSet::new();
        for (_, blob) in notes::entries(repo, tip)? {
            present.extend(notes::lines(&repo.read_blob(blob)?).map(<[u8]>::to_vec));
        }
        let found = Found { reference, lines: BTreeMap::new(), logged: logged.is_some(), gone: 0 };
        let mut search = Self { found, present };
        let mut walk = Walk::new(repo, HashSet::new());
        let from = logged.into_iter().flatten().chain(tip).collect();
        walk.tell(from, &mut |version| search.take(version))?;
        search.found.gone = walk.gone();
        told.extend(walk.commits);
        Ok(search)
    }

    fn take(&mut self, version: &Version<'_>) {
        let Some(commit) = notes::annotated(version.name) else { return };
        for line in version.added().filter(|line| !self.present.contains(*line)) {
            self.found.lines.entry(commit).or_default().insert(line.to_vec());
        }
    }
}

/// The reference whose events a note holds.
fn home(note: &[u8]) -> Option<&'static str> {
    notes::lines(note).filter_map(|line| Event::parse(line).ok()).find_map(|event| match event.subject {
        Some((SubjectKind::Item, _)) => Some(notes::FEEDBACK),
        Some((SubjectKind::Slug, _)) => Some(notes::INTENT),
        Some((SubjectKind::Release, _)) => Some(notes::SHIP),
        None => (event.op == "batch").then_some(notes::FEEDBACK),
    })
}

/// Add back what was found, by the same compare-and-swap as every write.
///
/// # Errors
/// As for [`notes::append`].
pub fn restore(repo: &Repo, found: &Found) -> Result<()> {
    if found.lines.is_empty() {
        return Ok(());
    }
    notes::update(repo, found.reference, "Recover lines that other writers dropped", |tree, repo| {
        for (commit, lines) in &found.lines {
            let old = tree.get(*commit)?.map(|blob| repo.read_blob(blob)).transpose()?.unwrap_or_default();
            let new = notes::with_lines(&old, lines.iter().map(Vec::as_slice));
            if new != old {
                tree.set(*commit, repo.write_blob(&new)?)?;
            }
        }
        Ok(())
    })
}
