//! The keys of one part that stands on both sides.

use super::body;
use super::parts::{self, Field, Fields, Parts};
use super::{Change, Content, Op, Part, Strength, strength};
use crate::operations::digest::{Bytes, unescaped};

/// Append what differs, key by key.
pub fn changes(
    part: Part,
    name: &str,
    old: &Fields,
    new: &Fields,
    whole: (&Parts, &Parts),
    changes: &mut Vec<Change>,
) {
    let mut keys: Vec<&String> = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))).collect();
    keys.sort();
    let other_anchor = part == Part::Check && kind(old) != kind(new);
    if other_anchor {
        changes.push(anchor(name, old, new));
    }
    for key in keys {
        let (from, to) = (old.get(key), new.get(key));
        if from == to || (other_anchor && !beside_the_anchor(key)) || told_otherwise(key, old, new) {
            continue;
        }
        if matches!(from.or(to), Some(Field::List(_))) {
            list(part, name, key, from, to, changes);
            continue;
        }
        let (from, to) = (one(from), one(to));
        let op = match (from, to) {
            (None, _) => Op::Added,
            (_, None) => Op::Removed,
            _ => Op::Changed,
        };
        let content = |value: Option<&Bytes>| value.map(|value| content(key, value));
        let change = located(Change::of(op, part, name), part, key).values(content(from), content(to));
        changes.push(change.marked(strength::key(part, name, key, (old, new), whole)));
    }
}

/// A check that hangs on something else now: told at once, since its other keys mean something else.
fn anchor(name: &str, old: &Fields, new: &Fields) -> Change {
    let whole = |fields: &Fields| {
        let own = fields.iter().filter(|(key, _)| !beside_the_anchor(key));
        kind(fields).and(parts::summary(&own.map(|(key, field)| (key.clone(), field.clone())).collect()))
    };
    let (op, found) = match (kind(old), kind(new)) {
        (None, _) => (Op::Added, Some((Strength::Stronger, "it asserted nothing"))),
        (_, None) => (Op::Removed, Some((Strength::Weaker, "it asserts nothing now"))),
        _ => (Op::Changed, None),
    };
    let change = Change::of(op, Part::Check, name).key("anchor");
    change.values(whole(old), whole(new)).marked(found)
}

fn kind(fields: &Fields) -> Option<&'static str> {
    strength::anchor(fields).map(|(kind, _)| kind)
}

fn beside_the_anchor(key: &str) -> bool {
    matches!(key, "text" | "red" | "timeout") || key.starts_with("mutant/")
}

/// That no test of the name is there, where the test that came or went is told itself.
fn told_otherwise(key: &str, old: &Fields, new: &Fields) -> bool {
    let any = |fields: &Fields| fields.keys().any(|key| body::file_of(key).is_some());
    key == "item" && (old.contains_key(key) || any(old) || any(new))
}

fn one<'e>(field: Option<&Field<'e>>) -> Option<&'e Bytes> {
    match field {
        Some(Field::One(value)) => Some(value),
        _ => None,
    }
}

fn content(key: &str, value: &Bytes) -> Content {
    match Content::of(value) {
        Content::Text(text) if value.kind == "integer" => Content::Text(shown(key, &text)),
        other => other,
    }
}

/// A value as the intent file would have it.
pub fn shown(key: &str, text: &str) -> String {
    match (key, text.parse::<u64>()) {
        ("timeout", Ok(ms)) if ms % 1_000 == 0 => format!("{}s", ms / 1_000),
        ("timeout", Ok(ms)) => format!("{ms}ms"),
        _ => text.to_owned(),
    }
}

/// The key as it is told, and the file of a test.
fn located(change: Change, part: Part, key: &str) -> Change {
    if part == Part::Check {
        if let Some(file) = body::file_of(key) {
            return Change { file: Some(unescaped(file)), ..change.key("test-body") };
        }
        if key == "item" {
            return change.key("test-body");
        }
        if let Some(file) = key.strip_prefix("module/") {
            return Change { file: Some(unescaped(file)), ..change.key("test-module") };
        }
    }
    if key.is_empty() { change } else { change.key(&unescaped(key)) }
}

/// A list, element by element; only its order where nothing else differs.
fn list(
    part: Part,
    name: &str,
    key: &str,
    from: Option<&Field>,
    to: Option<&Field>,
    changes: &mut Vec<Change>,
) {
    let elements = |field: Option<&Field>| match field {
        Some(Field::List(list)) => list.clone(),
        _ => Vec::new(),
    };
    let (old, new) = (elements(from), elements(to));
    let without = |all: &[String], taken: &[String]| {
        let mut left = all.to_vec();
        for text in taken {
            if let Some(at) = left.iter().position(|other| other == text) {
                left.remove(at);
            }
        }
        left
    };
    let (gone, come) = (without(&old, &new), without(&new, &old));
    let found = strength::list(part, key, &old, &new);
    let change = |op| {
        let change = Change::of(op, part, name);
        if key.is_empty() { change } else { change.key(key) }
    };
    for text in &gone {
        let told = change(Op::Removed).values(Content::text(text), None);
        changes.push(told.marked(found));
    }
    for text in &come {
        let told = change(Op::Added).values(None, Content::text(text));
        changes.push(told.marked(found));
    }
    if gone.is_empty() && come.is_empty() {
        let told = Change::of(Op::Changed, part, name).key(if key.is_empty() { "order" } else { key });
        changes.push(told.values(Content::text(&old.join(", ")), Content::text(&new.join(", "))));
    }
}
