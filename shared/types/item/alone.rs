//! An item whose only event is one `add`, seen at a glance: where it stands, without a fold.

use super::score;
use super::{DEFAULT_KIND, DEFAULT_SEVERITY, Place};
use crate::types::event::glance::{Seen, members};
use crate::types::event::is_name;
use crate::types::id;

/// What a line says of an item, borrowed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance<'l> {
    /// Where its id stands in the order of all.
    pub order: u128,
    pub item: &'l str,
    pub op: &'l str,
    kind: Option<Seen<'l>>,
    severity: Option<Seen<'l>>,
    count: u64,
}

impl<'l> Glance<'l> {
    /// `None` where the line is not surely an event about an item, or not one as this tool writes it.
    pub fn of(line: &'l str) -> Option<Self> {
        let (mut id, mut v, mut item, mut op, mut t) = (None, None, None, None, None);
        let (mut kind, mut severity, mut count) = (None, None, None);
        // Of a key that comes twice the last counts, as where the line is read whole.
        let sure = members(line, |key, value| match key {
            "id" => id = Some(value),
            "v" => v = Some(value),
            "item" => item = Some(value),
            "op" => op = Some(value),
            "t" => t = Some(value),
            "kind" => kind = Some(value),
            "severity" => severity = Some(value),
            "count" => count = Some(value),
            _ => {}
        });
        let (true, Some(Seen::Count(_)), Some(Seen::Text(_))) = (sure, v, t) else { return None };
        let (Some(Seen::Text(id)), Some(Seen::Text(item)), Some(Seen::Text(op))) = (id, item, op) else {
            return None;
        };
        if !is_name(item) {
            return None;
        }
        let count = if let Some(Seen::Count(count)) = count { count } else { 1 };
        Some(Self { order: id::known_order(id)?, item, op, kind, severity, count })
    }

    /// Where the item stands if nothing else is told of it; `None` where a fold must say so.
    pub fn place_alone(&self, now_ms: u64) -> Option<Place> {
        let seen_ms = id::order_ms(self.order);
        let ahead = seen_ms > now_ms.saturating_add(id::FUTURE_TOLERANCE_MS);
        let (kind, severity) = (word(self.kind, DEFAULT_KIND)?, word(self.severity, DEFAULT_SEVERITY)?);
        if self.op != "add" || ahead || score::has_worth(kind) {
            return None;
        }
        let score = score::plain(severity, kind, self.count, Some(seen_ms), now_ms);
        Some(Place::open(&score, Some(self.order)))
    }
}

/// A text that may be missing; `None` where it may be one that is escaped.
fn word<'l>(seen: Option<Seen<'l>>, otherwise: &'l str) -> Option<&'l str> {
    match seen {
        Some(Seen::Text(text)) => Some(text),
        Some(Seen::Other) => None,
        Some(Seen::Count(_)) | None => Some(otherwise),
    }
}

#[cfg(test)]
#[path = "alone_tests.rs"]
mod tests;
