//! The course of a canary under traffic: from what is known now to what is to be done now.
//!
//! **Back** as soon as `E` shows the canary to be worse; that needs no minimum time. A canary whose process
//! ends by itself is not asked about here: nobody told it to end, which is direct evidence, and it is rolled
//! back at once; so is one that is wrong, again and again, in a check stable is right in.
//!
//! **Up** a step after [`UNITS_A_STEP`] finished canary units and not before, while nothing is alarming and
//! the probes are green; unless, at the rate seen, they would take more than ten shares of the minimum time
//! (it is divided by the steps). Then traffic is little, and one share is enough: at 100 requests an hour a
//! canary of 5 % sees five, one of 50 % fifty, so little traffic goes to the last step sooner.
//!
//! **Promoted** after the last step and the minimum time, with nothing alarming: certified by `F` (or `G`);
//! or, where the traffic so far could not certify it before the longest time, on probes alone. No data is
//! never success: without green probes nothing is promoted, and at the longest time it is held or rolled
//! back, as the plan says.
//!
//! Each change of weight begins a new epoch and a new bucket, so that one weight holds for all of a bucket; where clients are the units, each counts once in each epoch.

use std::time::Duration;

use super::evidence::Evidence;
use super::promises::Promise;
use super::signals::Signal;

/// Rounds of probes that must be green where nothing else certifies the canary.
pub const ROUNDS: u32 = 5;

/// Finished canary units that end a step: as many as show a rise of failures from 1 to 5 % more often than not.
pub const UNITS_A_STEP: u64 = 200;

/// A step waits for its units for at most so many shares of the minimum time.
const PATIENCE: u32 = 10;

/// What is known of a canary that has weight, or that has no stable beside it.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub evidence: &'a Evidence,
    /// Weights still to come after the present one.
    pub steps_left: usize,
    pub steps: usize,
    pub since_begin: Duration,
    pub in_step: Duration,
    pub units_in_step: u64,
    /// Green rounds of probes so far, and whether the last one was.
    pub green_rounds: u32,
    pub last_round_green: bool,
    pub has_stable: bool,
    pub min_time: Duration,
    pub max_time: Duration,
    pub promote_auto: bool,
    pub rollback_on_inconclusive: bool,
    /// A person is already waited for: only a rollback may follow.
    pub held: bool,
}

/// Why a canary may be promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// `F`, or `G`, reached its bound.
    Certified,
    /// Little or no traffic, and the probes were green.
    ProbesAlone,
}

impl Basis {
    pub fn words(self) -> &'static str {
        match self {
            Self::Certified => "certified",
            Self::ProbesAlone => "on probes alone",
        }
    }
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Wait,
    /// To the next weight.
    Raise,
    Promote(Basis),
    Hold(String),
    RollBack(String),
}

/// Decide. A rollback needs no minimum time; everything that trusts the canary more does.
pub fn next(view: &View) -> Next {
    let evidence = view.evidence;
    if evidence.is_worse() {
        return Next::RollBack(worse(evidence));
    }
    if let Some(promise) = evidence.broken_promise() {
        return Next::RollBack(broken(evidence, promise));
    }
    if view.held {
        return Next::Wait;
    }
    if let Some(basis) = basis(view) {
        return match view.promote_auto {
            true => Next::Promote(basis),
            false => Next::Hold(format!("{}: waits for a person to promote it", basis.words())),
        };
    }
    if view.since_begin >= view.max_time {
        let reason = inconclusive(view);
        return if view.rollback_on_inconclusive { Next::RollBack(reason) } else { Next::Hold(reason) };
    }
    if view.steps_left > 0 && may_raise(view) { Next::Raise } else { Next::Wait }
}

fn broken(evidence: &Evidence, promise: Promise) -> String {
    let (canary, stable) = (evidence.canary, evidence.stable);
    format!(
        "it is to {} ({}), and {} of {} did not, {} of {} with stable",
        promise.words(),
        promise.name(),
        promise.broken_by(canary),
        canary.requests,
        promise.broken_by(stable),
        stable.requests
    )
}

fn worse(evidence: &Evidence) -> String {
    let signal = evidence.loudest();
    let (canary, stable) = (signal.count(evidence.canary), signal.count(evidence.stable));
    let bar = evidence.bars.and_then(|bars| match signal {
        Signal::SlowP90 => Some(bars.p90_us),
        Signal::SlowP99 => Some(bars.p99_us),
        Signal::Errors | Signal::Panics | Signal::ErrorLines => None,
    });
    let bar = bar.map_or(String::new(), |bar| format!(" (above {:.1} ms)", bar as f64 / 1000.0));
    format!(
        "it {}{bar}: {canary} of {} against {stable} of {}, E = {:.0}",
        signal.words(),
        evidence.canary.requests,
        evidence.stable.requests,
        evidence.e()
    )
}

impl View<'_> {
    /// The part of the minimum time that belongs to one step.
    pub fn share(&self) -> Duration {
        self.min_time / u32::try_from(self.steps.max(1)).unwrap_or(u32::MAX)
    }

    /// Finished canary units a second in this step.
    pub fn rate(&self) -> f64 {
        self.units_in_step as f64 / self.in_step.as_secs_f64().max(f64::EPSILON)
    }

    /// Whether this step would wait too long for its units.
    pub fn is_little_traffic(&self) -> bool {
        self.rate() * (self.share() * PATIENCE).as_secs_f64() < UNITS_A_STEP as f64
    }

    /// Whether the probes are green and nothing looks wrong.
    pub fn is_calm(&self) -> bool {
        self.last_round_green && !self.evidence.is_alarming()
    }
}

fn may_raise(view: &View) -> bool {
    let enough = view.units_in_step >= UNITS_A_STEP;
    let little = view.in_step >= view.share() && view.is_little_traffic();
    view.is_calm() && (enough || little)
}

fn basis(view: &View) -> Option<Basis> {
    if !view.is_calm() || view.since_begin < view.min_time || view.steps_left > 0 {
        return None;
    }
    if view.has_stable && view.evidence.is_certified() {
        return Some(Basis::Certified);
    }
    let clean = view.evidence.canary.failed == 0 && view.evidence.doubted_promise().is_none();
    (view.green_rounds >= ROUNDS && clean && is_quiet(view)).then_some(Basis::ProbesAlone)
}

/// Whether the traffic so far, going on like this, could not certify the canary before `max_time`.
pub(super) fn is_quiet(view: &View) -> bool {
    let begun = view.since_begin.as_secs_f64().max(f64::EPSILON);
    let expected = view.evidence.canary.finished() as f64 * view.max_time.as_secs_f64() / begun;
    expected < view.evidence.clean_units_needed() as f64
}

fn inconclusive(view: &View) -> String {
    let canary = view.evidence.canary;
    let probes = if view.last_round_green { "the probes are right" } else { "the probes are not right" };
    let unkept = view.evidence.unkept_promise();
    let promised = unkept.map(|promise| format!("; it is not shown to {}", promise.words()));
    format!(
        "the longest time passed without a decision: {} of {} requests failed, {probes}, F = {:.2}{}",
        canary.failed,
        canary.finished(),
        view.evidence.f(),
        promised.unwrap_or_default()
    )
}

#[cfg(test)]
pub mod tests;
