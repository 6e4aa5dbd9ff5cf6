//! Panics that told no function become part of the item of the function they are in, as `link` events by the
//! import: decided by all that is known, and decided anew when more is, unless a person has said of the two.

use std::collections::{BTreeMap, BTreeSet};

use factory::operations::fingerprint::panic::twins::{self, Known, Place};
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::item::Items;
use factory::types::item::grouping::By;

/// Who writes these links, as [`By::of`] reads it.
const BY: &str = "import";
const BECAUSE: &str = "the same message at the same place, where no function was told";

/// What the notes tell of items by their own ids, whatever they are part of.
#[derive(Default)]
struct Told<'e> {
    panics: BTreeMap<&'e str, Known>,
    /// First event of each.
    began: BTreeMap<&'e str, &'e str>,
    newest: BTreeMap<&'e str, &'e str>,
    /// Of two ids in order, what was said last, and by whom.
    ties: BTreeMap<(&'e str, &'e str), (By, bool)>,
}

/// The links to write, and how many of them join; `unlink` where more than one fits by now.
pub fn links(known: &Items<'_>) -> (Vec<Event>, usize) {
    let told = told(known);
    let wanted: BTreeSet<(&str, &str)> =
        twins::decided(&told.panics).into_iter().map(|(part, whole)| ordered(part, whole)).collect();
    let tied = told.ties.iter().filter(|(_, said)| **said == (By::Import, true)).map(|(pair, _)| *pair);
    let mut events: Vec<Event> =
        tied.filter(|pair| !wanted.contains(pair)).map(|pair| written(&told, pair, "unlink")).collect();
    let open = |pair: &&(&str, &str)| !matches!(told.ties.get(*pair), Some((By::Person, _) | (_, true)));
    let joining: Vec<Event> = wanted.iter().filter(open).map(|pair| written(&told, *pair, "link")).collect();
    let count = joining.len();
    events.extend(joining);
    (events, count)
}

fn ordered<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    (a.min(b), a.max(b))
}

fn told<'e>(known: &Items<'e>) -> Told<'e> {
    let mut told = Told::default();
    // What a part says fills its whole, so an item without it has no panic among its parts either.
    let panics = known.by_id.values().filter(|item| item.text("related").is_some());
    let mut events: Vec<&Event> =
        panics.flat_map(|item| item.story.iter().map(|(event, _)| *event)).collect();
    events.sort_by(|a, b| a.id.cmp(&b.id));
    for event in events {
        let Some((SubjectKind::Item, item)) = &event.subject else { continue };
        told.newest.insert(item, &event.id);
        match event.op.as_str() {
            "add" | "seen" => {
                told.began.entry(item).or_insert(&event.id);
                take(told.panics.entry(item).or_default(), event);
            }
            "link" | "unlink" if event.fields.get("proposed").is_none() => {
                let Some(to) = event.text("to") else { continue };
                let tie = told.ties.entry(ordered(item, to));
                let said = (By::of(event), event.op == "link");
                tie.and_modify(|last| {
                    if (last.0, said.0) != (By::Person, By::Import) {
                        *last = said;
                    }
                })
                .or_insert(said);
            }
            _ => {}
        }
    }
    told.panics.retain(|_, panic| !panic.related.is_empty());
    told
}

fn take(known: &mut Known, event: &Event) {
    if let Some(related) = event.text("related") {
        known.related = related.to_owned();
        known.function |= event.text("function").is_some() || tells_a_line(event);
    }
    let release = event.text("release").unwrap_or_default();
    let place = |text: &str| {
        let (line, column) = text.split_once(':')?;
        Some(Place { release: release.to_owned(), line: line.parse().ok()?, column: column.parse().ok()? })
    };
    known.places.extend(event.texts("places").into_iter().filter_map(place));
}

/// What version 1 of the fingerprints wrote of a backtrace with places.
fn tells_a_line(event: &Event) -> bool {
    let innermost = event.fields.get("stacktrace").and_then(|frames| frames.get(0)?.get("line")?.as_u64());
    innermost.is_some_and(|line| line > 0)
}

/// The younger becomes part of the older, as where a person links them.
fn written(told: &Told<'_>, (a, b): (&str, &str), op: &str) -> Event {
    let began = |item: &str| (told.began.get(item).copied().unwrap_or_default().to_owned(), item.to_owned());
    let (whole, part) = if began(a) <= began(b) { (a, b) } else { (b, a) };
    let newest = [a, b].iter().filter_map(|item| told.newest.get(item).copied()).max();
    let event = Event::now(SubjectKind::Item, part, op, newest).with("to", whole).with("by", BY);
    let mut event = if op == "link" { event.with("because", BECAUSE) } else { event };
    // The same of two clones at the same time is the same event.
    let time_ms = id::time_ms(&event.id).unwrap_or_else(id::now_ms);
    event.id = id::derived_event_id(time_ms, format!("{op}\0{part}\0{whole}").as_bytes());
    event
}
