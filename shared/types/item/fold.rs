//! Events into items: by id in time order, whatever order the lines came in. Total on any input.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Evidence, Item, Items, Promotion, Status};
use crate::types::event::{self, Event, Line, SubjectKind};
use crate::types::id;

/// Fold every readable line about an item; `now_ms` tells which ids claim a time still to come.
///
/// Such events are put before all others, so that what a clock far ahead wrote stands only until
/// somebody writes the same field.
pub fn fold(lines: &[Line], now_ms: u64) -> Items<'_> {
    let limit = now_ms.saturating_add(id::FUTURE_TOLERANCE_MS);
    let mut events: Vec<(bool, &Event, &str)> = event::in_order(lines)
        .into_iter()
        .map(|(event, commit)| (id::time_ms(&event.id).is_some_and(|ms| ms > limit), event, commit))
        .collect();
    // Stable: within each half the order of ids stays.
    events.sort_by_key(|(ahead, ..)| !ahead);
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut found: Vec<(Item<'_>, Counts<'_>)> = Vec::new();
    for (ahead, event, commit) in events {
        let Some((SubjectKind::Item, name)) = &event.subject else { continue };
        let place = *places.entry(name).or_insert_with(|| {
            found.push((empty(name, commit), Counts::default()));
            found.len() - 1
        });
        let (item, counts) = &mut found[place];
        apply(item, counts, event, ahead);
        item.story.push((event, commit));
    }
    let finished = found.into_iter().map(|(mut item, counts)| {
        item.occurrences = counts.total();
        sort_unique(&mut item.evidence);
        sort_unique(&mut item.promotions);
        sort_unique(&mut item.lessons);
        sort_unique(&mut item.links);
        (item.id, item)
    });
    Items { by_id: finished.collect() }
}

fn sort_unique<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// How often an item was seen: events without a source add up; of a source's hour the greatest counts,
/// so that a file imported again, or grown, adds only what is new.
#[derive(Default)]
struct Counts<'e> {
    plain: u64,
    of_hours: BTreeMap<(&'e str, &'e str), u64>,
}

impl<'e> Counts<'e> {
    fn add(&mut self, event: &'e Event) {
        let count = event.count("count").unwrap_or(1);
        match (event.text("source"), event.text("hour")) {
            (Some(source), Some(hour)) => {
                let greatest = self.of_hours.entry((source, hour)).or_default();
                *greatest = count.max(*greatest);
            }
            _ => self.plain = self.plain.saturating_add(count),
        }
    }

    fn total(&self) -> u64 {
        self.of_hours.values().fold(self.plain, |sum, count| sum.saturating_add(*count))
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
        occurrences: 0,
        first_seen: "",
        last_seen: "",
        evidence: Vec::new(),
        promotions: Vec::new(),
        lessons: Vec::new(),
        links: Vec::new(),
        story: Vec::new(),
        newest: None,
        ahead: 0,
    }
}

fn apply<'e>(item: &mut Item<'e>, counts: &mut Counts<'e>, event: &'e Event, ahead: bool) {
    if ahead {
        item.ahead += 1;
    } else {
        item.newest = item.newest.max(Some(event.id.as_str()));
    }
    match event.op.as_str() {
        "add" => {
            set_fields(item, event);
            seen(item, counts, event);
        }
        "seen" => seen(item, counts, event),
        "set" => set_fields(item, event),
        "attach" => item.evidence.extend(evidence(event)),
        "close" => close(item, event),
        "reopen" => {
            item.status = Status::Open;
            item.resolved_in = None;
            item.because = event.text("because");
        }
        "promoted" => {
            item.promotions.extend(promotion(event));
            item.lessons.extend(event.text("lesson"));
        }
        "link" => item.links.extend(event.text("to")),
        // Kept in the story, and shown as what it is.
        _ => {}
    }
}

/// What an event tells of the occurrence or the write itself, not of the item.
const NOT_FIELDS: [&str; 3] = ["count", "source", "hour"];

fn set_fields<'e>(item: &mut Item<'e>, event: &'e Event) {
    for (name, value) in event.fields.iter().filter(|(name, _)| !NOT_FIELDS.contains(&name.as_str())) {
        item.fields.insert(name, value);
    }
}

fn seen<'e>(item: &mut Item<'e>, counts: &mut Counts<'e>, event: &'e Event) {
    counts.add(event);
    if item.first_seen.is_empty() {
        item.first_seen = &event.t;
    }
    item.last_seen = &event.t;
    // An `add` that a clock far ahead put behind its own close is no new occurrence.
    let again = event.op == "seen" || item.story.iter().any(|(e, _)| e.op == "close" && e.id < event.id);
    if item.status == Status::Resolved && again {
        item.status = Status::Regressed;
    }
}

fn close<'e>(item: &mut Item<'e>, event: &'e Event) {
    let ignored = event.text("as") == Some("ignored");
    item.status = if ignored { Status::Ignored } else { Status::Resolved };
    item.resolved_in = event.text("release");
    item.because = event.text("because");
}

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
    const KNOWN: [&str; 8] = ["add", "set", "seen", "attach", "close", "reopen", "promoted", "link"];
    item.story.iter().map(|(event, _)| event.op.as_str()).filter(|op| !KNOWN.contains(op)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW_MS: u64 = 1_790_000_000_000;

    fn line(ms: u64, tail: u8, op: &str, rest: &str) -> Line {
        let id = ulid::Ulid::from_parts(ms, u128::from(tail));
        let text = format!(
            r#"{{"id":"{id}","v":1,"item":"fb-0000000001","op":"{op}","t":"2026-11-22T00:00:00Z"{rest}}}"#
        );
        Line::new("c0", text.as_bytes())
    }

    fn only<'e>(items: &'e Items<'e>) -> &'e Item<'e> {
        items.by_id.values().next().unwrap()
    }

    #[test]
    fn the_last_writer_wins_a_field_and_counts_add_up() {
        let lines = [
            line(NOW_MS + 2, 0, "set", r#","title":"b""#),
            line(NOW_MS, 0, "add", r#","title":"a","kind":"error""#),
            line(NOW_MS + 3, 0, "seen", r#","count":4"#),
        ];
        let items = fold(&lines, NOW_MS);
        let item = only(&items);
        assert_eq!((item.title(), item.kind(), item.occurrences), ("b", "error", 5));
    }

    #[test]
    fn of_a_source_and_hour_the_greatest_count_counts() {
        let hour = |n: u64, count| {
            line(NOW_MS + n, 0, "seen", &format!(r#","source":"s","hour":"2026-11-22T01","count":{count}"#))
        };
        let lines = [hour(1, 7), hour(2, 9), hour(3, 9), line(NOW_MS + 4, 0, "seen", "")];
        assert_eq!(only(&fold(&lines, NOW_MS)).occurrences, 10);
    }

    #[test]
    fn seen_after_a_close_is_regressed_and_seen_before_it_is_resolved() {
        let add = line(NOW_MS, 0, "add", "");
        let close = line(NOW_MS + 2, 0, "close", r#","release":"r1""#);
        let before = [add.clone(), line(NOW_MS + 1, 0, "seen", ""), close.clone()];
        assert_eq!(only(&fold(&before, NOW_MS)).status, Status::Resolved);
        let after = [add.clone(), line(NOW_MS + 3, 0, "seen", ""), close.clone()];
        assert_eq!(only(&fold(&after, NOW_MS)).status, Status::Regressed);
        let reopened = [add, close, line(NOW_MS + 4, 0, "reopen", "")];
        assert_eq!(only(&fold(&reopened, NOW_MS)).status, Status::Open);
    }

    #[test]
    fn a_clock_far_ahead_pins_nothing() {
        let lines = [
            line(NOW_MS, 0, "add", r#","title":"a""#),
            line(NOW_MS * 3, 0, "set", r#","title":"wild","severity":"fatal""#),
            line(NOW_MS + 5, 0, "set", r#","title":"mended""#),
        ];
        let items = fold(&lines, NOW_MS);
        let item = only(&items);
        assert_eq!((item.title(), item.severity(), item.ahead), ("mended", "fatal", 1));
        assert_eq!(item.newest.and_then(id::time_ms), Some(NOW_MS + 5));
        assert_eq!(only(&fold(&lines, NOW_MS * 3)).title(), "wild", "its time has come");
    }

    #[test]
    fn an_item_that_a_fast_clock_closed_is_closed() {
        let lines = [line(NOW_MS, 0, "add", ""), line(NOW_MS * 3, 0, "close", "")];
        assert_eq!(only(&fold(&lines, NOW_MS)).status, Status::Resolved);
    }

    #[test]
    fn operations_of_a_later_version_are_kept() {
        let lines = [line(NOW_MS, 0, "dance", r#","title":"x""#)];
        let items = fold(&lines, NOW_MS);
        assert_eq!(only(&items).story.len(), 1);
        assert_eq!(unknown_operations(only(&items)), BTreeSet::from(["dance"]));
    }

    fn any_line() -> impl Strategy<Value = Line> {
        let op = prop::sample::select(vec![
            "add", "set", "seen", "attach", "close", "reopen", "promoted", "link", "zz",
        ]);
        let rest = prop::sample::select(vec![
            "",
            r#","title":"a""#,
            r#","title":7,"kind":null"#,
            r#","title":"b","severity":"fatal""#,
            r#","count":3"#,
            r#","count":2,"source":"s","hour":"h""#,
            r#","count":18446744073709551615"#,
            r#","evidence":"aa","name":"n","size_bytes":1"#,
            r#","release":"r1","because":"x""#,
            r#","as":"ignored""#,
            r#","intent":"i","check":"c","to":"fb-1""#,
        ]);
        let time = prop_oneof![0..6u64, Just(NOW_MS), Just(NOW_MS * 2)];
        let good = (time, 0..3u8, op, rest, prop::sample::select(vec!["c0", "c1"])).prop_map(
            |(ms, tail, op, rest, commit)| Line { commit: commit.into(), ..line(ms, tail, op, rest) },
        );
        let bad = prop::collection::vec(any::<u8>(), 0..40).prop_map(|raw| Line::new("c1", &raw));
        prop_oneof![9 => good, 1 => bad]
    }

    proptest! {
        #[test]
        fn the_order_of_lines_does_not_matter(
            lines in prop::collection::vec(any_line(), 0..30).prop_flat_map(|lines| {
                (Just(lines.clone()), Just(lines).prop_shuffle())
            })
        ) {
            prop_assert_eq!(fold(&lines.0, NOW_MS), fold(&lines.1, NOW_MS));
        }

        #[test]
        fn the_union_of_two_halves_folds_as_the_whole(
            lines in prop::collection::vec(any_line(), 0..30), cut in 0..30usize, shared in 0..10usize
        ) {
            let cut = cut.min(lines.len());
            let from = cut.saturating_sub(shared);
            let union: Vec<Line> = lines[from..].iter().chain(&lines[..cut]).cloned().collect();
            prop_assert_eq!(fold(&lines, NOW_MS), fold(&union, NOW_MS));
        }

        #[test]
        fn any_bytes_fold_without_panic(raw in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..10)) {
            let lines: Vec<Line> = raw.iter().map(|raw| Line::new("c", raw)).collect();
            fold(&lines, NOW_MS);
        }
    }
}
