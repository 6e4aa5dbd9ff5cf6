//! Events into items: by id in time order, whatever order the lines came in. Total on any input.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::counting::Counts;
use super::grouping::Grouping;
use super::{Evidence, Item, Items, Promotion, Status};
use crate::types::event::{self, Event, Line, SubjectKind};
use crate::types::id;

/// Fold every readable line about an item; `now_ms` tells which ids claim a time still to come.
///
/// Such events are put before all others, so that what a clock far ahead wrote stands only until
/// somebody writes the same field. What was seen again counts by time alone: [`Item::settle`] decides
/// by releases.
pub fn fold(lines: &[Line], now_ms: u64) -> Items<'_> {
    let limit = now_ms.saturating_add(id::FUTURE_TOLERANCE_MS);
    let mut events: Vec<(bool, &Event, &str)> = event::in_order(lines)
        .into_iter()
        .map(|(event, commit)| (id::time_ms(&event.id).is_some_and(|ms| ms > limit), event, commit))
        .collect();
    // Stable: within each half the order of ids stays.
    events.sort_by_key(|(ahead, ..)| !ahead);
    let grouping = Grouping::of(&events);
    let mut foldings = Foldings::default();
    for (ahead, event, commit) in events {
        let Some((SubjectKind::Item, name)) = &event.subject else { continue };
        let given = grouping.given_to(event, name);
        let told = Told { event, commit, ahead, since: grouping.part_since(given) };
        let item = foldings.of(grouping.whole_of(given), commit);
        // The words of an `add` stay where they were written; only what was seen goes elsewhere.
        if given != name && event.op == "add" {
            item.seen(&told, true);
            let home = foldings.of(grouping.whole_of(name), commit);
            home.tell(Told { since: grouping.part_since(name), ..told }, false);
        } else {
            item.tell(told, true);
        }
    }
    let finished = foldings.all.into_iter().map(|folding| (folding.item.id, folding.finished()));
    let mut items = Items { by_id: finished.collect(), part_of: BTreeMap::new() };
    group(&mut items, &grouping);
    items
}

/// What links and splits say of the items themselves.
fn group<'e>(items: &mut Items<'e>, grouping: &Grouping<'e>) {
    for (part, whole) in grouping.parts() {
        if let Some(item) = items.by_id.get_mut(whole) {
            item.parts.push(part);
        }
    }
    let both_ways = grouping.proposed.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
    for (one, other) in both_ways.filter(|(a, b)| grouping.whole_of(a) != grouping.whole_of(b)) {
        if let Some(item) = items.by_id.get_mut(grouping.whole_of(one)) {
            item.proposed.push(other);
        }
    }
    for (from, into) in grouping.splits() {
        if let Some(item) = items.by_id.get_mut(grouping.whole_of(from)) {
            item.split_into.push(into);
        }
    }
    items.part_of.extend(grouping.parts());
    for item in items.by_id.values_mut() {
        [&mut item.parts, &mut item.proposed, &mut item.split_into].into_iter().for_each(sort_unique);
    }
}

fn sort_unique<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// An event on its way into an item.
#[derive(Clone, Copy)]
struct Told<'e> {
    event: &'e Event,
    commit: &'e str,
    /// Its id claims a time that has not come.
    ahead: bool,
    /// It is about a part of the item, which is one since the event of this id.
    since: Option<&'e str>,
}

impl Told<'_> {
    /// Whether it speaks of the whole: not what was said of a part before it was one.
    fn of_whole(&self) -> bool {
        self.since.is_none_or(|since| self.event.id.as_str() > since)
    }
}

/// The items as far as their events have been read, in the order they were met.
#[derive(Default)]
struct Foldings<'e> {
    places: HashMap<&'e str, usize>,
    all: Vec<Folding<'e>>,
}

impl<'e> Foldings<'e> {
    fn of(&mut self, name: &'e str, commit: &'e str) -> &mut Folding<'e> {
        let place = *self.places.entry(name).or_insert_with(|| {
            self.all.push(Folding::new(name, commit));
            self.all.len() - 1
        });
        &mut self.all[place]
    }
}

/// An item as far as its events have been read.
struct Folding<'e> {
    item: Item<'e>,
    counts: Counts<'e>,
    /// What parts said before they were parts: it fills what nobody else said.
    of_parts: BTreeMap<&'e str, &'e serde_json::Value>,
    /// An event of the item itself, and not only of a part, was read.
    own: bool,
}

impl<'e> Folding<'e> {
    fn new(id: &'e str, commit: &'e str) -> Self {
        Self { item: empty(id, commit), counts: Counts::default(), of_parts: BTreeMap::new(), own: false }
    }

    /// Take one more event; `occurred` is false where its occurrence was given to another item.
    fn tell(&mut self, told: Told<'e>, occurred: bool) {
        let event = told.event;
        if told.since.is_none() && !self.own {
            self.own = true;
            self.item.commit = told.commit;
        }
        if told.ahead {
            self.item.ahead += 1;
        } else {
            self.item.newest = self.item.newest.max(Some(event.id.as_str()));
        }
        match event.op.as_str() {
            "add" => {
                self.set_fields(&told);
                if occurred {
                    self.seen(&told, false);
                }
            }
            "seen" => self.seen(&told, false),
            "set" => self.set_fields(&told),
            "attach" => self.item.evidence.extend(evidence(event)),
            "close" if told.of_whole() => self.close(event),
            "reopen" if told.of_whole() => {
                self.item.status = Status::Open;
                self.item.resolved_in = None;
                self.item.seen_again.clear();
                self.item.because = event.text("because");
            }
            "promoted" => {
                self.item.promotions.extend(promotion(event));
                self.item.lessons.extend(event.text("lesson"));
            }
            // Kept in the story, and shown as what it is.
            _ => {}
        }
        self.item.story.push((event, told.commit));
    }

    fn set_fields(&mut self, told: &Told<'e>) {
        let own = told.since.is_none() || (told.event.op == "set" && told.of_whole());
        let fields = if own { &mut self.item.fields } else { &mut self.of_parts };
        let told = told.event.fields.iter().filter(|(name, _)| !NOT_FIELDS.contains(&name.as_str()));
        for (name, value) in told {
            fields.insert(name, value);
        }
    }

    /// One more occurrence; `given` where it is the `add` of another item.
    fn seen(&mut self, told: &Told<'e>, given: bool) {
        let event = told.event;
        self.counts.add(event);
        let first = event.text("first");
        if self.item.first_seen.is_empty() {
            self.item.first_seen = first.unwrap_or(&event.t);
        }
        // An import tells of an hour when it ends, and another may have begun before.
        if let Some(first) = first.filter(|first| is_before(first, self.item.first_seen)) {
            self.item.first_seen = first;
        }
        self.item.last_seen = &event.t;
        if !told.ahead {
            self.item.last_seen_id = &event.id;
        }
        // An `add` that a clock far ahead put behind its own close is no new occurrence.
        let again =
            event.op == "seen" || self.item.story.iter().any(|(e, _)| e.op == "close" && e.id < event.id);
        let release = event.text("release").unwrap_or_default();
        if self.item.status == Status::Resolved && again && !self.item.seen_again.contains(&release) {
            self.item.seen_again.push(release);
        }
        if given {
            self.item.story.push((event, told.commit));
        }
    }

    fn close(&mut self, event: &'e Event) {
        let ignored = event.text("as") == Some("ignored");
        self.item.status = if ignored { Status::Ignored } else { Status::Resolved };
        self.item.resolved_in = event.text("release");
        self.item.seen_again.clear();
        self.item.because = event.text("because");
    }

    fn finished(mut self) -> Item<'e> {
        let item = &mut self.item;
        item.occurrences = self.counts.total();
        for (name, value) in self.of_parts {
            item.fields.entry(name).or_insert(value);
        }
        sort_unique(&mut item.evidence);
        sort_unique(&mut item.promotions);
        sort_unique(&mut item.lessons);
        item.settle(|_| None);
        self.item
    }
}

fn empty<'e>(id: &'e str, commit: &'e str) -> Item<'e> {
    Item {
        id,
        commit,
        fields: BTreeMap::new(),
        status: Status::Open,
        resolved_in: None,
        because: None,
        back_in: None,
        seen_again: Vec::new(),
        occurrences: 0,
        first_seen: "",
        last_seen: "",
        last_seen_id: "",
        evidence: Vec::new(),
        promotions: Vec::new(),
        lessons: Vec::new(),
        parts: Vec::new(),
        proposed: Vec::new(),
        split_into: Vec::new(),
        story: Vec::new(),
        newest: None,
        ahead: 0,
    }
}

/// Of two times in UTC, as they are written here.
fn is_before(a: &str, b: &str) -> bool {
    a.strip_suffix('Z').zip(b.strip_suffix('Z')).is_some_and(|(a, b)| a < b)
}

/// What an event tells of the occurrence or the write itself, not of the item.
const NOT_FIELDS: [&str; 5] = ["count", "source", "hour", "first", "places"];

fn evidence(event: &Event) -> Option<Evidence<'_>> {
    let digest = event.text("evidence")?;
    let name = event.text("name").unwrap_or("evidence");
    Some(Evidence { digest, name, size_bytes: event.count("size_bytes").unwrap_or(0) })
}

fn promotion(event: &Event) -> Option<Promotion<'_>> {
    let intent = event.text("intent")?;
    Some(Promotion { intent, check: event.text("check").unwrap_or(""), fixture: event.text("fixture") })
}

/// Operations this version does not know, with how often each stands in the item.
pub fn unknown_operations<'e>(item: &Item<'e>) -> BTreeSet<&'e str> {
    const KNOWN: [&str; 10] =
        ["add", "set", "seen", "attach", "close", "reopen", "promoted", "link", "unlink", "split"];
    item.story.iter().map(|(event, _)| event.op.as_str()).filter(|op| !KNOWN.contains(op)).collect()
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
