//! What was gathered as the events that are not in the notes yet.

use std::collections::BTreeMap;

use factory::types::event::{Event, MAX_LINE_BYTES, SubjectKind, VERSION};
use factory::types::id;
use factory::types::item::{Item, Items};
use jiff::Timestamp;

use super::gather::{Gathered, Hours, Seen, hour_text};

/// So many characters of what made a fingerprint are told.
const WHY_CHARS: usize = 200;

/// The events that are not there yet, in the order of their ids.
pub fn of(gathered: &Gathered<'_>, known: &Items<'_>, release: Option<&str>) -> Vec<Event> {
    // Several may be one item, when only a secret tells them apart, and what an earlier version took for
    // one may be several now: their counts add up, and the first of the source describes it.
    let mut by_item: BTreeMap<String, (&Seen, Hours)> = BTreeMap::new();
    for seen in gathered.seen() {
        let (_, hours) = by_item.entry(item_of(seen, known)).or_insert((seen, BTreeMap::new()));
        for (hour, (count, first)) in &seen.hours {
            let (sum, earliest) = hours.entry(*hour).or_insert((0, *first));
            *sum += count;
            *earliest = (*earliest).min(*first);
        }
    }
    let mut events = Vec::new();
    for (item, (seen, hours)) in &by_item {
        // Of this very id: what was linked is counted each by itself, and what was split off stays so.
        let told: Vec<&Event> = known.written_about(item).collect();
        let closed = known.get(item).and_then(last_close);
        let mut adds = !known.is_told(item);
        for (hour, (count, first)) in hours {
            let hour = hour_text(*hour);
            if is_counted(&told, closed, &gathered.source, &hour, *count, *first) {
                continue;
            }
            let mut event = bare(item, if adds { "add" } else { "seen" }, *first);
            if std::mem::take(&mut adds) {
                event = described(event, seen);
            }
            event = event.with("release", release).with("count", *count);
            event = event.with("source", gathered.source.as_str()).with("hour", hour.as_str());
            // The same record of the same source is the same event, on any machine.
            event.id = id::derived_event_id(time_ms(*first), event.line().as_bytes());
            events.push(event);
        }
    }
    events.sort_by(|a, b| a.id.cmp(&b.id));
    events
}

/// The item of a thing: one that an earlier version's fingerprint made goes on.
pub fn item_of(seen: &Seen, known: &Items<'_>) -> String {
    let of = |print: &String| id::item_id(seen.record.kind, print);
    let own = of(&seen.prints.fingerprint);
    if known.get(&own).is_some() {
        return own;
    }
    seen.prints.earlier.iter().map(of).find(|item| known.get(item).is_some()).unwrap_or(own)
}

/// Whether the notes tell of as many already; of what came again after it was closed they do not.
fn is_counted(
    told: &[&Event],
    closed: Option<&Event>,
    source: &str,
    hour: &str,
    count: u64,
    first: Option<Timestamp>,
) -> bool {
    let as_many = |event: &&&Event| {
        event.text("source") == Some(source)
            && event.text("hour") == Some(hour)
            && event.count("count").unwrap_or(1) >= count
    };
    let since = closed.filter(|closed| {
        let time = closed.t.parse::<Timestamp>().ok();
        first.zip(time).is_some_and(|(first, closed)| first > closed)
    });
    told.iter().filter(as_many).any(|event| since.is_none_or(|closed| event.id > closed.id))
}

fn last_close<'e>(item: &Item<'e>) -> Option<&'e Event> {
    item.story.iter().rev().map(|(event, _)| *event).find(|event| event.op == "close")
}

/// The time an id has: now for what tells none or a time to come, 1970 for what was before.
fn time_ms(first: Option<Timestamp>) -> u64 {
    let now_ms = id::now_ms();
    let told = first.map(|first| u64::try_from(first.as_millisecond()).unwrap_or(0));
    told.filter(|told| *told <= now_ms + id::FUTURE_TOLERANCE_MS).unwrap_or(now_ms)
}

fn bare(item: &str, op: &str, time: Option<Timestamp>) -> Event {
    let time = time.unwrap_or_else(Timestamp::now);
    let time = time.round(jiff::Unit::Millisecond).unwrap_or(time);
    Event {
        id: String::new(),
        v: VERSION,
        subject: Some((SubjectKind::Item, item.to_owned())),
        op: op.to_owned(),
        t: time.to_string(),
        fields: serde_json::Map::new(),
    }
}

fn described(event: Event, seen: &Seen) -> Event {
    let Seen { record, prints, .. } = seen;
    let mut event = event
        .with("title", record.title.as_str())
        .with("kind", record.kind)
        .with("severity", record.severity)
        .with("body", record.body.as_str())
        .with("fingerprint", prints.fingerprint.as_str())
        .with("related", prints.related.as_deref())
        .with("grouped_by", prints.why.chars().take(WHY_CHARS).collect::<String>());
    for (name, value) in &record.fields {
        event = event.with(name, value.clone());
    }
    // Characters of several bytes may take the line over its limit.
    if event.line().len() > MAX_LINE_BYTES - 600 {
        event.fields.shift_remove("body");
        event.fields.shift_remove("stacktrace");
    }
    event
}
