//! Items that may be one, found by mining log messages and by panics that told no function, as `link` events
//! that only propose: nothing becomes one item before a person says so.

use std::collections::{BTreeMap, BTreeSet};

use factory::operations::fingerprint::{log, miner};
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::item::{Item, Items};

/// What a `grouped_by` of an event was cut to, so that it holds no whole template.
const CUT_CHARS: usize = 200;
/// More log items are not mined: looking for groups would take longer than reading.
pub const MOST_MINED: usize = 5_000;

/// Links from each item of a group to the first of it, but where something was said of the two before.
pub fn links(known: &Items<'_>) -> Vec<Event> {
    let mut groups = panics(known);
    groups.extend(logs(known));
    groups.into_iter().flat_map(|(members, because)| of_group(members, &because)).collect()
}

type Group<'i, 'e> = (Vec<&'i Item<'e>>, String);

/// Panics of one message in one file, of which one told no function and was at another column: proposed only
/// where there is one other.
fn panics<'i, 'e>(known: &'i Items<'e>) -> Vec<Group<'i, 'e>> {
    let mut by_related: BTreeMap<&str, Vec<&Item<'_>>> = BTreeMap::new();
    for item in known.by_id.values() {
        item.text("related")
            .into_iter()
            .for_each(|related| by_related.entry(related).or_default().push(item));
    }
    let told = |item: &Item<'_>| item.text("function").is_some();
    let pairs = by_related.into_values().filter(|items| items.len() == 2);
    let unlike = pairs.filter(|items| told(items[0]) != told(items[1]));
    unlike
        .map(|items| {
            (items, "the same message in the same file, one of them without its function".to_owned())
        })
        .collect()
}

/// Log messages that differ in values only.
fn logs<'i, 'e>(known: &'i Items<'e>) -> Vec<Group<'i, 'e>> {
    let mut by_template: BTreeMap<&str, &Item<'_>> = BTreeMap::new();
    for item in known.by_id.values().filter(|item| item.kind() == "log") {
        let why = item.text("grouped_by").filter(|why| why.chars().count() < CUT_CHARS);
        if let Some(template) = why.and_then(log::template_in) {
            by_template.entry(template).or_insert(item);
        }
    }
    if by_template.len() > MOST_MINED {
        return Vec::new();
    }
    let templates: Vec<&str> = by_template.keys().copied().collect();
    let items: Vec<&Item<'_>> = by_template.into_values().collect();
    let groups = miner::mine(&templates).into_iter().filter(|group| group.members.len() > 1);
    groups
        .map(|group| {
            let members = group.members.iter().filter_map(|member| items.get(*member).copied()).collect();
            (members, format!("{}: {}", group.why, group.template))
        })
        .collect()
}

fn of_group(mut members: Vec<&Item<'_>>, because: &str) -> Vec<Event> {
    // The one seen first, on every clone the same.
    members.sort_by_key(|item| (item.story.first().map(|(event, _)| event.id.as_str()), item.id));
    let Some((first, others)) = members.split_first() else { return Vec::new() };
    let because: String = because.chars().take(CUT_CHARS).collect();
    let new = others.iter().filter(|other| !is_said(first, other) && !is_said(other, first));
    new.map(|other| {
        let link = Event::now(SubjectKind::Item, other.id, "link", other.newest);
        let mut link = link.with("to", first.id).with("proposed", true).with("because", because.as_str());
        // The same proposal at the same time is the same event.
        let time_ms = id::time_ms(&link.id).unwrap_or_else(id::now_ms);
        link.id = id::derived_event_id(time_ms, format!("{}\0{}", other.id, first.id).as_bytes());
        link
    })
    .collect()
}

/// Whether the events of one item name the other: linked, parted or proposed before.
fn is_said(of: &Item<'_>, other: &Item<'_>) -> bool {
    let names: BTreeSet<&str> =
        of.story.iter().flat_map(|(event, _)| [event.text("to"), event.text("into")]).flatten().collect();
    names.contains(other.id)
}
