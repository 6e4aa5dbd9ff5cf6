//! Groups the miner finds among log items, as `link` events that only propose: nothing becomes one item
//! before a person says so.

use std::collections::{BTreeMap, BTreeSet};

use factory::operations::fingerprint::{log, miner};
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::item::{Item, Items};

/// What a `grouped_by` of an event was cut to, so that it holds no whole template.
const CUT_CHARS: usize = 200;

/// Links from each item of a group to the first of it, but where something was said of the two before.
pub fn links(known: &Items<'_>) -> Vec<Event> {
    let mut by_template: BTreeMap<&str, &Item<'_>> = BTreeMap::new();
    for item in known.by_id.values().filter(|item| item.kind() == "log") {
        let why = item.text("grouped_by").filter(|why| why.chars().count() < CUT_CHARS);
        if let Some(template) = why.and_then(log::template_in) {
            by_template.entry(template).or_insert(item);
        }
    }
    let templates: Vec<&str> = by_template.keys().copied().collect();
    let items: Vec<&Item<'_>> = by_template.into_values().collect();
    let groups = miner::mine(&templates);
    groups.iter().filter(|group| group.members.len() > 1).flat_map(|group| of_group(group, &items)).collect()
}

fn of_group(group: &miner::Group, items: &[&Item<'_>]) -> Vec<Event> {
    let mut members: Vec<&Item<'_>> = group.members.iter().filter_map(|member| items.get(*member).copied()).collect();
    // The one seen first, on every clone the same.
    members.sort_by_key(|item| (item.story.first().map(|(event, _)| event.id.as_str()), item.id));
    let Some((first, others)) = members.split_first() else { return Vec::new() };
    let new = others.iter().filter(|other| !is_said(first, other) && !is_said(other, first));
    new.map(|other| {
        let link = Event::now(SubjectKind::Item, other.id, "link", other.newest);
        let because = format!("{}: {}", group.why, group.template);
        let because: String = because.chars().take(CUT_CHARS).collect();
        let mut link = link.with("to", first.id).with("proposed", true).with("because", because);
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
