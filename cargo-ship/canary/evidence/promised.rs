//! What the evidence says of promises: kept, broken by the canary and not by stable, or neither yet.

use super::Evidence;
use crate::canary::certify;
use crate::canary::counts::Counts;
use crate::canary::eprocess::{EProcess, number};
use crate::canary::promises::Promise;

impl Evidence {
    /// Each promise with the evidence that the canary keeps it, and that it breaks it.
    pub fn promises(&self) -> impl Iterator<Item = (Promise, f64, f64)> {
        let canary = self.ripe.canary;
        self.limits.promises().map(move |promise| {
            (promise, number(promise.log_kept(canary)), number(promise.log_broken(canary)))
        })
    }

    /// The promise the canary is shown to break, where stable does not seem to break it as well: neither over
    /// all of its requests, nor in those beside which the canary broke it.
    pub fn broken_promise(&self) -> Option<Promise> {
        let broken = |(promise, more_often): &&(Promise, EProcess)| {
            promise.log_broken(self.ripe.canary) >= self.bound_of_promises()
                && promise.log_broken(self.ripe.stable) < 0.0
                && more_often.log() >= self.bound().ln() / 2.0
        };
        self.promised.iter().find(broken).map(|(promise, _)| *promise)
    }

    /// The promise a release is shown to break that was counted here as the canary, with nothing beside it; none
    /// that the release before it seemed to break too, as `before` counted it: going back would not mend that.
    pub fn broken_alone(&self, before: &Self) -> Option<Promise> {
        let earlier = before.ripe.stable;
        self.limits.promises().find(|promise| {
            promise.log_broken(self.ripe.canary) >= self.bound_of_promises()
                && (earlier.requests == 0 || promise.log_broken(earlier) < 0.0)
        })
    }

    /// Bonferroni's bound over the promises, as a logarithm.
    fn bound_of_promises(&self) -> f64 {
        (self.limits.promises().count() as f64 * self.bound()).ln()
    }

    /// The first promise on time that is not shown to be kept: what is promised of errors is `F`'s to show, or
    /// `G`'s.
    pub fn unkept_promise(&self) -> Option<Promise> {
        let kept = |promise: &Promise| promise.log_kept(self.ripe.canary) >= self.bound().ln();
        self.promises_on_time().find(|promise| self.time_unseen || !kept(promise))
    }

    /// The first promise on time that something speaks against, though it may be little.
    pub fn doubted_promise(&self) -> Option<Promise> {
        self.promises_on_time().find(|promise| self.time_unseen || promise.log_broken(self.ripe.canary) > 0.0)
    }

    /// The promise on time that takes more units to show than `F` does; of several the one that takes most.
    pub fn longest_promise(&self) -> Option<Promise> {
        let beyond = |promise: &Promise| promise.share() < self.limits.max_error_rate;
        self.promises_on_time().filter(beyond).min_by(|a, b| a.share().total_cmp(&b.share()))
    }

    fn promises_on_time(&self) -> impl Iterator<Item = Promise> + use<> {
        self.limits.promises().filter(|promise| !matches!(promise, Promise::Errors { .. }))
    }

    /// How many units without a failure certify a canary that had none yet, with all that was promised of time.
    pub fn clean_units_needed(&self) -> u64 {
        self.clean_units_beside(Counts::default())
    }

    /// How many more would certify this one.
    pub fn clean_units_missing(&self) -> u64 {
        self.clean_units_beside(self.ripe.canary)
    }

    fn clean_units_beside(&self, so_far: Counts) -> u64 {
        let (max, alpha) = (self.limits.max_error_rate, self.limits.alpha);
        let of_promises = self.promises_on_time().map(|promise| promise.clean_units_missing(alpha, so_far));
        of_promises.fold(certify::clean_units_missing(max, alpha, so_far), u64::max)
    }

    /// What is ripe of the canary: what its promises are judged by.
    pub fn ripe(&self) -> Counts {
        self.ripe.canary
    }

    /// Whether a bucket with a number up to this one still has units whose end is not known.
    pub fn is_unripe_until(&self, number: u64) -> bool {
        self.ripe_to < number && self.buckets.range(self.ripe_to + 1..=number).next().is_some()
    }
}

#[cfg(test)]
mod tests;
