//! What was seen of one thing in one hour.

use std::collections::{BTreeMap, BTreeSet};

use factory::types::id;
use jiff::Timestamp;

/// The hour of a record since 1970; `None` where it tells no time.
pub type Hour = Option<i64>;

/// What was seen in each hour.
pub type Hours = BTreeMap<Hour, Tally>;

/// So many places of a panic are kept of an hour.
const MOST_PLACES: usize = 8;

/// How often, and when first and last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub count: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Of panics: lines and columns.
    pub places: BTreeSet<(u32, u32)>,
}

impl Tally {
    pub fn once(time: Option<Timestamp>, place: Option<(u32, u32)>) -> Self {
        Self { count: 1, first: time, last: time, places: place.into_iter().collect() }
    }

    /// The same, at another time where none is told.
    pub fn at(self, otherwise: impl FnOnce() -> Option<Timestamp>) -> Self {
        let time = self.last.or_else(otherwise);
        Self { first: self.first.or(time), last: time, ..self }
    }

    pub fn add(&mut self, other: &Self) {
        self.first = if self.count == 0 { other.first } else { self.first.min(other.first) };
        self.last = self.last.max(other.last);
        self.count += other.count;
        let room = MOST_PLACES.saturating_sub(self.places.len());
        self.places.extend(other.places.iter().take(room));
    }

    /// The time its event's id has: now for what tells none or a time far ahead, 1970 for what was before.
    pub fn time_ms(&self) -> u64 {
        self.told_ms().unwrap_or_else(id::now_ms)
    }

    /// Whether it was seen after this event, as far as its times can be believed.
    pub fn is_after(&self, event_id: &str) -> bool {
        self.told_ms().zip(id::time_ms(event_id)).is_some_and(|(last, event)| last > event)
    }

    fn told_ms(&self) -> Option<u64> {
        let told = self.last.map(|last| u64::try_from(last.as_millisecond()).unwrap_or(0));
        told.filter(|told| *told <= id::now_ms() + id::FUTURE_TOLERANCE_MS)
    }
}

/// The hour of a time.
pub fn hour_of(time: Timestamp) -> i64 {
    time.as_second().div_euclid(3600)
}

/// `2026-11-20T01`, or `unknown`.
pub fn hour_text(hour: Hour) -> String {
    let time = hour.and_then(|hour| Timestamp::from_second(hour * 3600).ok());
    time.map_or_else(|| "unknown".to_owned(), |time| time.strftime("%Y-%m-%dT%H").to_string())
}
