//! What is counted of one request: itself, or the client it comes from.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::counting::{Bucket, Slot};
use super::routing::Upstream;
use super::sticky::Client;
use crate::canary::latency::Measured;

/// A client that goes away after this long without an answer gave up: the slot failed it.
pub const GAVE_UP: Duration = Duration::from_secs(2);

/// What a request counts as.
pub enum Counted {
    /// As itself, in this bucket.
    Request(Rc<Bucket>),
    /// As its client, whose time is that of its first request.
    Client {
        client: Rc<Client>,
        first: bool,
    },
    Nothing,
}

/// One request of a slot, in flight until it is dropped.
pub struct Unit {
    pub slot: Slot,
    pub upstream: Rc<Upstream>,
    counted: Counted,
    /// Where its time is noted.
    measured: Rc<RefCell<Measured>>,
    pub begun: Instant,
    /// When the client began to wait: with the last of its request.
    waits_since: Cell<Instant>,
    answered: Cell<bool>,
    settled: Cell<bool>,
    forgotten: Cell<bool>,
    /// Its time has been taken.
    timed: Cell<bool>,
}

impl Unit {
    pub fn new(
        slot: Slot,
        upstream: &Rc<Upstream>,
        counted: Counted,
        measured: Rc<RefCell<Measured>>,
    ) -> Self {
        upstream.begin();
        let begun = Instant::now();
        Self {
            slot,
            upstream: Rc::clone(upstream),
            counted,
            measured,
            begun,
            waits_since: Cell::new(begun),
            answered: Cell::new(false),
            settled: Cell::new(false),
            forgotten: Cell::new(false),
            timed: Cell::new(false),
        }
    }

    pub fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The last of its request came then.
    pub fn waits_since(&self, sent: Instant) {
        self.waits_since.set(sent);
    }

    /// How long its client has waited.
    pub fn waited(&self) -> Duration {
        self.waits_since.get().elapsed()
    }

    /// The answer has begun, and is right so far.
    pub fn answered(&self) {
        self.answered.set(true);
    }

    /// It became a connection of another kind: right, and its time is up to here.
    pub fn switched(&self) {
        self.answered();
        self.settle(true);
        self.time();
    }

    /// How it ended; the first word stands.
    pub fn settle(&self, ok: bool) {
        if self.settled.replace(true) {
            return;
        }
        match &self.counted {
            Counted::Request(bucket) => bucket.ended(self.slot, ok),
            Counted::Client { client, .. } => client.ended(ok),
            Counted::Nothing => {}
        }
    }

    /// The client's side broke: nobody can say what the slot would have done.
    pub fn forget(&self) {
        self.settled.set(true);
        self.forgotten.set(true);
    }

    /// Whether the client went away after waiting long for an answer that had not begun.
    pub fn gave_up(&self) -> bool {
        !self.answered.get() && !self.settled.get() && self.waited() >= GAVE_UP
    }

    fn time(&self) {
        if self.timed.replace(true) {
            return;
        }
        let took = self.took();
        match &self.counted {
            Counted::Request(bucket) => bucket.left(self.slot, took),
            Counted::Client { client, first: true } => client.bucket.left(self.slot, took),
            Counted::Client { .. } | Counted::Nothing => {}
        }
        if self.settled.get() && !self.forgotten.get() {
            self.measured.borrow_mut().record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        self.upstream.end();
        if self.answered.get() {
            self.settle(true);
        } else if self.gave_up() {
            self.settle(false);
        }
        self.time();
    }
}
