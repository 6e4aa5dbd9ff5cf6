//! What is gathered while item after item is told of.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;

use super::Survey;
use super::index::{self, Head, Kept};
use super::scan::Scan;
use crate::storage::notes::Note;
use crate::types::event::{self, Line};
use crate::types::id;
use crate::types::item::fold::fold;
use crate::types::item::{Item, Items, Place};

/// So many lines are folded at once, or the lines of one note.
const CHUNK_LINES: usize = 256;

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
    /// Fold item after item; the spread ones last.
    pub fn survey(
        &mut self,
        notes: &[Note],
        scan: &Scan<'_>,
        now_ms: u64,
        settle: &impl Fn(&mut Items<'_>) -> Result<bool>,
        each: &mut impl FnMut(&Item<'_>),
    ) -> Result<()> {
        let mut spread = Vec::new();
        let mut chunk: Vec<Line> = Vec::with_capacity(CHUNK_LINES * 2);
        let mut last = None;
        for placed in &scan.placed {
            let line = notes[placed.note as usize].line(placed.raw);
            match &line.read {
                Ok(event) => self.ids.push(id::order(&event.id)),
                Err(why) => {
                    self.oddities.push((line.clone(), why.clone()));
                    self.odd.insert(placed.item.to_string());
                }
            }
            if scan.spread.contains(&placed.item) {
                spread.push(line);
                continue;
            }
            if chunk.len() >= CHUNK_LINES && last != Some(placed.note) {
                self.tell(&chunk, now_ms, settle, each)?;
                chunk.clear();
            }
            last = Some(placed.note);
            chunk.push(line);
        }
        self.tell(&chunk, now_ms, settle, each)?;
        self.tell(&spread, now_ms, settle, each)
    }

    fn tell(
        &mut self,
        lines: &[Line],
        now_ms: u64,
        settle: &impl Fn(&mut Items<'_>) -> Result<bool>,
        each: &mut impl FnMut(&Item<'_>),
    ) -> Result<()> {
        let mut items = fold(lines, now_ms);
        self.seen.items(&items);
        self.passing |= !settle(&mut items)?;
        for item in items.by_id.values() {
            each(item);
            if item.status.is_open() {
                self.open += 1;
                self.keep(item, now_ms);
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

    pub fn summary(&mut self, notes: &[Note], scan: &Scan<'_>) -> Survey {
        let mut oddities = std::mem::take(&mut self.oddities);
        self.ids.extend(scan.others.iter().filter_map(|line| Some(id::order(&line.read.as_ref().ok()?.id))));
        self.ids.sort_unstable();
        let twice = twice(notes, scan, &self.ids);
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
    pub fn kept<'s>(self, notes: &'s [Note], scan: &'s Scan<'s>, survey: &Survey, now_ms: u64) -> Kept<'s> {
        let limit_ms = now_ms.saturating_add(id::FUTURE_TOLERANCE_MS);
        let time_ms = |order: &u128| (order >> 80) as u64;
        let ahead = self.ids.partition_point(|order| time_ms(order) <= limit_ms);
        let believed_ms = ahead.checked_sub(1).map_or(0, |last| time_ms(&self.ids[last]));
        Kept {
            notes,
            scan,
            first: self.first.into_iter().map(|(_, id)| id).collect(),
            odd: self.odd,
            times_ms: (believed_ms, self.ids.get(ahead).map_or(u64::MAX, time_ms)),
            head: Head::new(survey.items, survey.open, survey.short_length, now_ms),
        }
    }
}

/// The readable lines whose id stands in more than one; `ids` are those of all, sorted.
fn twice(notes: &[Note], scan: &Scan<'_>, ids: &[u128]) -> Vec<Line> {
    let twice: HashSet<u128> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    if twice.is_empty() {
        return Vec::new();
    }
    let placed = scan.placed.iter().map(|placed| notes[placed.note as usize].line(placed.raw));
    let of_two = |line: &Line| line.read.as_ref().is_ok_and(|event| twice.contains(&id::order(&event.id)));
    placed.chain(scan.others.iter().cloned()).filter(of_two).collect()
}

#[derive(Default)]
struct Seen {
    items: usize,
    /// The beginnings of all ids, also those of parts: sixteen bytes each, as a number that sorts as they do.
    ids: Vec<u128>,
}

impl Seen {
    fn items(&mut self, items: &Items<'_>) {
        self.items += items.by_id.len();
        self.ids.extend(items.by_id.keys().chain(items.part_of.keys()).map(|id| {
            let mut bytes = [0; 16];
            let length = id.len().min(16);
            bytes[..length].copy_from_slice(&id.as_bytes()[..length]);
            u128::from_be_bytes(bytes)
        }));
    }

    fn short_length(&mut self) -> usize {
        self.ids.sort_unstable();
        let shared = |pair: &[u128]| (pair[0] ^ pair[1]).leading_zeros() as usize / 8;
        (self.ids.windows(2).map(shared).max().unwrap_or(0) + 1).max(Items::SHORTEST)
    }
}
