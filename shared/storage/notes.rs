//! Events in git notes: grow-only sets of lines, one note for each commit they concern.
//!
//! `git notes --ref=feedback show`, `git notes merge -s cat_sort_uniq` and `git fsck` work on what is
//! written here, and this module reads what they write.

mod versions;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use bytes::Bytes;

use super::evidence;
use super::repo::{Oid, Repo};
use crate::types::event::{Event, Line, MAX_LINE_BYTES};
use crate::types::hint::Hinted;

pub use versions::{Version, Versions};

pub const FEEDBACK: &str = "refs/notes/feedback";
pub const INTENT: &str = "refs/notes/intent";
pub const SHIP: &str = "refs/notes/ship";

/// How often a write starts anew after somebody else was faster.
const ATTEMPTS: u32 = 200;

/// The bytes of one note, or of the events of a `batch` in it.
#[derive(Clone, Debug)]
pub struct Note {
    /// The object it hangs on, in hexadecimal.
    pub commit: Arc<str>,
    pub bytes: Bytes,
}

impl Note {
    pub fn new(commit: &str, bytes: Vec<u8>) -> Self {
        Self { commit: commit.into(), bytes: bytes.into() }
    }

    /// Its lines that are not empty.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        lines(&self.bytes)
    }

    /// One of [`Self::lines`], read.
    pub fn line(&self, raw: &[u8]) -> Line {
        Line::part(&self.commit, &self.bytes, raw)
    }

    pub fn read(&self) -> impl Iterator<Item = Line> {
        self.lines().map(|raw| self.line(raw))
    }
}

/// The lines of a note that are not empty.
pub(super) fn lines(note: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', note).chain([note.len()]);
    ends.scan(0, |from, end| Some(&note[std::mem::replace(from, end + 1)..end])).filter(|raw| !raw.is_empty())
}

/// Every note of a reference.
pub fn all(repo: &Repo, reference: &str) -> Result<Vec<Note>> {
    let (commits, blobs): (Vec<String>, Vec<Oid>) =
        entries(repo, repo.read_ref(reference)?)?.into_iter().unzip();
    let bytes = repo.read_blobs(&blobs)?;
    Ok(commits.iter().zip(bytes).map(|(commit, bytes)| Note::new(commit, bytes)).collect())
}

/// Every line of a notes reference; the members of `batch` events follow their batch.
pub fn read(repo: &Repo, reference: &str) -> Result<Vec<Line>> {
    let mut lines: Vec<Line> = all(repo, reference)?.iter().flat_map(Note::read).collect();
    let (members, missing) = members(repo, &lines)?;
    lines.extend(members.iter().flat_map(Note::read));
    lines.extend(missing);
    Ok(lines)
}

/// The events that the `batch` events among `lines` stand for; and a line with the reason for each batch
/// whose evidence is not here or cannot be used.
///
/// Each piece is read once, however many lines name it: the same events on several commits count once, on
/// the least of them.
pub fn members(repo: &Repo, lines: &[Line]) -> Result<(Vec<Note>, Vec<Line>)> {
    let mut naming: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        let Ok(event) = &line.read else { continue };
        if let Some(digest) = event.text("evidence").filter(|_| event.op == "batch") {
            naming.entry(digest).or_default().push(line);
        }
    }
    let (mut members, mut missing) = (Vec::new(), Vec::new());
    for (digest, naming) in naming {
        let why = match evidence::get(repo, digest) {
            Ok(Some(bytes)) => {
                let commit = naming.iter().map(|line| &line.commit).min();
                members.extend(commit.map(|commit| Note { commit: commit.clone(), bytes: bytes.into() }));
                continue;
            }
            Ok(None) => format!("its evidence {digest} is not here; git feedback sync fetches it"),
            // One damaged piece must not stand before all that is whole.
            Err(error) => format!("{error:#}; git feedback recover looks for the right ones"),
        };
        missing.extend(naming.into_iter().map(|line| Line { read: Err(why.clone()), ..line.clone() }));
    }
    Ok((members, missing))
}

/// Annotated object and note blob of every note at one commit of a notes reference.
pub fn entries(repo: &Repo, at: Option<Oid>) -> Result<Vec<(String, Oid)>> {
    let Some(at) = at else { return Ok(Vec::new()) };
    let files = repo.files_under(at, "")?.into_iter();
    Ok(files.filter_map(|file| Some((annotated(&file.path)?.to_string(), file.oid))).collect())
}

/// The object a note hangs on, of its path in the tree, whatever the fan-out; `None` where that is no note.
pub fn annotated(path: &str) -> Option<Oid> {
    let name: String = path.chars().filter(|c| *c != '/').collect();
    name.parse().ok()
}

/// Add events to the notes of the commits they concern, all in one notes commit.
///
/// The reference is moved only from the value that was read; where somebody else moved it first, the
/// work starts anew from theirs, so nothing of either is lost. Adding an event twice adds nothing.
///
/// # Errors
/// An event of more than 4 KB, a stale lock (named), a repository that cannot be written.
pub fn append(repo: &Repo, reference: &str, events: &[(Oid, Event)]) -> Result<()> {
    let mut by_commit: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
    for (commit, event) in events {
        let line = event.line();
        if line.len() > MAX_LINE_BYTES {
            bail!(
                Hinted::usage(format!("an event `{}` of {} bytes is too long", event.op, line.len()))
                    .hint("shorten the text, or attach it: --attach FILE")
            );
        }
        by_commit.entry(*commit).or_default().push(line);
    }
    if by_commit.is_empty() {
        return Ok(());
    }
    update(repo, reference, "Add events", |tree, repo| {
        for (commit, lines) in &by_commit {
            let old = tree.get(*commit)?.map(|blob| repo.read_blob(blob)).transpose()?.unwrap_or_default();
            let new = with_lines(&old, lines.iter().map(String::as_bytes));
            if new != old {
                tree.set(*commit, repo.write_blob(&new)?)?;
            }
        }
        Ok(())
    })
}

/// Change a notes reference by compare-and-swap; `change` is called anew on each try.
pub fn update(
    repo: &Repo,
    reference: &str,
    why: &str,
    change: impl Fn(&mut super::repo::NotesTree<'_>, &Repo) -> Result<()>,
) -> Result<()> {
    retry(reference, |_| {
        let base = repo.read_ref(reference)?;
        let mut tree = repo.notes_tree(base)?;
        change(&mut tree, repo)?;
        let root = tree.write()?;
        if base.is_some_and(|base| repo.tree_of(base).is_ok_and(|old| old == root)) {
            return Ok(true);
        }
        let parents: Vec<Oid> = base.into_iter().collect();
        let commit = repo.write_commit(root, &parents, why)?;
        repo.swap_ref(reference, commit, base, why)
    })
}

/// Call `once` until it says that the swap took place, waiting a random moment in between.
pub fn retry(reference: &str, mut once: impl FnMut(u32) -> Result<bool>) -> Result<()> {
    for attempt in 0..ATTEMPTS {
        if once(attempt)? {
            return Ok(());
        }
        let ceiling_ms = u64::from(2 + attempt.min(20) * 2);
        std::thread::sleep(Duration::from_millis(crate::types::id::random_below(ceiling_ms)));
    }
    bail!(
        Hinted::busy(format!("{reference} was moved {ATTEMPTS} times by others while being written"))
            .hint("run the command again; nothing was lost")
    )
}

/// A note's bytes with these lines in it. Lines of events stay sorted, which is their order in time;
/// a note somebody wrote into by hand keeps its bytes and gets the new lines behind them.
pub fn with_lines<'a>(old: &'a [u8], add: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = old.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    let ours = lines.iter().all(|line| line.starts_with(b"{\"id\":\""));
    let mut new: Vec<&[u8]> = add.collect();
    let mut seen = HashSet::new();
    new.retain(|line| seen.insert(*line));
    // One pass over the old lines, of which there may be many thousand.
    for line in &lines {
        seen.remove(line);
    }
    new.retain(|line| seen.contains(line));
    if new.is_empty() {
        return old.to_owned();
    }
    lines.append(&mut new);
    if ours {
        lines.sort_unstable();
    }
    let mut bytes = lines.join(&b'\n');
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::with_lines;

    fn add(old: &[u8], lines: &[&[u8]]) -> Vec<u8> {
        with_lines(old, lines.iter().copied())
    }

    #[test]
    fn event_lines_stay_sorted_and_unique() {
        let (a, b) = (&b"{\"id\":\"01A\"}"[..], &b"{\"id\":\"01B\"}"[..]);
        assert_eq!(add(b"{\"id\":\"01B\"}\n", &[a, b]), b"{\"id\":\"01A\"}\n{\"id\":\"01B\"}\n");
    }

    #[test]
    fn what_a_person_wrote_stays_byte_for_byte() {
        assert_eq!(add(b"zz \xff\n\nmore", &[b"{\"id\":\"01A\"}"]), b"zz \xff\n\nmore\n{\"id\":\"01A\"}\n");
    }

    #[test]
    fn adding_what_is_there_changes_nothing() {
        assert_eq!(add(b"{\"id\":\"01B\"}", &[b"{\"id\":\"01B\"}"]), b"{\"id\":\"01B\"}");
    }
}
