//! What is gathered while item after item is told of.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;

use super::Survey;
use super::index::{self, Head, Kept};
use super::scan::{Placed, Scan, With, beginning};
use crate::types::event::{self, Line};
use crate::types::id;
use crate::types::item::fold::fold;
use crate::types::item::{Item, Items, Place};

/// So many lines are folded at once, or the lines of one note.
const CHUNK_LINES: usize = 256;

/// Whom and how items are told.
pub struct Telling<'t> {
    pub now_ms: u64,
    /// Of the items that stand in one line only so many are told, the first in the list; all where it is `None`.
    pub most: Option<usize>,
    pub settle: &'t dyn Fn(&mut Items<'_>) -> Result<bool>,
    pub each: &'t mut dyn FnMut(&Item<'_>),
}

/// What is gathered on the way.
#[derive(Default)]
pub struct Told {
    seen: Seen,
    open: usize,
    /// The first open ones so far.
    first: BTreeSet<(Place, String)>,
    ids: Vec<u128>,
    oddities: Vec<(Line, String)>,
    /// Items with odd lines.
    odd: HashSet<String>,
    /// What came back may change while the notes stay.
    pub passing: bool,
}

impl Told {
    /// Tell item after item; those of several notes or tied to others last.
    pub fn survey(&mut self, scan: &Scan<'_>, telling: &mut Telling<'_>) -> Result<()> {
        self.tell_alone(scan, telling)?;
        let mut with_others = Vec::new();
        let mut chunk: Vec<Line> = Vec::with_capacity(CHUNK_LINES * 2);
        let mut last = None;
        for placed in scan.placed.iter().filter(|placed| !matches!(placed.with, With::Nothing(..))) {
            let line = placed.line();
            match &line.read {
                Ok(event) => self.ids.push(id::order(&event.id)),
                Err(why) => {
                    self.oddities.push((line.clone(), why.clone()));
                    self.odd.insert(placed.item.to_string());
                }
            }
            if placed.with == With::Others {
                with_others.push(line);
                continue;
            }
            if chunk.len() >= CHUNK_LINES && last != Some(&placed.note.commit) {
                self.tell(&chunk, telling)?;
                chunk.clear();
            }
            last = Some(&placed.note.commit);
            chunk.push(line);
        }
        self.tell(&chunk, telling)?;
        self.tell(&with_others, telling)
    }

    /// The items that stand in one line: what comes behind the most wanted is counted, and not read.
    fn tell_alone(&mut self, scan: &Scan<'_>, telling: &mut Telling<'_>) -> Result<()> {
        let alone = || {
            scan.alone.iter().map(|at| &scan.placed[*at as usize]).filter_map(|placed| match &placed.with {
                With::Nothing(order, place) => Some((placed, *order, place)),
                _ => None,
            })
        };
        let mut places: Vec<(&Place, &str)> =
            alone().map(|(placed, _, place)| (place, &*placed.item)).collect();
        let last = telling.most.filter(|most| (1..places.len()).contains(most));
        let last = last.map(|most| *places.select_nth_unstable(most - 1).1);
        let mut chunk = Vec::with_capacity(CHUNK_LINES);
        for (placed, order, place) in alone() {
            self.ids.push(order);
            if last.is_some_and(|last| (place, &*placed.item) > last) {
                self.seen.one(&placed.item);
                self.open += 1;
                continue;
            }
            chunk.push(placed.line());
            if chunk.len() == CHUNK_LINES {
                self.tell(&chunk, telling)?;
                chunk.clear();
            }
        }
        self.tell(&chunk, telling)
    }

    fn tell(&mut self, lines: &[Line], telling: &mut Telling<'_>) -> Result<()> {
        let mut items = fold(lines, telling.now_ms);
        self.seen.items(&items);
        self.passing |= !(telling.settle)(&mut items)?;
        for item in items.by_id.values() {
            (telling.each)(item);
            if item.status.is_open() {
                self.open += 1;
                self.keep(item, telling.now_ms);
            }
        }
        Ok(())
    }

    fn keep(&mut self, item: &Item<'_>, now_ms: u64) {
        let place = item.place(now_ms);
        let full = self.first.len() >= index::KEPT;
        if full && self.first.last().is_some_and(|(last, id)| (last, id.as_str()) < (&place, item.id)) {
            return;
        }
        self.first.insert((place, item.id.to_owned()));
        if full {
            self.first.pop_last();
        }
    }

    pub fn summary(&mut self, scan: &Scan<'_>) -> Survey {
        let mut oddities = std::mem::take(&mut self.oddities);
        self.ids.extend(scan.others.iter().filter_map(|line| Some(id::order(&line.read.as_ref().ok()?.id))));
        self.ids.sort_unstable();
        let twice = twice(scan, &self.ids);
        for (line, why) in event::oddities(&twice) {
            oddities.push((line.clone(), why));
        }
        let items = twice.iter().filter_map(|line| line.read.as_ref().ok()?.subject.as_ref());
        self.odd.extend(items.map(|(_, name)| name.clone()));
        let unread = |line: &Line| Some((line.clone(), line.read.as_ref().err()?.clone()));
        oddities.extend(scan.others.iter().filter_map(unread));
        let short_length = self.seen.short_length();
        Survey { items: self.seen.items, open: self.open, oddities, short_length, remark: None }
    }

    /// What the index is to hold.
    pub fn kept<'s>(self, scan: &'s Scan<'s>, survey: &Survey, now_ms: u64) -> Kept<'s> {
        let limit_ms = now_ms.saturating_add(id::FUTURE_TOLERANCE_MS);
        let ahead = self.ids.partition_point(|order| id::order_ms(*order) <= limit_ms);
        let believed_ms = ahead.checked_sub(1).map_or(0, |last| id::order_ms(self.ids[last]));
        Kept {
            scan,
            first: self.first.into_iter().map(|(_, id)| id).collect(),
            odd: self.odd,
            times_ms: (believed_ms, self.ids.get(ahead).map_or(u64::MAX, |order| id::order_ms(*order))),
            head: Head::new(survey.items, survey.open, survey.short_length, now_ms),
        }
    }
}

/// The readable lines whose id stands in more than one; `ids` are those of all, sorted.
fn twice(scan: &Scan<'_>, ids: &[u128]) -> Vec<Line> {
    let twice: HashSet<u128> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    if twice.is_empty() {
        return Vec::new();
    }
    let placed = scan.placed.iter().map(Placed::line);
    let of_two = |line: &Line| line.read.as_ref().is_ok_and(|event| twice.contains(&id::order(&event.id)));
    placed.chain(scan.others.iter().cloned()).filter(of_two).collect()
}

#[derive(Default)]
struct Seen {
    items: usize,
    /// The beginnings of all ids, also those of parts.
    ids: Vec<u128>,
}

impl Seen {
    fn items(&mut self, items: &Items<'_>) {
        self.items += items.by_id.len();
        self.ids.extend(items.by_id.keys().chain(items.part_of.keys()).map(|id| beginning(id)));
    }

    fn one(&mut self, id: &str) {
        self.items += 1;
        self.ids.push(beginning(id));
    }

    fn short_length(&mut self) -> usize {
        // Most stand in order.
        self.ids.sort();
        let shared = |pair: &[u128]| (pair[0] ^ pair[1]).leading_zeros() as usize / 8;
        (self.ids.windows(2).map(shared).max().unwrap_or(0) + 1).max(Items::SHORTEST)
    }
}
