//! What an intent promises of a release in figures of its own: "99 % of answers within 200 ms", "at most 1 %
//! fail". Unlike [`super::eprocess`] this compares with nothing.
//!
//! **Statistic.** A unit breaks the promise when it took longer than the intent allows, or failed; at most the
//! share `s` of units may (1 % for the 99th percentile, 10 % for the 90th). Whether more do is the same question
//! as in [`super::certify`], with `s` for `p_max`: *kept* is shown when `F(s)` reaches `1/α`, *broken* when the
//! martingale turned round, with rates above `s`, reaches `m/α` for `m` promises. So a canary that keeps all of
//! them is rolled back for one with a probability of at most `α` (Ville, and a sum over the promises).
//!
//! A promise that stable seems to break as well rolls nothing back: what both suffer from is not the release's
//! doing, and taking it out would mend nothing. *As well* is asked twice: over all of stable's units, by the
//! martingale; and beside the canary, by the e-process of [`super::eprocess`] with `ρ = 1` on the units that broke
//! the promise ([`MORE_OFTEN`]), which must reach `1/√α`. Else an outage of both would blame a canary of which most
//! units came during it, for want of it in the hours stable served before. Both only take rollbacks away, so the
//! bound stays valid. A promise on time is not shown to be kept then either, and a person is asked; of errors see
//! `G` in [`super::certify`].
//!
//! **Unit, assumptions and sources**: those of [`super::certify`]. A unit that is still under way when its time
//! is over has broken the promise already.

use serde::{Deserialize, Serialize};

use super::certify;
use super::counts::{Bucket, Counts};
use super::eprocess::{Question, Tick};

/// Whether the canary breaks a promise more often than stable: any excess counts.
pub const MORE_OFTEN: Question = Question {
    rho: 1.0,
    grid: &[(1.5, 1.0), (2.0, 1.0), (3.0, 1.0), (5.0, 1.0), (10.0, 1.0), (30.0, 1.0), (100.0, 1.0)],
    most: f64::INFINITY,
};

/// The longest times, in microseconds, of which an intent allows only the usual share above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// A tenth may take longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_us: Option<u64>,
    /// A hundredth may take longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_us: Option<u64>,
}

impl Caps {
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this time lies above each of them.
    pub fn passed(self, took_us: u64) -> (bool, bool) {
        let over = |cap: Option<u64>| cap.is_some_and(|cap| took_us > cap);
        (over(self.p90_us), over(self.p99_us))
    }

    /// The stricter of both.
    pub fn and(self, other: Self) -> Self {
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Self { p90_us: least(self.p90_us, other.p90_us), p99_us: least(self.p99_us, other.p99_us) }
    }
}

/// One promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Promise {
    /// So large a share may fail.
    Errors {
        share: f64,
    },
    P90 {
        max_us: u64,
    },
    P99 {
        max_us: u64,
    },
}

impl Promise {
    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Errors { .. } => "error-rate",
            Self::P90 { .. } => "latency-p90",
            Self::P99 { .. } => "latency-p99",
        }
    }

    /// The share of units that may break it.
    pub fn share(self) -> f64 {
        match self {
            Self::Errors { share } => share,
            Self::P90 { .. } => 0.10,
            Self::P99 { .. } => 0.01,
        }
    }

    /// How many of the units broke it.
    pub fn broken_by(self, counts: Counts) -> u64 {
        match self {
            Self::Errors { .. } => counts.failed,
            Self::P90 { .. } => counts.over_p90,
            Self::P99 { .. } => counts.over_p99,
        }
    }

    /// The units as those of a failure rate. Of errors a unit without an end says nothing; of time it does.
    fn units(self, counts: Counts) -> Counts {
        let failed = self.broken_by(counts);
        let ok = match self {
            Self::Errors { .. } => counts.ok,
            Self::P90 { .. } | Self::P99 { .. } => counts.requests.saturating_sub(failed),
        };
        Counts { requests: ok + failed, ok, failed, ..Counts::default() }
    }

    /// The units of a bucket that broke it, beside each other.
    pub fn tick(self, bucket: &Bucket) -> Tick {
        Tick {
            weight: f64::from(bucket.percent) / 100.0,
            canary: self.broken_by(bucket.canary),
            stable: self.broken_by(bucket.stable),
        }
    }

    /// How many more units that keep it would show that it is kept.
    pub fn clean_units_missing(self, alpha: f64, so_far: Counts) -> u64 {
        certify::clean_units_missing(self.share(), alpha, self.units(so_far))
    }

    /// The logarithm of the evidence that it is kept.
    pub fn log_kept(self, canary: Counts) -> f64 {
        certify::log_f(self.share(), self.units(canary))
    }

    /// The logarithm of the evidence that it is broken.
    pub fn log_broken(self, slot: Counts) -> f64 {
        certify::log_exceeds(self.share(), self.units(slot))
    }

    /// What the canary was promised to do.
    pub fn words(self) -> String {
        let ms = |us: u64| format!("{} ms", us as f64 / 1000.0);
        match self {
            Self::Errors { share } => format!("fail at most {} % of requests", share * 100.0),
            Self::P90 { max_us } => format!("answer 90 % of requests within {}", ms(max_us)),
            Self::P99 { max_us } => format!("answer 99 % of requests within {}", ms(max_us)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(requests: u64, over_p99: u64) -> Counts {
        Counts { requests, ok: requests, over_p99, ..Counts::default() }
    }

    #[test]
    fn a_promise_is_shown_to_be_kept_or_broken_by_as_many_units_as_a_failure_rate() {
        let promise = Promise::P99 { max_us: 200_000 };
        let bound = 100f64.ln();
        assert!(promise.log_kept(over(563, 0)) < bound && promise.log_kept(over(565, 0)) >= bound);
        assert!(promise.log_broken(over(60, 6)) >= bound && promise.log_broken(over(60, 2)) < bound);
        assert!(promise.log_broken(over(6000, 60)) < 0.0, "exactly as many as may");
        let tenth = Promise::P90 { max_us: 200_000 };
        assert!(tenth.log_kept(Counts { requests: 60, ok: 60, ..Counts::default() }) >= bound);
    }

    #[test]
    fn of_two_intents_the_stricter_one_holds() {
        let one = Caps { p90_us: Some(5), p99_us: None };
        let other = Caps { p90_us: Some(9), p99_us: Some(20) };
        assert_eq!(one.and(other), Caps { p90_us: Some(5), p99_us: Some(20) });
        assert_eq!(one.and(other).passed(6), (true, false));
        assert!(Caps::default().is_none() && Caps::default().passed(u64::MAX) == (false, false));
    }
}
