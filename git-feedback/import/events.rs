//! What was gathered as the events that are not in the notes yet.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use factory::operations::filing::served::Served;
use factory::storage::repo::Oid;
use factory::types::event::{Event, SubjectKind, VERSION};
use factory::types::id;
use factory::types::item::{self, Item, Items, Status, grouping};
use jiff::Timestamp;

use super::gather::{Gathered, Seen};
use super::pace::Due;
use super::tally::{Hours, Tally, hour_text};

/// So many characters of what made a fingerprint are told.
const WHY_CHARS: usize = 200;

/// What one item got from a source.
struct OfItem<'g> {
    first: &'g Seen,
    severity: &'static str,
    hours: Hours,
}

impl<'g> OfItem<'g> {
    fn of(first: &'g Seen) -> Self {
        Self { first, severity: first.record.severity, hours: Hours::new() }
    }

    fn add(&mut self, seen: &Seen) {
        if item::rank(seen.record.severity) < item::rank(self.severity) {
            self.severity = seen.record.severity;
        }
        for (hour, tally) in &seen.hours {
            self.hours.entry(*hour).or_default().add(tally);
        }
    }
}

/// The events that are not there yet, each with the commit it concerns, in the order of their ids.
pub fn of(
    gathered: &Gathered<'_>,
    known: &Items<'_>,
    served: &Served<'_>,
    due: Due,
) -> Result<Vec<(Oid, Event)>> {
    // Several may be one item, when only a secret tells them apart, and what an earlier version took for
    // one may be several now: their counts add up, the first of the source describes it, and the worst
    // level is its severity.
    let mut by_item: BTreeMap<String, OfItem<'_>> = BTreeMap::new();
    for seen in gathered.seen() {
        let of_item = by_item.entry(item_of(seen, known)).or_insert_with(|| OfItem::of(seen));
        of_item.add(seen);
    }
    let mut events = Vec::new();
    for (id, OfItem { first, severity, hours }) in &by_item {
        let record = &first.record;
        // Of this very id: what was linked is counted each by itself, and what was split off stays so.
        let mut told: HashMap<&str, Vec<&Event>> = HashMap::new();
        for event in known.written_about(id) {
            told.entry(event.text("hour").unwrap_or_default()).or_default().push(event);
        }
        let whole = known.get(id);
        let closed = whole.and_then(last_close);
        let environment = record.fields.get("environment").and_then(|name| name.as_str());
        let mut adds = !known.is_told(id);
        for (hour, tally) in hours {
            let text = hour_text(*hour);
            let told = told.get(text.as_str()).map_or(&[][..], Vec::as_slice);
            if is_counted(told, closed, gathered, tally) {
                continue;
            }
            let (release, commit) = served.at(tally.last, environment)?;
            let back = closed.is_some_and(|closed| tally.is_after(&closed.id))
                && whole.is_some_and(|item| awaits(item, release));
            let pressing = |before| adds || back || hour.is_some_and(|hour| hour < before);
            if matches!(due, Due::News { before } if !pressing(before)) {
                continue;
            }
            let mut event = bare(id, if adds { "add" } else { "seen" }, tally.last);
            if std::mem::take(&mut adds) {
                event = described(event, first, severity);
            }
            event = event.with("release", release).with("count", tally.count);
            event = event.with("source", gathered.source.as_str()).with("hour", text);
            event = event.with("first", tally.first.filter(|_| tally.first < tally.last).map(time_text));
            event = event.with("places", places(tally));
            let mut event = gathered.fitted(event);
            // The same record of the same source is the same event, on any machine.
            event.id = id::derived_event_id(tally.time_ms(), event.line().as_bytes());
            events.push((commit, event));
        }
        if let Some(worse) = whole.and_then(|whole| worse(id, whole, severity, hours, &gathered.source)) {
            let latest = hours.values().max_by_key(|tally| tally.last).and_then(|tally| tally.last);
            events.push((served.at(latest, environment)?.1, worse));
        }
    }
    events.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    Ok(events)
}

/// The same message at a worse level makes the item worse, unless a person said what it is.
fn worse(id: &str, item: &Item<'_>, severity: &str, hours: &Hours, source: &str) -> Option<Event> {
    let by_person = |event: &Event| {
        event.op == "set" && event.text("severity").is_some() && event.text("source").is_none()
    };
    if item::rank(severity) >= item.severity_rank() || item.story.iter().any(|(event, _)| by_person(event)) {
        return None;
    }
    let latest = hours.values().max_by_key(|tally| tally.last)?;
    let event = bare(id, "set", latest.last).with("severity", severity).with("source", source);
    let after_newest = item.newest.and_then(id::time_ms).map_or(0, |newest| newest + 1);
    let id = id::derived_event_id(latest.time_ms().max(after_newest), event.line().as_bytes());
    Some(Event { id, ..event })
}

/// Whether it is closed, and was not seen in this release since: to see it there is news.
pub fn awaits(item: &Item<'_>, release: Option<&str>) -> bool {
    item.status == Status::Resolved && !item.seen_again.contains(&release.unwrap_or_default())
}

/// The item of a thing: one that an earlier version's fingerprint made goes on, also where another thing
/// has the present fingerprint by now.
pub fn item_of(seen: &Seen, known: &Items<'_>) -> String {
    let of = |print: &String| id::item_id(seen.record.kind, print);
    let earlier = seen.prints.earlier.iter().map(of).find(|item| known.get(item).is_some());
    earlier.unwrap_or_else(|| of(&seen.prints.fingerprint))
}

/// Whether the notes tell of as many in this hour already; of what came again after it was closed they do not.
fn is_counted(told: &[&Event], closed: Option<&Event>, gathered: &Gathered<'_>, tally: &Tally) -> bool {
    let source = &gathered.source;
    let as_many = |event: &&&Event| {
        let told = event.text("source").unwrap_or_default();
        // Streams had the hash of their first line behind the name once.
        (told == source || gathered.live && grouping::source_name(told) == source)
            && event.count("count").unwrap_or(1) >= tally.count
    };
    let since = closed.filter(|closed| tally.is_after(&closed.id));
    told.iter().filter(as_many).any(|event| since.is_none_or(|closed| event.id > closed.id))
}

/// `42:13`, each line and column of a panic.
fn places(tally: &Tally) -> Vec<String> {
    tally.places.iter().map(|(line, column)| format!("{line}:{column}")).collect()
}

fn last_close<'e>(item: &Item<'e>) -> Option<&'e Event> {
    item.story.iter().rev().map(|(event, _)| *event).find(|event| event.op == "close")
}

fn bare(item: &str, op: &str, time: Option<Timestamp>) -> Event {
    Event {
        id: String::new(),
        v: VERSION,
        subject: Some((SubjectKind::Item, item.to_owned())),
        op: op.to_owned(),
        t: time_text(time.unwrap_or_else(Timestamp::now)),
        fields: serde_json::Map::new(),
    }
}

fn time_text(time: Timestamp) -> String {
    time.round(jiff::Unit::Millisecond).unwrap_or(time).to_string()
}

fn described(event: Event, seen: &Seen, severity: &str) -> Event {
    let Seen { record, prints, .. } = seen;
    let event = event
        .with("title", record.title.as_str())
        .with("kind", record.kind)
        .with("severity", severity)
        .with("body", record.body.as_str())
        .with("fingerprint", prints.fingerprint.as_str())
        .with("related", prints.related.as_deref())
        .with("grouped_by", prints.why.chars().take(WHY_CHARS).collect::<String>());
    record.fields.iter().fold(event, |event, (name, value)| event.with(name, value.clone()))
}
