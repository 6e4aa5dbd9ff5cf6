//! What is counted against a canary, and how much each counts.
//!
//! Each signal has an e-process of its own. Their weighted mean is one again, so the chance of blaming a
//! healthy canary stays below `α` however many signals there are and however they depend on each other
//! (Vovk & Wang, arXiv 1912.06116). The weights are fixed before any data. Errors weigh most: the others
//! speak often where they speak at all, and lose little by it.

use super::counts::{Bucket, Counts};
use super::eprocess::{Question, Tick};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Errors,
    SlowP90,
    SlowP99,
    Panics,
}

/// Ratios for failures, which may be so rare that a thousand times as often is nothing unheard of.
const RARE: [f64; 9] = [1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0];
/// Ratios for slowness, which is frequent by construction: finer, and not as far.
const OFTEN: [f64; 9] = [1.1, 1.2, 1.35, 1.6, 2.0, 2.7, 4.0, 6.6, 20.0];

impl Signal {
    pub const ALL: [Self; 4] = [Self::Errors, Self::SlowP90, Self::SlowP99, Self::Panics];

    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::SlowP90 => "slow-p90",
            Self::SlowP99 => "slow-p99",
            Self::Panics => "panics",
        }
    }

    /// Its share of the mean; the shares sum to 1.
    pub fn weight(self) -> f64 {
        match self {
            Self::Errors => 0.85,
            Self::SlowP90 | Self::SlowP99 | Self::Panics => 0.05,
        }
    }

    /// What is asked. `latency_ratio` is how many times as often the canary may be slow.
    pub fn question(self, latency_ratio: f64) -> Question {
        match self {
            // Any excess counts.
            Self::Errors | Self::Panics => Question { rho: 1.0, grid: &RARE, most: f64::INFINITY },
            // At most all units are slow, of which a tenth or a hundredth is at stable.
            Self::SlowP90 => Question { rho: latency_ratio, grid: &OFTEN, most: 10.0 },
            Self::SlowP99 => Question { rho: latency_ratio, grid: &OFTEN, most: 100.0 },
        }
    }

    pub fn count(self, counts: Counts) -> u64 {
        match self {
            Self::Errors => counts.failed,
            Self::SlowP90 => counts.slow_p90,
            Self::SlowP99 => counts.slow_p99,
            Self::Panics => counts.panics,
        }
    }

    pub fn tick(self, bucket: &Bucket) -> Tick {
        Tick {
            weight: self.weight_of(bucket.percent),
            canary: self.count(bucket.canary),
            stable: self.count(bucket.stable),
        }
    }

    /// Panics may come from requests or, in threads of their own, from the clock; so that neither kind
    /// blames a canary, theirs is the share that is the less suspicious of the two.
    fn weight_of(self, percent: u8) -> f64 {
        let drawn = f64::from(percent) / 100.0;
        if self == Self::Panics && drawn > 0.0 { drawn.max(0.5) } else { drawn }
    }

    /// What the canary does more often than stable.
    pub fn words(self) -> &'static str {
        match self {
            Self::Errors => "fails more often than stable",
            Self::SlowP90 => "is slower than nine tenths of stable's answers more often than stable",
            Self::SlowP99 => "is slower than 99 % of stable's answers more often than stable",
            Self::Panics => "panics or logs errors more often than stable",
        }
    }
}
