//! When an answer is slow: percentiles of stable, frozen once and then only compared with.
//!
//! A latency has no failure of its own, so one is made: an answer is slow when it took longer than the 90th
//! or the 99th percentile of what stable answered before. The two are frozen from at least 2,000 units of
//! the stable release, taken before those that are compared; from then on both slots are held to them and
//! "slow" is counted like a failure. **Before that there is no evidence on latency at all**, neither for nor
//! against: its two e-processes stand at 1, and whoever shows them says that stable was not measured yet.
//!
//! **Null**: the canary is slow at most `ρ = 1.5` times as often as stable. A release that is twice as slow
//! puts far more than 15 % of its answers beyond stable's 90th percentile; a heavier tail shows at the 99th.
//!
//! **Assumptions**: those of [`super::eprocess`]. That the percentile is only an estimate does no harm: the
//! null is about how often both slots pass the same bar, wherever it lies. A unit's time is from its
//! assignment until the client has the whole answer; one that is still under way has already taken as long as it has.
//! Half a millisecond is added to the bar: a canary with a twentieth of the traffic meets colder caches and
//! fewer open connections, which is no fault of the release.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Units of stable the percentiles are taken from, at least.
pub const UNITS: u64 = 2_000;
/// Units after which the older half is forgotten, so that last week does not speak for today.
const GENERATION: u64 = 50_000;
/// Added to the percentiles, in microseconds.
const UNNOTICED_US: u64 = 500;
/// The longest time told apart, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;

/// The two bars, in microseconds, and how many units they are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bars {
    pub p90_us: u64,
    pub p99_us: u64,
    pub units: u64,
}

impl Bars {
    /// How many of the two bars lie below this time.
    pub fn passed(self, took_us: u64) -> (bool, bool) {
        (took_us > self.p90_us, took_us > self.p99_us)
    }
}

/// How long the answers of one slot took, in microseconds: for people to see, never decided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Took {
    pub p50_us: u64,
    pub p90_us: u64,
    pub p99_us: u64,
    pub units: u64,
}

/// How long a slot took lately.
pub struct Measured {
    before: Option<Histogram<u64>>,
    now: Histogram<u64>,
}

impl Default for Measured {
    fn default() -> Self {
        Self { before: None, now: histogram() }
    }
}

fn histogram() -> Histogram<u64> {
    // Fails only for bounds or digits out of range, and these are within.
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("bounds are in range")
}

impl Measured {
    pub fn record(&mut self, took_us: u64) {
        if self.now.len() >= GENERATION {
            self.before = Some(std::mem::replace(&mut self.now, histogram()));
        }
        self.now.saturating_record(took_us.max(1));
    }

    pub fn units(&self) -> u64 {
        self.now.len() + self.before.as_ref().map_or(0, Histogram::len)
    }

    /// The percentiles of the newer half; `None` before the first unit.
    pub fn took(&self) -> Option<Took> {
        let of = if self.now.is_empty() { self.before.as_ref()? } else { &self.now };
        let at = |quantile| of.value_at_quantile(quantile);
        (!of.is_empty()).then(|| Took {
            p50_us: at(0.50),
            p90_us: at(0.90),
            p99_us: at(0.99),
            units: self.units(),
        })
    }

    /// The bars as they are now; `None` while there are too few units.
    pub fn bars(&self) -> Option<Bars> {
        let units = self.units();
        if units < UNITS {
            return None;
        }
        let mut all = self.now.clone();
        if let Some(before) = &self.before {
            // Fails only where the bounds differ, and they are the same.
            all.add(before).expect("the bounds are the same");
        }
        let bar = |quantile| all.value_at_quantile(quantile) + UNNOTICED_US;
        Some(Bars { p90_us: bar(0.90), p99_us: bar(0.99), units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_bars_before_two_thousand_units() {
        let mut measured = Measured::default();
        (1..UNITS).for_each(|unit| measured.record(unit * 1000));
        assert_eq!(measured.bars(), None);
        measured.record(UNITS * 1000);
        let bars = measured.bars().unwrap();
        assert_eq!(bars.units, UNITS);
        let near = |bar: u64, of: u64| (bar as f64 / of as f64 - 1.0).abs() < 0.002;
        assert!(near(bars.p90_us, 1_800_000) && near(bars.p99_us, 1_980_000), "{bars:?}");
        assert_eq!(bars.passed(1_900_000), (true, false));
    }

    #[test]
    fn what_was_long_ago_is_forgotten() {
        let mut measured = Measured::default();
        (0..GENERATION).for_each(|_| measured.record(1_000_000));
        (0..2 * GENERATION + 1).for_each(|_| measured.record(10_000));
        let bars = measured.bars().unwrap();
        assert!(bars.p99_us < 11_000 && bars.units == GENERATION + 1, "{bars:?}");
    }
}
