//! The entries of a digest, put back together into the parts of an intent.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Content, Op, Part, Side, keyed, strength};
use crate::operations::digest::{Bytes, unescaped};

/// What one key of a part holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<'e> {
    One(&'e Bytes),
    List(Vec<String>),
}

impl Field<'_> {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::One(value) => std::str::from_utf8(value.held()?).ok(),
            Self::List(_) => None,
        }
    }
}

/// The keys of one part.
pub type Fields<'e> = BTreeMap<String, Field<'e>>;

/// Every part by kind and name.
pub type Parts<'e> = BTreeMap<(Part, String), Fields<'e>>;

/// The parts of one state.
pub fn of(side: &Side) -> Parts<'_> {
    let mut parts = Parts::new();
    // A list's elements, by their place: as text, `10` would come before `2`.
    let mut lists: BTreeMap<(Part, String, String), BTreeMap<usize, String>> = BTreeMap::new();
    for (path, value) in &side.entries {
        let Some((part, name, key)) = place(path) else { continue };
        let element = key.rsplit_once('/').or((part == Part::OutOfScope).then_some(("", key.as_str())));
        if let Some((list, at)) = element
            && is_list(part, list)
            && let Ok(at) = at.parse()
        {
            let text = String::from_utf8_lossy(value.held().unwrap_or_default()).into_owned();
            lists.entry((part, name, list.to_owned())).or_default().insert(at, text);
        } else {
            parts.entry((part, name)).or_default().insert(key, Field::One(value));
        }
    }
    for ((part, name, key), list) in lists {
        parts.entry((part, name)).or_default().insert(key, Field::List(list.into_values().collect()));
    }
    parts
}

/// Part, name and key of an entry's path; `None` for the version of the digest.
fn place(path: &str) -> Option<(Part, String, String)> {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let named = |part| {
        let (name, key) = rest.split_once('/').unwrap_or((rest, ""));
        Some((part, unescaped(name), key.to_owned()))
    };
    match first {
        "outcome" => Some((Part::Outcome, String::new(), String::new())),
        "out-of-scope" => Some((Part::OutOfScope, String::new(), rest.to_owned())),
        "scope" => Some((Part::Scope, String::new(), rest.to_owned())),
        "constraint" => named(Part::Constraint),
        "contract" => named(Part::Contract),
        "acceptance" => named(Part::Check),
        "fixture" if rest.contains('/') => named(Part::Fixture),
        "fixture" => named(Part::File),
        _ => None,
    }
}

fn is_list(part: Part, key: &str) -> bool {
    match part {
        Part::OutOfScope => key.is_empty(),
        Part::Scope => key == "write",
        Part::Contract => matches!(key, "sections" | "front-matter"),
        _ => false,
    }
}

/// Every part of a new intent, as added.
pub fn all(side: &Side) -> Vec<Change> {
    let whole = |((part, name), fields): (&(Part, String), &Fields)| {
        Change::of(Op::Added, *part, name).values(None, summary(fields))
    };
    of(side).iter().map(whole).collect()
}

pub fn changes(before: &Side, after: &Side) -> Vec<Change> {
    let (old, new) = (of(before), of(after));
    let mut changes = Vec::new();
    if before.intent.slug != after.intent.slug {
        let renamed = Change::of(Op::Renamed, Part::Intent, &after.intent.slug);
        changes.push(renamed.values(Content::text(&before.intent.slug), None));
    }
    let renamed = renamed(&old, &new);
    let keys: BTreeSet<&(Part, String)> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (part, name) = (key.0, key.1.as_str());
        match (old.get(key), new.get(key)) {
            (Some(_), None) if renamed.values().any(|from| *from == key) => {}
            (None, Some(_)) if renamed.contains_key(key) => {
                let change = Change::of(Op::Renamed, part, name);
                changes.push(change.values(Content::text(&renamed[key].1), None));
            }
            (Some(fields), Some(other)) => {
                keyed::changes(part, name, fields, other, (&old, &new), &mut changes)
            }
            // An outcome always is there, and what is no table has no name.
            (Some(fields), None) if name.is_empty() => {
                keyed::changes(part, name, fields, &Fields::new(), (&old, &new), &mut changes);
            }
            (None, Some(fields)) if name.is_empty() => {
                keyed::changes(part, name, &Fields::new(), fields, (&old, &new), &mut changes);
            }
            (Some(fields), None) => {
                let gone = Change::of(Op::Removed, part, name).values(summary(fields), None);
                changes.push(gone.marked(strength::removed(part, name, fields, &old, &new)));
            }
            (None, Some(fields)) => {
                let added = Change::of(Op::Added, part, name).values(None, summary(fields));
                changes.push(added.marked(strength::added(part, name, fields, &new)));
            }
            (None, None) => {}
        }
    }
    informative(before, after, &mut changes);
    changes.sort_by_key(|change| change.part);
    changes
}

/// New names by the old ones, where what bears them is the same and nothing else is.
fn renamed<'p>(old: &'p Parts, new: &'p Parts) -> BTreeMap<&'p (Part, String), &'p (Part, String)> {
    let gone: Vec<_> = old.iter().filter(|(key, _)| !new.contains_key(*key)).collect();
    let come: Vec<_> = new.iter().filter(|(key, _)| !old.contains_key(*key)).collect();
    let mut found = BTreeMap::new();
    for (key, fields) in &come {
        let same = |((part, _), other): &&(&(Part, String), &Fields)| *part == key.0 && other == fields;
        let mut from = gone.iter().filter(same);
        if let (Some((old_key, _)), None) = (from.next(), from.next())
            && come.iter().filter(|entry| same(entry)).count() == 1
        {
            found.insert(*key, *old_key);
        }
    }
    found
}

/// What the digest leaves out.
fn informative(before: &Side, after: &Side, changes: &mut Vec<Change>) {
    let (old, new) = (&before.intent, &after.intent);
    let mut told = |part, name: &str, key: Option<&str>, from: Option<&str>, to: Option<&str>| {
        if from == to {
            return;
        }
        let op = match (from, to) {
            (None, _) => Op::Added,
            (_, None) => Op::Removed,
            _ => Op::Changed,
        };
        let text = |text: Option<&str>| text.and_then(Content::text);
        let change = Change::of(op, part, name).values(text(from), text(to));
        changes.push(Change { key: key.map(str::to_owned), ..change });
    };
    told(Part::Title, "", None, Some(&old.title), Some(&new.title));
    told(Part::Rationale, "", None, old.rationale.as_deref(), new.rationale.as_deref());
    for check in &new.acceptance {
        let past = old.acceptance.iter().find(|other| other.id == check.id);
        if let Some(past) = past {
            told(Part::Check, &check.id, Some("origin"), past.origin.as_deref(), check.origin.as_deref());
        }
    }
    if changes.is_empty()
        && let (Some(from), Some(to)) = (&before.file, &after.file)
        && from != to
    {
        changes.push(Change::of(Op::Changed, Part::Layout, ""));
    }
}

/// A part on one line: what the intent file says of it, without defaults and files.
pub fn summary(fields: &Fields) -> Option<Content> {
    let default = |key: &str, text: &str| {
        matches!((key, text), ("red", "assertion") | ("exit", "0") | ("compare", "exact") | ("status", "200"))
    };
    let mut told = Vec::new();
    for (key, field) in fields {
        match field {
            Field::List(list) if key.is_empty() => told.push(list.join(", ")),
            Field::List(list) => told.push(format!("{key} {}", list.join(", "))),
            Field::One(value) if matches!(value.kind, "tokens" | "missing" | "file" | "link") => {}
            Field::One(_) => {
                let text = field.text().unwrap_or_default();
                if key.is_empty() {
                    told.push(text.to_owned());
                } else if key == "text" {
                    told.insert(0, text.to_owned());
                } else if strength::ANCHORS.contains(&key.as_str()) {
                    let after_text = usize::from(fields.contains_key("text"));
                    told.insert(after_text.min(told.len()), format!("{key} {text}"));
                } else if !default(key, text) {
                    told.push(format!("{key} {}", keyed::shown(key, text)));
                }
            }
        }
    }
    if told.is_empty() {
        told = fields.keys().filter(|key| !key.is_empty()).map(|key| unescaped(key)).collect();
    }
    Content::text(&told.join("; ")).filter(|_| !told.is_empty())
}
