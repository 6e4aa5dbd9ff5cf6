//! Whether an item seen again has come back: only what contains the fix can bring it back.
//!
//! A release contains a fix when the commit of the release that resolved the item lies in the history of its
//! own commit. Where that cannot be known, because a release is unknown here, a commit is missing or the
//! clone is shallow, time decides: seen later is seen again.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use anyhow::Result;

use super::releases;
use crate::storage::notes;
use crate::storage::repo::{Oid, Repo};
use crate::types::event::{Line, SubjectKind, in_order};
use crate::types::item::Item;
use crate::types::item::Items;

/// Decide it for every item.
pub fn settle(repo: &Repo, items: &mut Items<'_>) -> Result<()> {
    Returning::of(repo).settle(items)?;
    Ok(())
}

/// What is known of releases, read once and only where an item asks for it.
pub struct Returning<'r> {
    repo: &'r Repo,
    known: OnceCell<Known>,
    /// Whether the first lies in the history of the second.
    answers: RefCell<BTreeMap<(Oid, Oid), Option<bool>>>,
}

struct Known {
    shallow: bool,
    /// The commit of each release, by id, and whether the notes tell it.
    commits: BTreeMap<String, (Oid, bool)>,
}

impl<'r> Returning<'r> {
    pub fn of(repo: &'r Repo) -> Self {
        Self { repo, known: OnceCell::new(), answers: RefCell::default() }
    }

    /// Decide it for every item. Whether all stays so as long as the notes of releases do: not what only a
    /// journal tells, and not what a fetch may answer.
    pub fn settle(&self, items: &mut Items<'_>) -> Result<bool> {
        let asks = |item: &Item<'_>| {
            item.resolved_in.is_some() && item.seen_again.iter().any(|release| !release.is_empty())
        };
        let mut stays = true;
        for item in items.by_id.values_mut().filter(|item| asks(item)) {
            let known = self.known()?;
            let Some((fix, told)) = item.resolved_in.and_then(|release| known.commits.get(release)) else {
                continue;
            };
            let mut answers: BTreeMap<&str, bool> = BTreeMap::new();
            for release in &item.seen_again {
                let Some((seen, also_told)) = known.commits.get(*release) else { continue };
                let answer = self.contains(known, *fix, *seen)?;
                stays &= *told && *also_told && answer.is_some();
                answers.extend(answer.map(|answer| (*release, answer)));
            }
            item.settle(|release| answers.get(release).copied());
        }
        Ok(stays)
    }

    fn contains(&self, known: &Known, fix: Oid, seen: Oid) -> Result<Option<bool>> {
        if let Some(answer) = self.answers.borrow().get(&(fix, seen)) {
            return Ok(*answer);
        }
        let here = self.repo.has(fix) && self.repo.has(seen);
        let contains = if here { Some(self.repo.is_ancestor(fix, seen)?) } else { None };
        // A history that was cut off shows what it contains, not what it lacks.
        let answer = contains.filter(|contains| *contains || !known.shallow);
        self.answers.borrow_mut().insert((fix, seen), answer);
        Ok(answer)
    }

    fn known(&self) -> Result<&Known> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let mut all = commits(&notes::read(self.repo, notes::SHIP)?, true);
        let journals = releases::unpublished(&self.repo.common_dir().join("factory"))?;
        for (release, told) in commits(&journals, false) {
            all.entry(release).or_insert(told);
        }
        let shallow = self.repo.is_shallow()?;
        Ok(self.known.get_or_init(|| Known { shallow, commits: all }))
    }
}

/// The commit of each release that the lines tell of.
fn commits(lines: &[Line], published: bool) -> BTreeMap<String, (Oid, bool)> {
    let mut commits = BTreeMap::new();
    for (event, hung_on) in in_order(lines) {
        let Some((SubjectKind::Release, release)) = &event.subject else { continue };
        let told = event.text("commit");
        if let Ok(commit) = told.unwrap_or(hung_on).parse::<Oid>()
            && (told.is_some() || !commits.contains_key(release))
        {
            commits.insert(release.clone(), (commit, published));
        }
    }
    commits
}
