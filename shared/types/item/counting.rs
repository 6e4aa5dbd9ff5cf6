//! How often an item was seen.

use std::collections::BTreeMap;

use crate::types::event::{Event, SubjectKind};

/// Events without a source add up; of a source's hour the greatest counts, so that a file imported again,
/// or grown, adds only what is new. Items that are one were counted each by itself.
#[derive(Default)]
pub struct Counts<'e> {
    plain: u64,
    of_hours: BTreeMap<(&'e str, &'e str, &'e str), u64>,
}

impl<'e> Counts<'e> {
    pub fn add(&mut self, event: &'e Event) {
        let count = event.count("count").unwrap_or(1);
        match (&event.subject, event.text("source"), event.text("hour")) {
            (Some((SubjectKind::Item, item)), Some(source), Some(hour)) => {
                let greatest = self.of_hours.entry((item, source, hour)).or_default();
                *greatest = count.max(*greatest);
            }
            _ => self.plain = self.plain.saturating_add(count),
        }
    }

    pub fn total(&self) -> u64 {
        self.of_hours.values().fold(self.plain, |sum, count| sum.saturating_add(*count))
    }
}

/// How often these events tell of it.
pub fn occurrences<'e>(events: impl Iterator<Item = &'e Event>) -> u64 {
    let mut counts = Counts::default();
    events.filter(|event| matches!(event.op.as_str(), "add" | "seen")).for_each(|event| counts.add(event));
    counts.total()
}
