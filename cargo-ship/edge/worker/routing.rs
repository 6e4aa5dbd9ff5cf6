//! Which slot a request goes to, and what became of it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::access::Log;
use super::bodies::Upload;
use super::counting::{Bucket, Buckets, Slot, Terms};
use super::sampling::Samples;
use crate::canary::latency::{Bars, Measured};
use crate::edge::link::{BothTook, InFlight, Order, Report, Route};
use crate::edge::protocol::Failure;

/// Idle connections to a slot are closed sooner than servers close theirs, so that none is met half closed.
const IDLE: Duration = Duration::from_secs(2);
/// A client that goes away after this long without an answer gave up: the slot failed it.
const GAVE_UP: Duration = Duration::from_secs(2);
/// Failing canary requests kept until the supervisor fetches them.
const KEPT_FAILURES: usize = 20;

/// A slot's process as requests see it.
pub struct Upstream {
    pub route: Route,
    pub authority: hyper::http::uri::Authority,
    in_flight: Cell<usize>,
}

#[derive(Default)]
struct Routes {
    stable: Option<Rc<Upstream>>,
    canary: Option<Rc<Upstream>>,
    weight: u8,
}

/// Everything the worker knows.
pub struct Edge {
    routes: RefCell<Routes>,
    /// Those no longer routed to, while they have requests in flight.
    leaving: RefCell<Vec<Rc<Upstream>>>,
    buckets: Buckets,
    /// How long the stable release took, since it is stable.
    measured: RefCell<Rc<RefCell<Measured>>>,
    /// The same of the canary, for people to see.
    canary_measured: RefCell<Rc<RefCell<Measured>>>,
    pub samples: Samples,
    failures: RefCell<VecDeque<Failure>>,
    random: Cell<u64>,
    pub client: Client<HttpConnector, Upload>,
    pub access: Log,
}

impl Edge {
    pub fn new(access: Log) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        // A request that found its pooled connection closed before a byte was sent goes out on another;
        // one that was sent is never sent again.
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self {
            routes: RefCell::default(),
            leaving: RefCell::default(),
            buckets: Buckets::new(),
            measured: RefCell::default(),
            canary_measured: RefCell::default(),
            samples: Samples::default(),
            failures: RefCell::default(),
            random: Cell::new(seed()),
            client,
            access,
        }
    }

    /// Give the next request to a slot: counted in flight and in its bucket at once, so that a switch of
    /// routes finds it either wholly before or wholly after. `None`: there is no stable slot.
    pub fn assign(&self) -> Option<Unit> {
        let routes = self.routes.borrow();
        let to_canary = self.random() % 10_000 < u64::from(routes.weight) * 100;
        let (slot, upstream) = match &routes.canary {
            Some(canary) if to_canary => (Slot::Canary, canary),
            _ => (Slot::Stable, routes.stable.as_ref()?),
        };
        upstream.in_flight.set(upstream.in_flight.get() + 1);
        let bucket = self.buckets.open();
        bucket.assigned(slot);
        Some(Unit {
            slot,
            upstream: Rc::clone(upstream),
            bucket,
            measured: match slot {
                Slot::Stable => Rc::clone(&self.measured.borrow()),
                Slot::Canary => Rc::clone(&self.canary_measured.borrow()),
            },
            begun: Instant::now(),
            answered: Cell::new(false),
            settled: Cell::new(false),
            forgotten: Cell::new(false),
        })
    }

    /// Do what the supervisor says; `Exit` is the caller's to do.
    pub fn obey(&self, order: &Order) -> Report {
        match order {
            Order::Routes { epoch, bucket, stable, canary, weight, bars } => {
                let mut routes = self.routes.borrow_mut();
                let before = std::mem::take(&mut *routes);
                if before.stable.as_ref().map(|upstream| &upstream.route) != stable.as_ref() {
                    self.measured.replace(Rc::default());
                }
                if before.canary.as_ref().map(|upstream| &upstream.route) != canary.as_ref() {
                    self.canary_measured.replace(Rc::default());
                }
                let known: Vec<Rc<Upstream>> = before.stable.into_iter().chain(before.canary).collect();
                let find =
                    |route: &Option<Route>| route.as_ref().and_then(|route| self.upstream(route, &known));
                *routes = Routes { stable: find(stable), canary: find(canary), weight: *weight };
                self.leaving.borrow_mut().extend(known);
                let percent = if routes.canary.is_some() { *weight } else { 0 };
                self.buckets.turn(Terms { number: *bucket, epoch: *epoch, percent, bars: *bars });
            }
            Order::Tick { bucket: Some(bucket), bars } => {
                self.buckets.turn(Terms { number: *bucket, bars: *bars, ..self.buckets.terms() });
            }
            Order::Tick { bucket: None, .. } | Order::Exit {} => {}
        }
        let took = matches!(order, Order::Tick { bucket: Some(_), .. }).then(|| self.took()).flatten();
        Report { took, ..self.report() }
    }

    fn upstream(&self, route: &Route, known: &[Rc<Upstream>]) -> Option<Rc<Upstream>> {
        let leaving = self.leaving.borrow();
        let same = known.iter().chain(leaving.iter()).find(|upstream| upstream.route == *route);
        if let Some(upstream) = same {
            return Some(Rc::clone(upstream));
        }
        let authority = format!("127.0.0.1:{}", route.port).parse().ok()?;
        Some(Rc::new(Upstream { route: route.clone(), authority, in_flight: Cell::new(0) }))
    }

    /// The supervisor is gone: nobody watches the canary, so it gets nothing more.
    pub fn abandon_canary(&self) {
        self.routes.borrow_mut().weight = 0;
        let terms = self.buckets.terms();
        self.buckets.turn(Terms { number: terms.number + 1, percent: 0, ..terms });
    }

    pub fn failed(&self, failure: Failure) {
        let mut failures = self.failures.borrow_mut();
        if failures.len() == KEPT_FAILURES {
            failures.pop_front();
        }
        failures.push_back(failure);
    }

    fn report(&self) -> Report {
        let routes = self.routes.borrow();
        let mut leaving = self.leaving.borrow_mut();
        leaving.retain(|upstream| upstream.in_flight.get() > 0);
        let mut in_flight: Vec<InFlight> = Vec::new();
        for upstream in leaving.iter().chain(&routes.stable).chain(&routes.canary) {
            let port = upstream.route.port;
            if in_flight.iter().all(|known| known.port != port) {
                in_flight.push(InFlight { port, requests: upstream.in_flight.get() });
            }
        }
        Report {
            pid: std::process::id(),
            weight: routes.weight,
            epoch: self.buckets.terms().epoch,
            buckets: self.buckets.changed(),
            failures: self.failures.borrow_mut().drain(..).collect(),
            in_flight,
            measured: self.measure(),
            took: None,
            samples: self.samples.taken(),
        }
    }

    fn took(&self) -> Option<BothTook> {
        (self.buckets.terms().percent > 0).then(|| BothTook {
            stable: self.measured.borrow().borrow().took(),
            canary: self.canary_measured.borrow().borrow().took(),
        })
    }

    /// Where the bars would be, while a canary is compared and they are not set.
    fn measure(&self) -> Option<Bars> {
        let terms = self.buckets.terms();
        let wanted = terms.percent > 0 && terms.bars.is_none();
        wanted.then(|| self.measured.borrow().borrow().bars()).flatten()
    }

    /// A number nobody needs to be unable to guess (SplitMix64).
    pub fn random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

/// One request of a slot, in flight until it is dropped.
pub struct Unit {
    pub slot: Slot,
    pub upstream: Rc<Upstream>,
    bucket: Rc<Bucket>,
    /// Where its time is noted.
    measured: Rc<RefCell<Measured>>,
    begun: Instant,
    answered: Cell<bool>,
    settled: Cell<bool>,
    forgotten: Cell<bool>,
}

impl Unit {
    pub fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The answer has begun, and is right so far.
    pub fn answered(&self) {
        self.answered.set(true);
    }

    /// How it ended; the first word stands.
    pub fn settle(&self, ok: bool) {
        if !self.settled.replace(true) {
            self.bucket.ended(self.slot, ok);
        }
    }

    /// The client's side broke: nobody can say what the slot would have done.
    pub fn forget(&self) {
        self.settled.set(true);
        self.forgotten.set(true);
    }
}

impl Unit {
    /// Whether the client went away after waiting long for an answer that had not begun.
    pub fn gave_up(&self) -> bool {
        !self.answered.get() && !self.settled.get() && self.took() >= GAVE_UP
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        let upstream = &self.upstream;
        upstream.in_flight.set(upstream.in_flight.get() - 1);
        if self.answered.get() {
            self.settle(true);
        } else if self.gave_up() {
            self.settle(false);
        }
        let took = self.took();
        self.bucket.left(self.slot, took);
        let counted = self.settled.get() && !self.forgotten.get();
        if counted {
            self.measured.borrow_mut().record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
    }
}
