//! Whether an item seen again has come back: only what contains the fix can bring it back.
//!
//! A release contains a fix when the commit of the release that resolved the item lies in the history of its
//! own commit. Where that cannot be known, because a release is unknown here, a commit is missing or the
//! clone is shallow, time decides: seen later is seen again.

use std::collections::BTreeMap;

use anyhow::Result;

use super::releases;
use crate::storage::repo::{Oid, Repo};
use crate::types::event::{SubjectKind, in_order};
use crate::types::item::Item;
use crate::types::item::Items;

/// Decide it for every item. The notes of releases are read only where an item asks for them.
pub fn settle(repo: &Repo, items: &mut Items<'_>) -> Result<()> {
    let asks = |item: &Item<'_>| {
        item.resolved_in.is_some() && item.seen_again.iter().any(|release| !release.is_empty())
    };
    if !items.by_id.values().any(asks) {
        return Ok(());
    }
    let commits = commits(repo)?;
    let shallow = repo.is_shallow()?;
    let mut known: BTreeMap<(Oid, Oid), Option<bool>> = BTreeMap::new();
    for item in items.by_id.values_mut().filter(|item| asks(item)) {
        let Some(fix) = item.resolved_in.and_then(|release| commits.get(release)).copied() else { continue };
        let mut answers: BTreeMap<&str, bool> = BTreeMap::new();
        for release in &item.seen_again {
            let Some(seen) = commits.get(*release).copied() else { continue };
            let answer = match known.get(&(fix, seen)) {
                Some(answer) => *answer,
                None if !repo.has(fix) || !repo.has(seen) => None,
                // A history that was cut off shows what it contains, not what it lacks.
                None => Some(repo.is_ancestor(fix, seen)?).filter(|contains| *contains || !shallow),
            };
            known.insert((fix, seen), answer);
            answers.extend(answer.map(|answer| (*release, answer)));
        }
        item.settle(|release| answers.get(release).copied());
    }
    Ok(())
}

/// The commit of each release, by id.
fn commits(repo: &Repo) -> Result<BTreeMap<String, Oid>> {
    let lines = releases::lines(repo, &repo.common_dir().join("factory"))?;
    let mut commits = BTreeMap::new();
    for (event, hung_on) in in_order(&lines) {
        let Some((SubjectKind::Release, release)) = &event.subject else { continue };
        let told = event.text("commit");
        if let Ok(commit) = told.unwrap_or(hung_on).parse::<Oid>()
            && (told.is_some() || !commits.contains_key(release))
        {
            commits.insert(release.clone(), commit);
        }
    }
    Ok(commits)
}
