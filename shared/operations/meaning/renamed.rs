//! Several intents at two states: which of them are one, under another slug.

use std::collections::BTreeMap;

use super::{Change, Side, between};

/// One intent that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'s> {
    pub before: Option<&'s Side>,
    pub after: Option<&'s Side>,
    /// Never empty.
    pub changes: Vec<Change>,
}

impl Difference<'_> {
    /// The slug it has now, or had last.
    pub fn slug(&self) -> &str {
        self.after.or(self.before).map_or("", |side| &side.intent.slug)
    }
}

/// Every intent that differs, by slug. One that went and one that came with its digest or with
/// the very same file, where that is one pair and no guess, are one that was renamed.
pub fn compare<'s>(before: &'s [Side], after: &'s [Side]) -> Vec<Difference<'s>> {
    let old: BTreeMap<&str, &Side> = before.iter().map(|side| (side.intent.slug.as_str(), side)).collect();
    let new: BTreeMap<&str, &Side> = after.iter().map(|side| (side.intent.slug.as_str(), side)).collect();
    let gone: Vec<&Side> = old.iter().filter(|(slug, _)| !new.contains_key(*slug)).map(|(_, s)| *s).collect();
    let come: Vec<&Side> = new.iter().filter(|(slug, _)| !old.contains_key(*slug)).map(|(_, s)| *s).collect();
    let mut pairs: Vec<(Option<&Side>, Option<&Side>)> = Vec::new();
    for side in new.values() {
        let slug = side.intent.slug.as_str();
        let from = old.get(slug).copied().or_else(|| predecessor(side, &gone, &come));
        pairs.push((from, Some(side)));
    }
    for side in gone {
        let taken =
            |pair: &(Option<&Side>, Option<&Side>)| pair.0.is_some_and(|from| std::ptr::eq(from, side));
        if !pairs.iter().any(taken) {
            pairs.push((Some(side), None));
        }
    }
    let difference = |(before, after)| Difference { before, after, changes: between(before, after) };
    let mut all: Vec<Difference> = pairs.into_iter().map(difference).collect();
    all.retain(|difference| !difference.changes.is_empty());
    all.sort_by(|a, b| a.slug().cmp(b.slug()));
    all
}

/// The one that was renamed to `side`, of those that went; others came beside it.
pub fn predecessor<'s>(side: &Side, gone: &[&'s Side], come: &[&'s Side]) -> Option<&'s Side> {
    let same_file = |other: &Side| side.file.is_some() && other.file == side.file;
    let same = |other: &&&Side| other.entries == side.entries || same_file(other);
    let mut from = gone.iter().filter(same);
    let only = from.next().filter(|_| from.next().is_none())?;
    (come.iter().filter(same).count() == 1).then_some(*only)
}
