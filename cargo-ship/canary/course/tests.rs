//! What is decided of given counts.

use super::*;
use crate::canary::counts::{Bucket, Counts};
use crate::canary::evidence::Limits;
use crate::canary::promises::Caps;
use crate::canary::signals::Rule;

pub const LIMITS: Limits = Limits {
    alpha: 0.01,
    max_error_rate: 0.01,
    latency_ratio: 1.5,
    answer_ms: 1000,
    caps: Caps { p90_us: None, p99_us: None },
    promised_errors: false,
    rule: Rule::Second,
};

/// What one bucket shows, with `(ok, failed)` of each slot.
pub fn evidence(stable: (u64, u64), canary: (u64, u64)) -> Evidence {
    let counts = |(ok, failed)| Counts { requests: ok + failed, ok, failed, ..Counts::default() };
    let mut evidence = Evidence::new(LIMITS);
    evidence.count(1, Bucket { percent: 5, stable: counts(stable), canary: counts(canary) });
    evidence.look(2);
    evidence
}

pub fn view(evidence: &Evidence) -> View<'_> {
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
fn a_step_ends_by_its_units_or_where_traffic_is_little_by_time_but_not_while_something_is_alarming() {
    let calm = evidence((100, 0), (10, 0));
    let second = Duration::from_secs(1);
    let early = View { steps_left: 2, in_step: 5 * second, ..view(&calm) };
    assert_eq!(next(&early), Next::Wait);
    assert_eq!(next(&View { in_step: 20 * second, units_in_step: 3, ..early.clone() }), Next::Raise);
    let busy = View { units_in_step: 150, in_step: 100 * second, ..early.clone() };
    assert_eq!(next(&busy), Next::Wait);
    assert_eq!(next(&View { units_in_step: UNITS_A_STEP, ..early }), Next::Raise);
    let bad = evidence((100, 0), (5, 2));
    assert!(bad.is_alarming());
    assert_eq!(next(&View { steps_left: 2, ..view(&bad) }), Next::Wait);
}

#[test]
fn what_looks_wrong_lately_holds_a_canary_back_that_was_good_for_long() {
    let mut evidence = evidence((60_000, 600), (3_000, 3));
    assert!(evidence.is_certified() && !evidence.is_alarming());
    let counts = |ok, failed| Counts { requests: ok + failed, ok, failed, ..Counts::default() };
    evidence.count(600_000, Bucket { percent: 5, stable: counts(200, 2), canary: counts(0, 4) });
    evidence.look(601_000);
    assert!(!evidence.is_worse() && evidence.is_alarming(), "{}", evidence.e());
    assert_eq!(next(&view(&evidence)), Next::Wait);
}

fn beside(caps: Caps, stable: (u64, u64), canary: (u64, u64)) -> Evidence {
    let counts = |(requests, over_p99)| Counts { requests, ok: requests, over_p99, ..Counts::default() };
    let mut evidence = Evidence::new(Limits { caps, ..LIMITS });
    evidence.count(1, Bucket { percent: 50, stable: counts(stable), canary: counts(canary) });
    evidence.look(2);
    evidence
}

#[test]
fn a_promise_on_time_rolls_back_where_it_is_broken_by_the_canary_alone_and_is_waited_for() {
    let caps = Caps { p90_us: None, p99_us: Some(200_000) };
    let kept = beside(caps, (700, 0), (700, 0));
    assert_eq!(next(&view(&kept)), Next::Promote(Basis::Certified));
    let broken = beside(caps, (700, 2), (700, 40));
    let Next::RollBack(reason) = next(&View { held: true, ..view(&broken) }) else { panic!() };
    assert_eq!(
        reason,
        "it is to answer 99 % of requests within 200 ms (latency-p99), and 40 of 700 did not, 2 of 700 with stable"
    );
    let both = beside(caps, (700, 40), (700, 40));
    assert_eq!(next(&view(&both)), Next::Wait, "both are slow, and it is not shown to be kept");
    let late = View { since_begin: Duration::from_secs(24 * 3600), ..view(&both) };
    assert!(matches!(next(&late), Next::Hold(why) if why.contains("not shown to answer 99 %")));
    let few = beside(caps, (5, 0), (5, 1));
    assert_eq!(next(&view(&few)), Next::Wait, "nor on probes alone");
    assert_eq!(next(&view(&beside(Caps::default(), (700, 0), (700, 40)))), Next::Promote(Basis::Certified));
}

#[test]
fn a_failure_rate_an_intent_asks_for_rolls_back_and_a_configured_one_does_not() {
    let counts = |ok, failed| Counts { requests: ok + failed, ok, failed, ..Counts::default() };
    let shown = |promised_errors: bool| {
        let mut evidence = Evidence::new(Limits { promised_errors, max_error_rate: 0.001, ..LIMITS });
        // Not often enough to be worse than stable.
        evidence.count(1, Bucket { percent: 50, stable: counts(3000, 2), canary: counts(3000, 14) });
        evidence.count(2, Bucket { percent: 1, stable: counts(6000, 2), canary: counts(0, 0) });
        evidence.look(3);
        (evidence.is_worse(), next(&view(&evidence)))
    };
    assert_eq!(shown(false), (false, Next::Wait));
    assert!(matches!(shown(true), (false, Next::RollBack(why)) if why.contains("fail at most 0.1 %")));
}

#[test]
fn a_held_canary_is_still_rolled_back_when_it_turns_out_worse() {
    let bad = evidence((100, 0), (0, 6));
    assert!(matches!(next(&View { held: true, ..view(&bad) }), Next::RollBack(_)));
    let none = evidence((0, 0), (0, 0));
    assert_eq!(next(&View { held: true, ..view(&none) }), Next::Wait);
}
