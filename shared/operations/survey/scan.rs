//! Whose line it is, seen at a glance, so that only what is folded together is parsed together.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use crate::storage::notes::Note;
use crate::types::event::{Event, Line, SubjectKind};
use crate::types::item::Place;
use crate::types::item::alone::Glance;

/// Operations that speak of their own item alone; any other may tie it to others.
const OF_ONE: [&str; 7] = ["add", "seen", "set", "attach", "close", "reopen", "promoted"];

/// A line about an item.
pub struct Placed<'n> {
    pub note: &'n Note,
    pub raw: &'n [u8],
    pub item: Cow<'n, str>,
    pub with: With,
}

impl Placed<'_> {
    pub fn line(&self) -> Line {
        self.note.line(self.raw)
    }
}

/// What a line is folded with to tell of its item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum With {
    /// Nothing: it is all there is of the item, which stands here. The first is the order of its id.
    Nothing(u128, Place),
    /// The other lines of its note.
    Note,
    /// Lines of several notes, or of other items.
    Others,
}

/// The lines of all notes.
#[derive(Default)]
pub struct Scan<'n> {
    /// In order of note.
    pub placed: Vec<Placed<'n>>,
    /// Which of them are folded with nothing, in order of item.
    pub alone: Vec<u32>,
    /// Lines that are about no item, or cannot be read.
    pub others: Vec<Line>,
    /// Items that an event ties to others.
    tied: HashSet<String>,
}

impl<'n> Scan<'n> {
    /// Add the lines of notes; [`Self::gather`] comes after the last.
    pub fn add(&mut self, notes: &'n [Note], now_ms: u64) {
        for note in notes {
            for raw in note.lines() {
                let glance = std::str::from_utf8(raw).ok().and_then(Glance::of);
                match glance.filter(|glance| OF_ONE.contains(&glance.op)) {
                    Some(glance) => {
                        let place = glance.place_alone(now_ms);
                        let with = place.map_or(With::Note, |place| With::Nothing(glance.order, place));
                        self.placed.push(Placed { note, raw, item: glance.item.into(), with });
                    }
                    None => self.read(note, raw),
                }
            }
        }
    }

    /// A line that is not as this tool writes it, or that may tie items.
    fn read(&mut self, note: &'n Note, raw: &'n [u8]) {
        let line = note.line(raw);
        let Ok(Event { subject: Some((SubjectKind::Item, item)), op, fields, .. }) = &line.read else {
            self.others.push(line);
            return;
        };
        if !OF_ONE.contains(&op.as_str()) {
            self.tied.insert(item.clone());
            let mut named = Vec::new();
            fields.values().for_each(|value| texts(value, &mut named));
            self.tied.extend(named.into_iter().map(str::to_owned));
        }
        self.placed.push(Placed { note, raw, item: item.clone().into(), with: With::Note });
    }

    /// Bring the lines of each item together, and say what they are folded with.
    pub fn gather(&mut self) {
        // A line's number stays below the bytes of all notes; with four billion they would not fit into memory.
        let mut places: Vec<(u128, u32)> =
            self.placed.iter().enumerate().map(|(at, placed)| (beginning(&placed.item), at as u32)).collect();
        let item = |at: u32| &*self.placed[at as usize].item;
        places.sort_unstable_by(|(a, at), (b, bt)| {
            a.cmp(b).then_with(|| item(*at).cmp(item(*bt))).then(at.cmp(bt))
        });
        let mut folded = Vec::new();
        for lines in places.chunk_by(|(a, at), (b, bt)| a == b && item(*at) == item(*bt)) {
            let first = &self.placed[lines[0].1 as usize];
            let one_note =
                lines.iter().all(|(_, at)| std::ptr::eq(self.placed[*at as usize].note, first.note));
            let with = if !one_note || self.tied.contains(&*first.item) { With::Others } else { With::Note };
            match (&with, &first.with) {
                (With::Note, With::Nothing(..)) if lines.len() == 1 => self.alone.push(lines[0].1),
                _ => folded.extend(lines.iter().map(|(_, at)| (*at, with.clone()))),
            }
        }
        for (at, with) in folded {
            self.placed[at as usize].with = with;
        }
    }
}

/// The first sixteen bytes of an id, as a number that sorts as they do.
pub fn beginning(id: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = id.len().min(16);
    bytes[..length].copy_from_slice(&id.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

fn texts<'v>(value: &'v Value, into: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(list) => list.iter().for_each(|value| texts(value, into)),
        Value::Object(object) => object.values().for_each(|value| texts(value, into)),
        _ => {}
    }
}
