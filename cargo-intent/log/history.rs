//! One walk over the history: which commits changed an intent, and what each changed.
//!
//! As git simplifies history for a path: where a commit agrees with one of its parents, only that
//! parent is gone on to.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use anyhow::Result;
use factory::operations::digest::{named_paths, unnamed_paths};
use factory::operations::meaning::{Change, Side, between, renamed_from, side_at};
use factory::storage::intents::{self, file_of};
use factory::storage::repo::{Commit, Oid, Repo};
use factory::types::problem::Problem;

/// A commit that changed the intent.
pub struct Entry {
    pub commit: Commit,
    /// What the intent was called then.
    pub slug: String,
    /// After it; `None` where it is retired or cannot be read.
    pub digest: Option<String>,
    pub said: Said,
}

/// What there is to say of a commit.
pub enum Said {
    Changes(Vec<Change>),
    /// The intent cannot be read here.
    Broken(Vec<Problem>),
    /// It could not be read before, and nothing older tells what it was.
    Mended,
    /// What came before is not in this shallow clone.
    Begins,
}

/// An intent as a commit has it.
enum Version {
    Absent,
    Read(Box<Side>),
    Broken(Vec<Problem>),
}

/// What lies at the paths the intent depends on; equal states are equal by meaning.
type State = Vec<Option<Oid>>;

struct Walk<'r> {
    repo: &'r Repo,
    /// Files of the tests it is bound to now.
    tests: Vec<String>,
    states: HashMap<(Oid, String), State>,
    /// Paths a version of the file names, by blob.
    named: HashMap<Oid, Vec<String>>,
}

/// The commits that changed `slug`, newest first, and whether the history is all here.
pub fn history(repo: &Repo, head: Oid, slug: &str) -> Result<(Vec<Entry>, bool)> {
    let mut walk = Walk { repo, tests: Vec::new(), states: HashMap::new(), named: HashMap::new() };
    if let Version::Read(side) = version(repo, head, slug)? {
        walk.tests = unnamed_paths(&side.entries);
    }
    let mut found: Vec<(Entry, Version)> = Vec::new();
    let mut complete = true;
    let mut queue = BinaryHeap::from([(repo.commit(head)?.seconds, Reverse(0), head, slug.to_owned())]);
    let mut seen = BTreeSet::from([(head, slug.to_owned())]);
    while let Some((_, _, id, slug)) = queue.pop() {
        let commit = repo.commit(id)?;
        let state = walk.state(&commit, &slug)?;
        let (parents, gone): (Vec<Oid>, Vec<Oid>) = commit.parents.iter().partition(|id| repo.has(**id));
        complete &= gone.is_empty();
        let mut same = None;
        for parent in &parents {
            let parent = repo.commit(*parent)?;
            if walk.state(&parent, &slug)? == state {
                same = Some(parent.id);
                break;
            }
        }
        let mut next: Vec<(Oid, String)> = Vec::new();
        match same {
            Some(parent) => next.push((parent, slug)),
            None => {
                let older = match (parents.first(), state.iter().all(Option::is_none)) {
                    (None, true) => slug.clone(),
                    (first, _) => {
                        let truncated = first.is_none() && !gone.is_empty();
                        let (entry, before, older) = entry(repo, commit, first.copied(), &slug, truncated)?;
                        found.extend(entry.map(|entry| (entry, before)));
                        older
                    }
                };
                next.extend(parents.into_iter().map(|parent| (parent, older.clone())));
            }
        }
        for (parent, slug) in next {
            if seen.insert((parent, slug.clone())) {
                // Of one second, who was met first: a child before its parents.
                queue.push((repo.commit(parent)?.seconds, Reverse(seen.len()), parent, slug));
            }
        }
    }
    Ok((mended(repo, found)?, complete))
}

impl Walk<'_> {
    fn state(&mut self, commit: &Commit, slug: &str) -> Result<State> {
        let key = (commit.tree, slug.to_owned());
        if let Some(known) = self.states.get(&key) {
            return Ok(known.clone());
        }
        let at = |path: &str| self.repo.entry_at(commit.tree, path);
        let file = at(&file_of(slug))?;
        let mut state = vec![file];
        if let Some(blob) = file {
            state.push(at(&format!("{}/{slug}", intents::FOLDER))?);
            if !self.named.contains_key(&blob) {
                let read = intents::read(slug, &self.repo.read_blob(blob)?).read;
                self.named.insert(blob, read.map(|parsed| named_paths(&parsed.intent)).unwrap_or_default());
            }
            for path in self.named[&blob].iter().chain(&self.tests) {
                state.push(at(path)?);
            }
        }
        self.states.insert(key, state.clone());
        Ok(state)
    }
}

/// What a commit changed, what was before, and the name to go on with; no entry where only what the
/// digest leaves out of a bound file changed.
fn entry(
    repo: &Repo,
    commit: Commit,
    parent: Option<Oid>,
    slug: &str,
    truncated: bool,
) -> Result<(Option<Entry>, Version, String)> {
    let after = version(repo, commit.id, slug)?;
    let mut before = match parent {
        Some(parent) => version(repo, parent, slug)?,
        None => Version::Absent,
    };
    let mut older = slug.to_owned();
    if let (Version::Absent, Version::Read(side), Some(parent)) = (&before, &after, parent)
        && let Some(from) = renamed_from(repo, parent, commit.id, side)?
    {
        older.clone_from(&from.intent.slug);
        before = Version::Read(Box::new(from));
    }
    let digest = side(&after).map(Side::digest).transpose()?;
    let said = match (&before, after) {
        _ if truncated => Said::Begins,
        (_, Version::Broken(problems)) => Said::Broken(problems),
        (Version::Broken(_), Version::Read(_)) => Said::Mended,
        (before, after) => Said::Changes(between(side(before), side(&after))),
    };
    let silent = matches!(&said, Said::Changes(changes) if changes.is_empty());
    let entry = Entry { commit, slug: slug.to_owned(), digest, said };
    Ok(((!silent).then_some(entry), before, older))
}

fn side(version: &Version) -> Option<&Side> {
    match version {
        Version::Read(side) => Some(side),
        _ => None,
    }
}

fn version(repo: &Repo, at: Oid, slug: &str) -> Result<Version> {
    Ok(match side_at(repo, at, slug)? {
        None => Version::Absent,
        Some(Ok(side)) => Version::Read(Box::new(side)),
        Some(Err(problems)) => Version::Broken(problems),
    })
}

/// A version that can be read again is compared with the last one that could: the one before the
/// commit that broke it.
fn mended(repo: &Repo, found: Vec<(Entry, Version)>) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    // From the oldest on, what could be read last.
    let mut last: Option<Side> = None;
    for (mut entry, before) in found.into_iter().rev() {
        match &entry.said {
            Said::Broken(_) => last = side(&before).cloned().or(last),
            Said::Mended => {
                let now = version(repo, entry.commit.id, &entry.slug)?;
                if let (Some(last), Some(now)) = (&last, side(&now)) {
                    entry.said = Said::Changes(between(Some(last), Some(now)));
                }
            }
            Said::Changes(_) | Said::Begins => last = None,
        }
        entries.push(entry);
    }
    entries.reverse();
    Ok(entries)
}
