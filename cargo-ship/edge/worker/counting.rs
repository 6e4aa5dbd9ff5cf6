//! Counts of requests by the slot they were assigned to, in buckets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::canary::counts::Counts;
use crate::canary::latency::Bars;
use crate::canary::promises::Caps;
use crate::edge::link::Counted;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Stable,
    Canary,
}

impl Slot {
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Canary => "canary",
        }
    }
}

/// What holds for all requests of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Terms {
    pub number: u64,
    pub epoch: u64,
    /// The canary's weight.
    pub percent: u8,
    pub bars: Option<Bars>,
    pub caps: Caps,
}

impl Terms {
    /// What one unit counts as that took so long.
    fn of_time(&self, took: Duration) -> Counts {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let (slow_p90, slow_p99) = self.bars.map_or((false, false), |bars| bars.passed(took_us));
        let (over_p90, over_p99) = self.caps.passed(took_us);
        Counts {
            slow_p90: u64::from(slow_p90),
            slow_p99: u64::from(slow_p99),
            over_p90: u64::from(over_p90),
            over_p99: u64::from(over_p99),
            ..Counts::default()
        }
    }
}

/// One slot's side of a bucket.
#[derive(Default)]
struct Side {
    counts: Cell<Counts>,
    /// Assigned and not over yet.
    pending: Cell<u64>,
}

impl Side {
    fn add(&self, more: Counts) {
        self.counts.set(self.counts.get().plus(more));
    }

    /// With those that pend counted as slow as each of them is by now at least.
    fn after(&self, each: Counts) -> Counts {
        self.counts.get().plus(each.times(self.pending.get()))
    }
}

/// The requests assigned between two ticks, which may end much later.
pub struct Bucket {
    terms: Terms,
    stable: Side,
    canary: Side,
    closed: Cell<Option<Instant>>,
    /// What was said of it last.
    said: Cell<Option<Counted>>,
}

impl Bucket {
    fn new(terms: Terms) -> Rc<Self> {
        Rc::new(Self {
            terms,
            stable: Side::default(),
            canary: Side::default(),
            closed: Cell::new(None),
            said: Cell::new(None),
        })
    }

    fn side(&self, slot: Slot) -> &Side {
        match slot {
            Slot::Stable => &self.stable,
            Slot::Canary => &self.canary,
        }
    }

    pub fn assigned(&self, slot: Slot) {
        let side = self.side(slot);
        side.pending.set(side.pending.get() + 1);
        side.add(Counts { requests: 1, ..Counts::default() });
    }

    pub fn ended(&self, slot: Slot, ok: bool) {
        self.side(slot).add(Counts { ok: u64::from(ok), failed: u64::from(!ok), ..Counts::default() });
    }

    /// A unit that ended well has failed since.
    pub fn failed_after_all(&self, slot: Slot) {
        let side = self.side(slot);
        side.counts.set(side.counts.get().minus(Counts { ok: 1, ..Counts::default() }));
        self.ended(slot, false);
    }

    /// The request is over, however it ended.
    pub fn left(&self, slot: Slot, took: Duration) {
        let side = self.side(slot);
        side.pending.set(side.pending.get() - 1);
        side.add(self.terms.of_time(took));
    }

    pub fn counted(&self) -> Counted {
        // Each of those that pend was assigned before it was closed.
        let waited = self.terms.of_time(self.closed.get().map_or(Duration::ZERO, |closed| closed.elapsed()));
        Counted {
            bucket: self.terms.number,
            epoch: self.terms.epoch,
            percent: self.terms.percent,
            stable: self.stable.after(waited),
            canary: self.canary.after(waited),
        }
    }

    /// What it counts now, where that is something new.
    fn news(&self) -> Option<Counted> {
        let counted = self.counted();
        let empty = counted.stable.requests + counted.canary.requests == 0;
        (!empty && self.said.replace(Some(counted)) != Some(counted)).then_some(counted)
    }
}

/// The bucket that is open, and those with requests that have not ended.
pub struct Buckets {
    open: RefCell<Rc<Bucket>>,
    closed: RefCell<Vec<Rc<Bucket>>>,
}

impl Buckets {
    pub fn new() -> Self {
        Self { open: RefCell::new(Bucket::new(Terms::default())), closed: RefCell::default() }
    }

    pub fn open(&self) -> Rc<Bucket> {
        Rc::clone(&self.open.borrow())
    }

    /// Count in a new bucket from now on.
    pub fn turn(&self, terms: Terms) {
        let before = self.open.replace(Bucket::new(terms));
        before.closed.set(Some(Instant::now()));
        self.closed.borrow_mut().push(before);
    }

    /// What holds for the bucket that is open.
    pub fn terms(&self) -> Terms {
        self.open.borrow().terms
    }

    /// Those closed that changed since the last call; those nobody holds are forgotten after. The open one
    /// is said when it is closed.
    pub fn changed(&self) -> Vec<Counted> {
        let mut closed = self.closed.borrow_mut();
        let changed = closed.iter().filter_map(|bucket| bucket.news()).collect();
        closed.retain(|bucket| Rc::strong_count(bucket) > 1);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(number: u64, bars: Option<Bars>) -> Terms {
        let caps = Caps { p90_us: None, p99_us: Some(30_000_000) };
        Terms { number, epoch: 5, percent: 20, bars, caps }
    }

    #[test]
    fn a_request_is_counted_where_it_was_assigned_however_late_it_ends() {
        let buckets = Buckets::new();
        buckets.turn(terms(1, None));
        let held = buckets.open();
        held.assigned(Slot::Canary);
        assert!(buckets.changed().is_empty(), "it is still open");
        buckets.turn(terms(2, None));
        let first = buckets.changed();
        assert_eq!((first[0].canary.requests, first[0].canary.failed, first[0].percent), (1, 0, 20));
        assert!(buckets.changed().is_empty());
        held.ended(Slot::Canary, false);
        held.left(Slot::Canary, Duration::from_secs(1));
        drop(held);
        let late = buckets.changed();
        assert_eq!((late[0].bucket, late[0].epoch, late[0].canary.failed), (1, 5, 1));
        assert_eq!(late[0].canary.slow_p90, 0, "nothing is slow without bars");
        assert!(buckets.closed.borrow().is_empty());
    }

    #[test]
    fn what_pends_longer_than_a_bar_is_slow_already_and_counts_once() {
        let buckets = Buckets::new();
        buckets.turn(terms(1, Some(Bars { p90_us: 0, p99_us: 60_000_000, units: 2000 })));
        let held = buckets.open();
        held.assigned(Slot::Stable);
        buckets.turn(terms(2, None));
        std::thread::sleep(Duration::from_millis(1));
        let pending = buckets.changed()[0].stable;
        assert_eq!((pending.slow_p90, pending.slow_p99, pending.over_p99, pending.ok), (1, 0, 0, 0));
        held.ended(Slot::Stable, true);
        held.left(Slot::Stable, Duration::from_secs(90));
        let over = buckets.changed()[0].stable;
        assert_eq!((over.slow_p90, over.slow_p99, over.over_p99, over.over_p90, over.ok), (1, 1, 1, 0, 1));
    }
}
