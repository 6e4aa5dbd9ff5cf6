//! Who looks at a simulated canary: this rule, and what stands beside it.

use std::collections::VecDeque;

use super::worlds::{Random, World};
use crate::canary::counts::{Bucket, Counts};
use crate::canary::evidence::{Evidence, Limits};
use crate::canary::promises::Caps;
use crate::canary::signals;

pub const LIMITS: Limits = Limits {
    alpha: 0.01,
    max_error_rate: 0.01,
    latency_ratio: 1.5,
    answer_ms: 30_000,
    caps: Caps { p90_us: None, p99_us: None },
    promised_errors: false,
    rule: signals::Rule::Second,
};

/// Looks at each second as it comes, and says when it would roll back.
pub trait Judge {
    fn rolls_back(&mut self, second: u64, bucket: &Bucket) -> bool;
}

/// The rule of this project, with all its signals.
pub struct Rule(pub Evidence);

impl Default for Rule {
    fn default() -> Self {
        Self(Evidence::new(LIMITS))
    }
}

impl Judge for Rule {
    fn rolls_back(&mut self, second: u64, bucket: &Bucket) -> bool {
        self.0.count(second * 1000, *bucket);
        let canary = bucket.canary;
        // Nothing else makes `E` rise.
        canary.failed + canary.slow_p90 > 0 && self.0.is_worse()
    }
}

/// A fixed threshold as Flagger's guides set it: every minute more than 1 % of the canary's requests of that
/// minute failed, five times in all; a minute without requests is no check.
#[derive(Default)]
pub struct Threshold {
    minute: Counts,
    failed_checks: u32,
}

impl Judge for Threshold {
    fn rolls_back(&mut self, second: u64, bucket: &Bucket) -> bool {
        self.minute = self.minute.plus(bucket.canary);
        if second.is_multiple_of(60) {
            let minute = std::mem::take(&mut self.minute);
            self.failed_checks += u32::from(minute.failed as f64 > 0.01 * minute.requests as f64);
        }
        self.failed_checks >= 5
    }
}

/// A test of two proportions at 1 % on one side, looked at every ten seconds as if each look were the only one.
#[derive(Default)]
pub struct ZTest {
    stable: Counts,
    canary: Counts,
}

impl Judge for ZTest {
    fn rolls_back(&mut self, second: u64, bucket: &Bucket) -> bool {
        (self.stable, self.canary) = (self.stable.plus(bucket.stable), self.canary.plus(bucket.canary));
        let (n_s, n_c) = (self.stable.requests as f64, self.canary.requests as f64);
        if !second.is_multiple_of(10) || n_s < 1.0 || n_c < 1.0 {
            return false;
        }
        let (k_s, k_c) = (self.stable.failed as f64, self.canary.failed as f64);
        let pooled = (k_s + k_c) / (n_s + n_c);
        let spread = (pooled * (1.0 - pooled) * (1.0 / n_s + 1.0 / n_c)).sqrt();
        spread > 0.0 && (k_c / n_c - k_s / n_s) / spread > 2.326
    }
}

/// When a run ended with a rollback, after how many canary units; `None` where it never did.
pub fn run(judge: &mut impl Judge, world: &mut World, seconds: u64, seed: u64) -> Option<u64> {
    let mut random = Random::new(seed);
    let mut units = 0;
    (1..=seconds).find_map(|second| {
        let bucket = world(&mut random);
        units += bucket.canary.requests;
        judge.rolls_back(second, &bucket).then_some(units)
    })
}

/// How often it was rolled back, of how many runs, and the mean of canary units where it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub runs: u64,
    pub rolled_back: u64,
    units: u64,
}

impl Tally {
    pub fn of<J: Judge + Default>(runs: u64, seconds: u64, world: impl Fn() -> World) -> Self {
        let mut tally = Self { runs, ..Self::default() };
        for seed in 0..runs {
            if let Some(units) = run(&mut J::default(), &mut world(), seconds, seed) {
                tally.rolled_back += 1;
                tally.units += units;
            }
        }
        tally
    }

    pub fn percent(self) -> f64 {
        100.0 * self.rolled_back as f64 / self.runs as f64
    }

    pub fn mean_units(self) -> f64 {
        self.units as f64 / self.rolled_back.max(1) as f64
    }
}

/// The oracle: Wald's sequential test on the canary's requests alone, told both rates beforehand, at the
/// same bound 1/α. Nothing that does not know the rates can be sooner on the whole. Mean of units to it.
pub fn oracle(runs: u64, stable: f64, canary: f64) -> f64 {
    let bound = -LIMITS.alpha.ln();
    let (failed, ok) = ((canary / stable).ln(), ((1.0 - canary) / (1.0 - stable)).ln());
    let mut units = 0u64;
    for seed in 0..runs {
        let mut random = Random::new(seed);
        let mut log = 0.0;
        while log < bound {
            units += 1;
            log += if random.coin(canary) { failed } else { ok };
        }
    }
    units as f64 / runs as f64
}

/// How one canary ended that is looked at after each unit until it is certified or rolled back.
pub struct Certified {
    pub certified: u64,
    pub rolled_back: u64,
    /// Mean of canary units to the certificate.
    pub units: f64,
}

/// Look at `runs` canaries once in ten seconds; whichever bound is reached first ends it.
pub fn certify(runs: u64, seconds: u64, world: impl Fn() -> World) -> Certified {
    let (mut certified, mut rolled_back, mut units) = (0, 0, 0u64);
    for seed in 0..runs {
        let (mut random, mut world) = (Random::new(seed), world());
        let mut evidence = Evidence::new(LIMITS);
        let mut waiting = VecDeque::new();
        for second in 1..=seconds {
            waiting.push_back(world(&mut random));
            if second.is_multiple_of(10) {
                let sum = waiting.drain(..).fold(Bucket::default(), |sum, more: Bucket| Bucket {
                    percent: more.percent,
                    stable: sum.stable.plus(more.stable),
                    canary: sum.canary.plus(more.canary),
                });
                evidence.count(second * 1000, sum);
                evidence.look(second * 1000);
                if evidence.is_worse() {
                    rolled_back += 1;
                    break;
                }
                if evidence.is_certified() {
                    certified += 1;
                    units += evidence.canary.requests;
                    break;
                }
            }
        }
    }
    Certified { certified, rolled_back, units: units as f64 / certified.max(1) as f64 }
}
