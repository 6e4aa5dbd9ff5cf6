//! Simulated services under a canary: what each second brings, drawn from a seed.

use crate::canary::counts::{Bucket, Counts};
use crate::canary::latency::{Bars, Measured, UNITS};

/// SplitMix64: small, seeded, good enough to draw coins from.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn coin(&mut self, chance: f64) -> bool {
        self.share() < chance
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// What one second of a service brings.
pub type World = Box<dyn FnMut(&mut Random) -> Bucket>;

/// How much traffic there is, and how much of it the canary gets.
#[derive(Clone, Copy)]
pub struct Traffic {
    pub a_second: f64,
    pub percent: u8,
}

/// Ten requests a second, one in twenty to the canary.
pub const USUAL: Traffic = Traffic { a_second: 10.0, percent: 5 };

impl Traffic {
    fn weight(self) -> f64 {
        f64::from(self.percent) / 100.0
    }

    fn bucket(self) -> Bucket {
        Bucket { percent: self.percent, ..Bucket::default() }
    }

    fn requests(self, random: &mut Random) -> u64 {
        let whole = self.a_second.floor();
        whole as u64 + u64::from(random.coin(self.a_second - whole))
    }
}

fn unit(bucket: &mut Bucket, to_canary: bool, failed: bool) -> &mut Counts {
    let slot = if to_canary { &mut bucket.canary } else { &mut bucket.stable };
    slot.requests += 1;
    slot.failed += u64::from(failed);
    slot.ok += u64::from(!failed);
    slot
}

/// Each request fails by itself, with its slot's rate.
pub fn independent(traffic: Traffic, stable: f64, canary: f64) -> World {
    Box::new(move |random| {
        let mut bucket = traffic.bucket();
        for _ in 0..traffic.requests(random) {
            let to_canary = random.coin(traffic.weight());
            let failed = random.coin(if to_canary { canary } else { stable });
            unit(&mut bucket, to_canary, failed);
        }
        bucket
    })
}

/// Failures of both slots in clumps: some six times an hour half of everything fails for up to a minute.
pub fn outages(traffic: Traffic, rate: f64) -> World {
    let mut left = 0;
    Box::new(move |random| {
        if left == 0 && random.coin(1.0 / 600.0) {
            left = 5 + (random.share() * 55.0) as u64;
        }
        let failing = if left > 0 { 0.5 } else { rate };
        left = left.saturating_sub(1);
        let mut bucket = traffic.bucket();
        for _ in 0..traffic.requests(random) {
            let (to_canary, failed) = (random.coin(traffic.weight()), random.coin(failing));
            unit(&mut bucket, to_canary, failed);
        }
        bucket
    })
}

/// How clients are assigned and counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// Each request anew, counted each.
    RequestsAnew,
    /// A client stays with its slot, and counts once.
    StickyOnce,
    /// A client stays with its slot, and each of its requests counts: wrong.
    StickyRequests,
}

/// A thousand clients, of which one in fifty fails nine times of ten, whichever slot it meets.
pub fn clients(traffic: Traffic, how: Clients) -> World {
    const CLIENTS: usize = 1000;
    let mut slots: Vec<bool> = Vec::new();
    let mut seen = vec![false; CLIENTS];
    Box::new(move |random| {
        if slots.is_empty() {
            slots = (0..CLIENTS).map(|_| random.coin(traffic.weight())).collect();
        }
        let mut bucket = traffic.bucket();
        for _ in 0..traffic.requests(random) {
            let client = (random.share() * CLIENTS as f64) as usize;
            let failed = random.coin(if client.is_multiple_of(50) { 0.9 } else { 0.001 });
            match how {
                Clients::RequestsAnew => {
                    let to_canary = random.coin(traffic.weight());
                    unit(&mut bucket, to_canary, failed);
                }
                Clients::StickyOnce if std::mem::replace(&mut seen[client], true) => {}
                Clients::StickyOnce | Clients::StickyRequests => {
                    unit(&mut bucket, slots[client], failed);
                }
            }
        }
        bucket
    })
}

/// How long a canary's answers take, beside stable's.
#[derive(Clone, Copy)]
pub struct Shape {
    /// All answers take this many times as long.
    pub times: f64,
    /// This share of answers takes ten times as long.
    pub tail: f64,
}

/// Answers of some 20 ms (log-normal, σ = 0.5); the bars are frozen from stable before the canary begins.
pub fn latency(traffic: Traffic, canary: Shape) -> World {
    let mut bars: Option<Bars> = None;
    let took = |random: &mut Random| 20_000.0 * (0.5 * random.normal()).exp();
    Box::new(move |random| {
        let bars = *bars.get_or_insert_with(|| {
            let mut measured = Measured::default();
            (0..UNITS).for_each(|_| measured.record(took(random) as u64));
            measured.bars().expect("as many as are needed")
        });
        let mut bucket = traffic.bucket();
        for _ in 0..traffic.requests(random) {
            let to_canary = random.coin(traffic.weight());
            let mut time = took(random);
            if to_canary {
                time *= canary.times * if random.coin(canary.tail) { 10.0 } else { 1.0 };
            }
            let (p90, p99) = bars.passed(time as u64);
            let slot = unit(&mut bucket, to_canary, false);
            slot.slow_p90 += u64::from(p90);
            slot.slow_p99 += u64::from(p99);
        }
        bucket
    })
}
