//! Counts of requests by the slot they were assigned to, in buckets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::canary::decision::Counts;
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

/// The requests assigned between two ticks, which may end much later.
pub struct Bucket {
    number: u64,
    epoch: u64,
    stable: Cell<Counts>,
    canary: Cell<Counts>,
    changed: Cell<bool>,
}

impl Bucket {
    fn new(number: u64, epoch: u64) -> Rc<Self> {
        Rc::new(Self {
            number,
            epoch,
            stable: Cell::default(),
            canary: Cell::default(),
            changed: Cell::new(false),
        })
    }

    fn slot(&self, slot: Slot) -> &Cell<Counts> {
        match slot {
            Slot::Stable => &self.stable,
            Slot::Canary => &self.canary,
        }
    }

    pub fn assigned(&self, slot: Slot) {
        self.add(slot, Counts { requests: 1, ..Counts::default() });
    }

    pub fn ended(&self, slot: Slot, ok: bool) {
        self.add(slot, Counts { requests: 0, ok: u64::from(ok), failed: u64::from(!ok) });
    }

    fn add(&self, slot: Slot, more: Counts) {
        let cell = self.slot(slot);
        cell.set(cell.get().plus(more));
        self.changed.set(true);
    }

    fn counted(&self) -> Counted {
        Counted {
            bucket: self.number,
            epoch: self.epoch,
            stable: self.stable.get(),
            canary: self.canary.get(),
        }
    }
}

/// The bucket that is open, and those with requests that have not ended.
pub struct Buckets {
    open: RefCell<Rc<Bucket>>,
    closed: RefCell<Vec<Rc<Bucket>>>,
}

impl Buckets {
    pub fn new() -> Self {
        Self { open: RefCell::new(Bucket::new(0, 0)), closed: RefCell::default() }
    }

    pub fn open(&self) -> Rc<Bucket> {
        Rc::clone(&self.open.borrow())
    }

    /// Count in a new bucket from now on.
    pub fn turn(&self, number: u64, epoch: u64) {
        let before = self.open.replace(Bucket::new(number, epoch));
        self.closed.borrow_mut().push(before);
    }

    pub fn epoch(&self) -> u64 {
        self.open.borrow().epoch
    }

    /// Those that changed since the last call; closed ones nobody holds are forgotten after.
    pub fn changed(&self) -> Vec<Counted> {
        let mut closed = self.closed.borrow_mut();
        let open = self.open();
        let all = closed.iter().chain([&open]);
        let changed = all.filter(|bucket| bucket.changed.replace(false)).map(|bucket| bucket.counted());
        let changed = changed.collect();
        closed.retain(|bucket| Rc::strong_count(bucket) > 1);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_where_it_was_assigned_however_late_it_ends() {
        let buckets = Buckets::new();
        buckets.turn(1, 5);
        let held = buckets.open();
        held.assigned(Slot::Canary);
        assert_eq!(buckets.changed().len(), 1);
        buckets.turn(2, 6);
        assert!(buckets.changed().is_empty());
        held.ended(Slot::Canary, false);
        drop(held);
        let late = buckets.changed();
        assert_eq!((late[0].bucket, late[0].epoch, late[0].canary.failed), (1, 5, 1));
        assert!(buckets.closed.borrow().is_empty());
    }
}
