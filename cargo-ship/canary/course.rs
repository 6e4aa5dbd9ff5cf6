//! The course of a canary under traffic: from what is known now to what is to be done now.

use std::time::Duration;

use super::decision::Evidence;

/// Rounds of probes that must be green where nothing else certifies the canary.
pub const ROUNDS: u32 = 5;

/// Finished canary units after which a step may end before its time.
const UNITS_A_STEP: u64 = 200;

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
        return Next::RollBack(format!(
            "it fails more often than stable: {} of {} against {} of {}, E = {:.0}",
            evidence.canary.failed,
            evidence.canary.requests,
            evidence.stable.failed,
            evidence.stable.requests,
            evidence.e()
        ));
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

fn may_raise(view: &View) -> bool {
    let share = view.min_time / u32::try_from(view.steps.max(1)).unwrap_or(u32::MAX);
    let seen = view.units_in_step >= UNITS_A_STEP || view.in_step >= share;
    seen && view.last_round_green && !view.evidence.is_alarming()
}

fn basis(view: &View) -> Option<Basis> {
    let calm = view.last_round_green && !view.evidence.is_alarming();
    if !calm || view.since_begin < view.min_time || view.steps_left > 0 {
        return None;
    }
    if view.has_stable && view.evidence.is_certified() {
        return Some(Basis::Certified);
    }
    let clean = view.evidence.canary.failed == 0;
    (view.green_rounds >= ROUNDS && clean && is_quiet(view)).then_some(Basis::ProbesAlone)
}

/// Whether the traffic so far, going on like this, could not certify the canary before `max_time`.
fn is_quiet(view: &View) -> bool {
    let begun = view.since_begin.as_secs_f64().max(f64::EPSILON);
    let expected = view.evidence.canary.finished() as f64 * view.max_time.as_secs_f64() / begun;
    expected < view.evidence.clean_units_needed() as f64
}

fn inconclusive(view: &View) -> String {
    let canary = view.evidence.canary;
    let probes = if view.last_round_green { "the probes are right" } else { "the probes are not right" };
    format!(
        "the longest time passed without a decision: {} of {} requests failed, {probes}, F = {:.2}",
        canary.failed,
        canary.finished(),
        view.evidence.f()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::decision::{Bucket, Counts, Limits};

    const LIMITS: Limits = Limits { alpha: 0.01, max_error_rate: 0.01 };

    fn evidence(stable: (u64, u64), canary: (u64, u64)) -> Evidence {
        let counts = |(ok, failed)| Counts { requests: ok + failed, ok, failed };
        Evidence::of(LIMITS, [&Bucket { stable: counts(stable), canary: counts(canary) }])
    }

    fn view(evidence: &Evidence) -> View<'_> {
        View {
            evidence,
            steps_left: 0,
            steps: 3,
            since_begin: Duration::from_secs(61),
            in_step: Duration::from_secs(30),
            units_in_step: 0,
            green_rounds: ROUNDS,
            last_round_green: true,
            has_stable: true,
            min_time: Duration::from_secs(60),
            max_time: Duration::from_secs(24 * 3600),
            promote_auto: true,
            rollback_on_inconclusive: false,
            held: false,
        }
    }

    #[test]
    fn without_users_it_is_promoted_on_probes_alone_after_the_minimum_time() {
        let none = evidence((0, 0), (0, 0));
        assert_eq!(next(&view(&none)), Next::Promote(Basis::ProbesAlone));
        assert_eq!(next(&View { since_begin: Duration::from_secs(59), ..view(&none) }), Next::Wait);
        assert_eq!(next(&View { green_rounds: ROUNDS - 1, ..view(&none) }), Next::Wait);
    }

    #[test]
    fn no_data_is_never_success() {
        let none = evidence((0, 0), (0, 0));
        let late = View {
            since_begin: Duration::from_secs(24 * 3600),
            green_rounds: 0,
            last_round_green: false,
            ..view(&none)
        };
        assert!(matches!(next(&late), Next::Hold(_)));
        assert!(matches!(next(&View { rollback_on_inconclusive: true, ..late }), Next::RollBack(_)));
    }

    #[test]
    fn with_traffic_it_waits_until_certified() {
        let some = evidence((300, 0), (300, 0));
        assert_eq!(next(&view(&some)), Next::Wait);
        let enough = evidence((600, 0), (600, 0));
        assert_eq!(next(&view(&enough)), Next::Promote(Basis::Certified));
        assert!(matches!(next(&View { promote_auto: false, ..view(&enough) }), Next::Hold(_)));
    }

    #[test]
    fn a_step_ends_by_time_or_by_units_but_not_while_something_is_alarming() {
        let calm = evidence((100, 0), (10, 0));
        let early = View { steps_left: 2, in_step: Duration::from_secs(5), ..view(&calm) };
        assert_eq!(next(&early), Next::Wait);
        assert_eq!(next(&View { in_step: Duration::from_secs(20), ..early.clone() }), Next::Raise);
        assert_eq!(next(&View { units_in_step: UNITS_A_STEP, ..early }), Next::Raise);
        let bad = evidence((100, 0), (5, 2));
        assert!(bad.is_alarming());
        assert_eq!(next(&View { steps_left: 2, ..view(&bad) }), Next::Wait);
    }

    #[test]
    fn a_held_canary_is_still_rolled_back_when_it_turns_out_worse() {
        let bad = evidence((100, 0), (0, 6));
        assert!(matches!(next(&View { held: true, ..view(&bad) }), Next::RollBack(_)));
        let none = evidence((0, 0), (0, 0));
        assert_eq!(next(&View { held: true, ..view(&none) }), Next::Wait);
    }
}
