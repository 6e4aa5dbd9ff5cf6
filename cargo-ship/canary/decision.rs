//! Is the canary worse than stable, and is it good enough: evidence that may be looked at at any time.
//!
//! **Unit**: one request, since each request is assigned anew to a slot by the weight alone. Counted
//! by assignment; a request failed when its answer was 500 or above, the transport broke, or no answer
//! came in time.
//!
//! **Data**: buckets, the time between two looks in which the weight did not change. In a bucket `n_c`
//! and `n_s` units were assigned to canary and stable, `k_c` and `k_s` of them failed.
//!
//! **Worse** (`E`): if both fail equally often, a failure is the canary's with probability
//! `w = n_c / (n_c + n_s)`, whatever the rate is and however it moves, so an outage of both cancels.
//! Against the null `p_c/p_s <= ρ`, for each ratio `r` of a grid above `ρ`,
//! `L += k_c·ln(r/ρ) − (k_c+k_s)·ln[(1+w(r−1)) / (1+w(ρ−1))]` is the logarithm of a likelihood ratio
//! whose mean over the grid is a nonnegative supermartingale starting at 1: by Ville's inequality it
//! ever reaches `1/α` with probability at most `α`, however often it is looked at.
//!
//! **Good enough** (`F`): against the null `p_c >= p_max`, the mean over a grid of `q < p_max` of
//! `∏ (q/p_max)^failed · ((1−q)/(1−p_max))^ok`; the canary is certified at `1/β`. Only the canary's
//! finished units count.
//!
//! **No worse** (`G`): where stable itself fails more than `p_max`, no canary could be certified so;
//! then the first statistic turned round, with ratios below `ρ = 1.5`, certifies that the canary fails
//! less than 1.5 times as often as stable.
//!
//! **Assumptions**: assignment is independent of what the request is and of what came before; whether a
//! request fails does not depend on the slot other requests went to. Failures may clump. A failure is
//! booked in the bucket of its assignment when it becomes known, so failures that show later in one
//! slot than in the other shift `E` for as long as they are pending, at most by what is in flight.
//!
//! **Sources**: Lindon & Malek, arXiv 2011.03567; Lindon et al., KDD 2022, arXiv 2205.14762; Howard &
//! Ramdas, arXiv 1906.09712; Turner, Ly & Grünwald, arXiv 2106.02693.

use serde::{Deserialize, Serialize};

/// Ratios of failure rates at which the canary would be worse, in units of `ρ`.
const WORSE: [f64; 9] = [1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0];
/// The null's ratio for errors: any excess counts.
const RHO: f64 = 1.0;
/// Failure rates at which the canary would be good enough, in units of `p_max`.
const GOOD: [f64; 5] = [0.0, 0.125, 0.25, 0.5, 0.75];
/// How many times as often as a failing stable the canary must be shown not to fail.
const NO_WORSE_RHO: f64 = 1.5;
/// Ratios at which the canary would be no worse, in units of [`NO_WORSE_RHO`].
const NO_WORSE: [f64; 5] = [0.1, 0.3, 0.5, 2.0 / 3.0, 0.8];
/// Failures of stable before its own rate may be said to exceed `p_max`.
const STABLE_FAILURES: u64 = 20;

/// Units of one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Assigned, finished or not.
    pub requests: u64,
    pub ok: u64,
    pub failed: u64,
}

impl Counts {
    pub fn finished(self) -> u64 {
        self.ok + self.failed
    }

    pub fn plus(self, more: Self) -> Self {
        Self {
            requests: self.requests + more.requests,
            ok: self.ok + more.ok,
            failed: self.failed + more.failed,
        }
    }

    fn minus(self, less: Self) -> Self {
        Self {
            requests: self.requests - less.requests,
            ok: self.ok - less.ok,
            failed: self.failed - less.failed,
        }
    }
}

/// What happened between two looks under one weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    pub stable: Counts,
    pub canary: Counts,
}

/// The bounds a plan sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How often a canary as good as stable may be rolled back, and a bad one be certified.
    pub alpha: f64,
    /// `p_max`.
    pub max_error_rate: f64,
}

/// What all buckets so far say together.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    limits: Limits,
    worse: [f64; WORSE.len()],
    no_worse: [f64; NO_WORSE.len()],
    pub stable: Counts,
    pub canary: Counts,
}

impl Evidence {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            worse: [0.0; WORSE.len()],
            no_worse: [0.0; NO_WORSE.len()],
            stable: Counts::default(),
            canary: Counts::default(),
        }
    }

    /// Put what a bucket counts now in the place of what it counted before, at first nothing.
    pub fn revise(&mut self, before: &Bucket, now: &Bucket) {
        self.stable = self.stable.plus(now.stable).minus(before.stable);
        self.canary = self.canary.plus(now.canary).minus(before.canary);
        for (sum, step) in self.worse.iter_mut().zip(WORSE) {
            *sum += ratio_step(RHO, step, now) - ratio_step(RHO, step, before);
        }
        for (sum, step) in self.no_worse.iter_mut().zip(NO_WORSE) {
            *sum += ratio_step(NO_WORSE_RHO, step, now) - ratio_step(NO_WORSE_RHO, step, before);
        }
    }

    /// Everything in `buckets`.
    #[cfg(test)]
    pub fn of<'a>(limits: Limits, buckets: impl IntoIterator<Item = &'a Bucket>) -> Self {
        let mut evidence = Self::new(limits);
        buckets.into_iter().for_each(|bucket| evidence.revise(&Bucket::default(), bucket));
        evidence
    }

    /// Evidence that the canary fails more often than stable.
    pub fn e(&self) -> f64 {
        mean_exp(&self.worse)
    }

    /// Evidence that the canary fails less often than `p_max`.
    pub fn f(&self) -> f64 {
        mean_exp(&GOOD.map(|part| rate_step(self.limits.max_error_rate, part, self.canary)))
    }

    /// Evidence that the canary fails less than 1.5 times as often as stable.
    pub fn g(&self) -> f64 {
        mean_exp(&self.no_worse)
    }

    /// Whether the canary is shown to be worse.
    pub fn is_worse(&self) -> bool {
        self.e() >= 1.0 / self.limits.alpha
    }

    /// Whether something looks wrong, though it is not shown: half the way on a logarithmic scale.
    pub fn is_alarming(&self) -> bool {
        self.e() >= (1.0 / self.limits.alpha).sqrt()
    }

    /// Whether the canary is shown to be good enough: by `F`, or by `G` where stable fails too much itself.
    pub fn is_certified(&self) -> bool {
        let bound = 1.0 / self.limits.alpha;
        self.f() >= bound || (self.stable_exceeds() && self.g() >= bound)
    }

    fn stable_exceeds(&self) -> bool {
        let finished = self.stable.finished();
        self.stable.failed >= STABLE_FAILURES
            && self.stable.failed as f64 > self.limits.max_error_rate * finished as f64
    }

    /// How many units without a failure certify the canary.
    pub fn clean_units_needed(&self) -> u64 {
        let gain = -(1.0 - self.limits.max_error_rate).ln();
        (((1.0 / self.limits.alpha).ln() + (GOOD.len() as f64).ln()) / gain).ceil() as u64
    }
}

/// The logarithm of the likelihood ratio of `r = rho·step` against `rho`, given the failures of a bucket.
fn ratio_step(rho: f64, step: f64, bucket: &Bucket) -> f64 {
    let units = bucket.canary.requests + bucket.stable.requests;
    let failures = bucket.canary.failed + bucket.stable.failed;
    if units == 0 || failures == 0 {
        return 0.0;
    }
    let share = bucket.canary.requests as f64 / units as f64;
    let expected = (1.0 + share * (rho * step - 1.0)) / (1.0 + share * (rho - 1.0));
    bucket.canary.failed as f64 * step.ln() - failures as f64 * expected.ln()
}

fn rate_step(max: f64, part: f64, canary: Counts) -> f64 {
    // ln 0 is minus infinity, and no failure times it is not a number.
    let failures = if canary.failed == 0 { 0.0 } else { canary.failed as f64 * part.ln() };
    failures + canary.ok as f64 * ((1.0 - part * max) / (1.0 - max)).ln()
}

/// The mean of `exp`, computed so that it does not overflow before the mean itself does.
fn mean_exp(logarithms: &[f64]) -> f64 {
    let top = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return 0.0;
    }
    let sum: f64 = logarithms.iter().map(|log| (log - top).exp()).sum();
    (top.exp() * sum / logarithms.len() as f64).min(f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { alpha: 0.01, max_error_rate: 0.01 };

    fn counts(requests: u64, failed: u64) -> Counts {
        Counts { requests, ok: requests - failed, failed }
    }

    /// A generator good enough for tests, the same on every run.
    struct Random(u64);

    impl Random {
        fn share(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        }

        /// Ten requests with the canary at `weight`.
        fn bucket(&mut self, weight: f64, stable_rate: f64, canary_rate: f64) -> Bucket {
            let mut bucket = Bucket::default();
            for _ in 0..10 {
                let canary = self.share() < weight;
                let rate = if canary { canary_rate } else { stable_rate };
                let slot = if canary { &mut bucket.canary } else { &mut bucket.stable };
                *slot = slot.plus(counts(1, u64::from(self.share() < rate)));
            }
            bucket
        }
    }

    #[test]
    fn e_and_f_agree_with_the_product_computed_unit_by_unit() {
        let mut random = Random(7);
        let buckets: Vec<Bucket> = (0..30).map(|_| random.bucket(0.3, 0.1, 0.2)).collect();
        let evidence = Evidence::of(LIMITS, &buckets);

        let mut e = 0.0;
        for r in WORSE {
            let mut product = 1.0;
            for b in &buckets {
                let w = b.canary.requests as f64 / (b.canary.requests + b.stable.requests) as f64;
                for _ in 0..b.canary.failed {
                    product *= r / (1.0 + w * (r - 1.0));
                }
                for _ in 0..b.stable.failed {
                    product *= 1.0 / (1.0 + w * (r - 1.0));
                }
            }
            e += product / WORSE.len() as f64;
        }
        let mut f = 0.0;
        for part in GOOD {
            let mut product = 1.0;
            for b in &buckets {
                for _ in 0..b.canary.failed {
                    product *= part;
                }
                for _ in 0..b.canary.ok {
                    product *= (1.0 - part * 0.01) / 0.99;
                }
            }
            f += product / GOOD.len() as f64;
        }
        assert!((evidence.e() / e - 1.0).abs() < 1e-9, "{} {e}", evidence.e());
        assert!((evidence.f() / f - 1.0).abs() < 1e-9, "{} {f}", evidence.f());
    }

    #[test]
    fn a_failure_that_shows_late_counts_as_if_it_had_shown_at_once() {
        let early = Bucket { stable: counts(90, 1), canary: counts(10, 0) };
        let late = Bucket { stable: counts(90, 1), canary: counts(10, 4) };
        let mut evidence = Evidence::of(LIMITS, [&early]);
        evidence.revise(&early, &late);
        let at_once = Evidence::of(LIMITS, [&late]);
        assert!((evidence.e() / at_once.e() - 1.0).abs() < 1e-9);
        assert_eq!(evidence.canary, at_once.canary);
    }

    #[test]
    fn no_data_says_nothing() {
        let evidence = Evidence::new(LIMITS);
        assert_eq!((evidence.e(), evidence.f(), evidence.g()), (1.0, 1.0, 1.0));
        assert!(!evidence.is_worse() && !evidence.is_certified());
    }

    #[test]
    fn an_outage_of_both_slots_cancels() {
        let bucket = Bucket { stable: counts(950, 950), canary: counts(50, 50) };
        assert!(!Evidence::of(LIMITS, [&bucket; 60]).is_alarming());
    }

    #[test]
    fn some_560_clean_units_certify_one_percent_and_some_870_with_one_failure() {
        let clean = |ok: u64, failed: u64| {
            let canary = Counts { requests: ok + failed, ok, failed };
            Evidence::of(LIMITS, [&Bucket { stable: Counts::default(), canary }]).is_certified()
        };
        assert_eq!((1..2000).find(|&n| clean(n, 0)), Some(559));
        assert_eq!((1..2000).find(|&n| clean(n - 1, 1)), Some(874));
        let needed = Evidence::new(LIMITS).clean_units_needed();
        assert!((559..=620).contains(&needed), "{needed}");
    }

    #[test]
    fn a_failing_stable_is_matched_by_a_canary_no_worse() {
        let bucket = Bucket { stable: counts(500, 25), canary: counts(500, 20) };
        let evidence = Evidence::of(LIMITS, [&bucket; 10]);
        assert!(evidence.f() < 1.0);
        assert!(evidence.is_certified(), "{}", evidence.g());
        let twice = Bucket { stable: counts(500, 25), canary: counts(500, 50) };
        assert!(!Evidence::of(LIMITS, [&twice; 10]).is_certified());
    }

    #[test]
    fn a_canary_that_always_fails_is_found_within_six_of_its_requests() {
        for weight in [0.05, 0.25, 0.5] {
            let mut evidence = Evidence::new(LIMITS);
            let mut random = Random(3);
            while !evidence.is_worse() {
                evidence.revise(&Bucket::default(), &random.bucket(weight, 0.0, 1.0));
            }
            // A bucket of ten requests may bring several at once where the weight is high.
            let found = evidence.canary.requests;
            assert!(found <= if weight < 0.5 { 6 } else { 12 }, "{found} at {weight}");
        }
    }

    #[test]
    fn a_canary_as_good_as_stable_is_hardly_ever_rolled_back() {
        let rolled_back = (0..300u64)
            .filter(|&seed| {
                let mut random = Random(seed * 977);
                let mut evidence = Evidence::new(LIMITS);
                (0..300).any(|_| {
                    evidence.revise(&Bucket::default(), &random.bucket(0.2, 0.05, 0.05));
                    evidence.is_worse()
                })
            })
            .count();
        assert!(rolled_back <= 3, "{rolled_back} of 300");
    }

    #[test]
    fn a_canary_five_times_as_bad_is_found() {
        let found = (0..50u64).filter(|&seed| {
            let mut random = Random(seed * 31 + 5);
            let mut evidence = Evidence::new(LIMITS);
            (0..1000).any(|_| {
                evidence.revise(&Bucket::default(), &random.bucket(0.2, 0.01, 0.05));
                evidence.is_worse()
            })
        });
        assert!(found.count() >= 48);
    }
}
