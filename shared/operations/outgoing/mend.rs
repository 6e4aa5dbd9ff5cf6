//! Taking a secret out of what was never pushed: its lines and pieces are written anew without it, on
//! top of what the remote has, so that no older version goes along.

mod pieces;

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context, Result, bail};

use super::Leak;
use crate::operations::recovering;
use crate::operations::redacting::Redactor;
use crate::operations::survey;
use crate::storage::recover::Found;
use crate::storage::repo::{Oid, Repo, TreeFile};
use crate::storage::{evidence, sync};
use crate::types::event::Event;
use crate::types::hint::Hinted;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Lines that others had dropped, added back first.
    pub recovered: usize,
    /// Lines and pieces written anew.
    pub changed: usize,
}

/// Pieces that are called otherwise, by the digest they had.
type Renamed = BTreeMap<String, Anew>;

/// How a piece is called now.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Anew {
    digest: String,
    size_bytes: usize,
}

/// Write the lines and pieces that were never pushed anew, and leave out their history in each reference
/// that has a leak or is changed.
///
/// What the history still has of lines that other writers dropped is added back before it goes. Everything
/// is written before any reference is moved, and they are moved together: evidence that was given another
/// name and the lines that name it.
///
/// # Errors
/// Somebody wrote at the same moment, or the repository cannot be written; then nothing was taken out.
pub fn mend(repo: &Repo, redactor: &Redactor, remote: &str, leaks: &[Leak]) -> Result<Mended> {
    let mut mended = Mended { recovered: recovered(repo, redactor)?, changed: 0 };
    let mut states = Vec::new();
    for reference in sync::REFERENCES {
        states.extend(State::of(repo, remote, reference)?);
    }
    let (pieces, lines): (Vec<State>, Vec<State>) =
        states.into_iter().partition(|state| state.reference == evidence::REFERENCE);
    let mut renamed = Renamed::new();
    let mut moves = Vec::new();
    for state in pieces {
        let (tree, names) = pieces::anew(repo, redactor, remote, &state, &lines)?;
        mended.changed += names.len();
        renamed = names;
        moves.extend(state.moved(repo, tree, leaks)?);
    }
    for state in lines {
        let (tree, changed) = anew(repo, redactor, &state, &renamed)?;
        mended.changed += changed;
        moves.extend(state.moved(repo, tree, leaks)?);
    }
    if !repo.swap_refs(&moves, "sync: redact")? {
        bail!(
            Hinted::busy("somebody wrote at the same moment; nothing was changed")
                .hint("run the command again")
        );
    }
    for (reference, ..) in &moves {
        repo.forget_log(reference).with_context(|| {
            Hinted::outside(format!("the log of {reference} still leads to what was taken out"))
                .hint(format!("git reflog expire --expire=all {reference}"))
        })?;
    }
    survey::forget_index(repo)?;
    Ok(mended)
}

/// Add back what the logs and the history still lead to.
fn recovered(repo: &Repo, redactor: &Redactor) -> Result<usize> {
    let all = recovering::find(repo, redactor, false)?;
    for found in &all {
        recovering::restore(repo, found)?;
    }
    Ok(all.iter().map(Found::count).sum())
}

/// One reference: where it stands, and all that is to stay in it.
struct State {
    reference: &'static str,
    here: Oid,
    there: Option<Oid>,
    /// The tree of both: what the remote was seen to have is maybe not here yet.
    tree: Oid,
}

impl State {
    fn of(repo: &Repo, remote: &str, reference: &'static str) -> Result<Option<Self>> {
        let Some(here) = repo.read_ref(reference)? else { return Ok(None) };
        let there = repo.read_ref(&sync::tracking(remote, reference))?;
        let tree = repo.tree_of(sync::united(repo, reference, here, there)?)?;
        Ok(Some(Self { reference, here, there, tree }))
    }

    fn files(&self, repo: &Repo) -> Result<Vec<TreeFile>> {
        repo.files_under(self.tree, "")
    }

    fn pushed(&self, repo: &Repo) -> Result<Vec<TreeFile>> {
        self.there.map_or(Ok(Vec::new()), |there| repo.files_under(there, ""))
    }

    /// The lines the remote was seen to have.
    fn pushed_lines(&self, repo: &Repo) -> Result<HashSet<Vec<u8>>> {
        let mut pushed = HashSet::new();
        for file in self.pushed(repo)? {
            pushed.extend(repo.read_blob(file.oid)?.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        }
        Ok(pushed)
    }

    /// Where the reference goes, and from where: one commit on top of what the remote has, in place of
    /// everything since.
    fn moved(&self, repo: &Repo, tree: Oid, leaks: &[Leak]) -> Result<Option<(&'static str, Oid, Oid)>> {
        if tree == self.tree && leaks.iter().all(|leak| leak.reference != self.reference) {
            return Ok(None);
        }
        let new = match self.there {
            Some(there) if repo.tree_of(there)? == tree => there,
            there => {
                let parents: Vec<Oid> = there.into_iter().collect();
                repo.write_commit(tree, &parents, "Take out what was redacted")?
            }
        };
        Ok(Some((self.reference, new, self.here)))
    }
}

/// The tree of one reference with its unpushed lines anew, and how many were changed.
fn anew(repo: &Repo, redactor: &Redactor, state: &State, renamed: &Renamed) -> Result<(Oid, usize)> {
    let pushed = state.pushed_lines(repo)?;
    let (mut files, mut changed) = (Vec::new(), 0);
    for file in state.files(repo)? {
        let old = repo.read_blob(file.oid)?;
        let (new, differ) = note_anew(redactor, &old, &pushed, renamed);
        if new != old {
            files.push((file.path, repo.write_blob(&new)?));
            changed += differ;
        }
    }
    let tree = if files.is_empty() { state.tree } else { repo.tree_with(state.tree, &files)? };
    Ok((tree, changed))
}

/// A note, or a piece of evidence whose lines are events, with each line not yet pushed anew; and how many
/// that changed.
fn note_anew(
    redactor: &Redactor,
    old: &[u8],
    pushed: &HashSet<Vec<u8>>,
    renamed: &Renamed,
) -> (Vec<u8>, usize) {
    let before: HashSet<&[u8]> = old.split(|byte| *byte == b'\n').collect();
    let (mut new, mut changed) = (Vec::new(), 0);
    for line in old.split(|byte| *byte == b'\n') {
        if pushed.contains(line) {
            new.push(line.to_vec());
            continue;
        }
        let written = line_anew(redactor, line, renamed);
        changed += usize::from(written != line);
        // The same line may be there already, as another clone redacted it.
        if written == line || !before.contains(written.as_slice()) {
            new.push(written);
        }
    }
    (new.join(&b'\n'), changed)
}

/// The line without its secret, naming evidence as it is called now.
fn line_anew(redactor: &Redactor, line: &[u8], renamed: &Renamed) -> Vec<u8> {
    let clean = recovering::cleaned(redactor, line);
    let Ok(mut text) = String::from_utf8(clean.clone()) else { return clean };
    for (old, new) in renamed {
        if !text.contains(old.as_str()) {
            continue;
        }
        text = match Event::parse(text.as_bytes()) {
            Ok(mut event) if event.op == "attach" && event.text("evidence") == Some(old) => {
                event.fields.insert("evidence".into(), new.digest.clone().into());
                event.fields.insert("size_bytes".into(), new.size_bytes.into());
                event.line()
            }
            _ => text.replace(old.as_str(), &new.digest),
        };
    }
    text.into_bytes()
}
