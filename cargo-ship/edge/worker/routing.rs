//! Which slot a request goes to, and what became of it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use hyper::header::{HeaderMap, HeaderValue};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::access::Log;
use super::bodies::Upload;
use super::control::Line;
use super::counting::{Buckets, Slot, Terms};
use super::sampling::Samples;
use super::sticky::Sticky;
use super::unit::{Counted, Unit};
use crate::canary::latency::{Bars, Measured};
use crate::edge::link::{BothTook, InFlight, Order, Report, Route};
use crate::edge::protocol::Failure;

/// Idle connections to a slot are closed sooner than servers close theirs, so that none is met half closed.
const IDLE: Duration = Duration::from_secs(2);
/// Failing canary requests kept until the supervisor fetches them.
const KEPT_FAILURES: usize = 20;

/// A slot's process as requests see it.
pub struct Upstream {
    pub route: Route,
    pub authority: hyper::http::uri::Authority,
    in_flight: Cell<usize>,
}

impl Upstream {
    pub fn begin(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    pub fn end(&self) {
        self.in_flight.set(self.in_flight.get() - 1);
    }
}

#[derive(Default)]
struct Routes {
    stable: Option<Rc<Upstream>>,
    canary: Option<Rc<Upstream>>,
    weight: u8,
    sticky: Option<Rc<Sticky>>,
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
    /// Held once for each connection.
    connections: Rc<()>,
    retired: Cell<bool>,
    /// The newest supervisor.
    line: RefCell<Option<Rc<Line>>>,
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
            connections: Rc::default(),
            retired: Cell::new(false),
            line: RefCell::default(),
        }
    }

    /// Give the next request to a slot: counted in flight and in its bucket at once, so that a switch of
    /// routes finds it either wholly before or wholly after; with the cookie to set, where clients stay with
    /// their slot and this one is new. `None`: there is no stable slot.
    pub fn assign(&self, headers: &mut HeaderMap) -> Option<(Unit, Option<HeaderValue>)> {
        let drawn = self.random() % 10_000;
        if self.may_be_for_canary(drawn) {
            self.heed();
        }
        let routes = self.routes.borrow();
        let sticky = routes.sticky.as_ref().filter(|_| routes.canary.is_some());
        let known = sticky.map(|sticky| (sticky, sticky.who(headers)));
        let draw = known.as_ref().map_or(drawn, |(sticky, (id, _))| sticky.draw(id));
        let (slot, upstream) = match &routes.canary {
            Some(canary) if draw < u64::from(routes.weight) * 100 => (Slot::Canary, canary),
            _ => (Slot::Stable, routes.stable.as_ref()?),
        };
        let bucket = self.buckets.open();
        let (counted, cookie) = match known {
            None => {
                bucket.assigned(slot);
                (Counted::Request(bucket), None)
            }
            Some((sticky, (id, cookie))) => {
                let unit = sticky.unit(id, self.buckets.terms().epoch, slot, &bucket);
                let counted =
                    unit.map_or(Counted::Nothing, |(client, first)| Counted::Client { client, first });
                (counted, cookie)
            }
        };
        let measured = match slot {
            Slot::Stable => Rc::clone(&self.measured.borrow()),
            Slot::Canary => Rc::clone(&self.canary_measured.borrow()),
        };
        Some((Unit::new(slot, upstream, counted, measured), cookie))
    }

    fn may_be_for_canary(&self, drawn: u64) -> bool {
        let routes = self.routes.borrow();
        routes.canary.is_some()
            && if routes.sticky.is_some() {
                routes.weight > 0
            } else {
                drawn < u64::from(routes.weight) * 100
            }
    }

    /// Obey what the supervisor has said by now, however much else waits: a canary that is taken out gets no
    /// request that comes later.
    fn heed(&self) {
        let line = self.line.borrow().clone();
        if let Some(line) = line {
            line.heed(self);
        }
    }

    /// Whose orders are heeded from now on.
    pub fn listen_to(&self, line: Rc<Line>) {
        self.line.replace(Some(line));
    }

    pub fn listens_to(&self, line: &Rc<Line>) -> bool {
        self.line.borrow().as_ref().is_some_and(|newest| Rc::ptr_eq(newest, line))
    }

    /// Hold a connection, as long as what is returned lives.
    pub fn connection(&self) -> Rc<()> {
        Rc::clone(&self.connections)
    }

    pub fn connections(&self) -> usize {
        Rc::strong_count(&self.connections) - 1
    }

    /// Answer no second request on a connection from now on.
    pub fn retire(&self) {
        self.retired.set(true);
    }

    pub fn is_retired(&self) -> bool {
        self.retired.get()
    }

    /// Do what the supervisor says; `Exit` is the caller's to do.
    pub fn obey(&self, order: &Order) -> Report {
        match order {
            Order::Routes { epoch, bucket, stable, canary, weight, bars, caps, sticky } => {
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
                let sticky = sticky.as_ref().and_then(|terms| {
                    let same = before.sticky.filter(|sticky| sticky.has(terms));
                    same.or_else(|| Sticky::new(terms).map(Rc::new))
                });
                *routes = Routes { stable: find(stable), canary: find(canary), weight: *weight, sticky };
                self.leaving.borrow_mut().extend(known);
                let percent = if routes.canary.is_some() { *weight } else { 0 };
                let terms = Terms { number: *bucket, epoch: *epoch, percent, bars: *bars, caps: *caps };
                self.buckets.turn(terms);
            }
            Order::Tick { bucket: Some(bucket), bars } => {
                self.buckets.turn(Terms { number: *bucket, bars: *bars, ..self.buckets.terms() });
            }
            Order::Retire {} => self.retire(),
            Order::Tick { bucket: None, .. } | Order::Exit {} | Order::Listener {} => {}
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
            heeds: true,
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
