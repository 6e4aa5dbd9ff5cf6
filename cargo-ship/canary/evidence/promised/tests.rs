//! Promises beside stable, after the flip, and where a worker did not count them.

use crate::canary::counts::{Bucket, Counts};
use crate::canary::course::tests::{LIMITS, view};
use crate::canary::course::{Basis, Next, next};
use crate::canary::evidence::{Evidence, Limits};
use crate::canary::promises::{Caps, Promise};
use crate::canary::waiting::why;

const TENTH: Caps = Caps { p90_us: Some(200_000), p99_us: None };
const HUNDREDTH: Caps = Caps { p90_us: None, p99_us: Some(200_000) };

fn counts(requests: u64, failed: u64) -> Counts {
    Counts { requests, ok: requests - failed, failed, ..Counts::default() }
}

fn counted(limits: Limits, buckets: &[(u8, Counts, Counts)]) -> Evidence {
    let mut evidence = Evidence::new(limits);
    for (number, (percent, stable, canary)) in (1..).zip(buckets) {
        evidence.count(number, Bucket { percent: *percent, stable: *stable, canary: *canary });
    }
    evidence.look(u64::MAX);
    evidence
}

fn promised() -> Limits {
    Limits { promised_errors: true, ..LIMITS }
}

#[test]
fn an_outage_of_both_breaks_no_promise_though_stable_was_good_for_long_before() {
    let (early, later) = ((5, counts(3800, 0), counts(200, 0)), (25, counts(600, 0), counts(200, 0)));
    let outage = counted(promised(), &[early, later, (50, counts(40, 20), counts(40, 20))]);
    let (_, _, broken) = outage.promises().next().unwrap();
    assert!(broken >= outage.bound() && outage.e() < 1.0, "{broken} {}", outage.e());
    assert_eq!((outage.broken_promise(), next(&view(&outage))), (None, Next::Wait));
    let alone = counted(promised(), &[early, later, (50, counts(40, 0), counts(40, 20))]);
    assert!(alone.broken_promise().is_some());
}

#[test]
fn an_error_rate_stable_breaks_too_is_certified_as_no_worse() {
    let both = counted(promised(), &[(50, counts(5000, 250), counts(5000, 200))]);
    assert!(both.stable_exceeds() && both.broken_promise().is_none());
    assert_eq!(next(&view(&both)), Next::Promote(Basis::Certified));
}

#[test]
fn a_promise_on_time_is_not_kept_by_counts_nobody_made() {
    let mut evidence = counted(Limits { caps: HUNDREDTH, ..LIMITS }, &[(50, counts(900, 0), counts(900, 0))]);
    assert_eq!(next(&view(&evidence)), Next::Promote(Basis::Certified));
    evidence.time_unseen = true;
    assert_eq!(next(&view(&evidence)), Next::Wait);
    assert!(why(&view(&evidence)).contains("a worker of an earlier version"), "{}", why(&view(&evidence)));
    let mut quiet = counted(Limits { caps: HUNDREDTH, ..LIMITS }, &[]);
    assert_eq!(next(&view(&quiet)), Next::Promote(Basis::ProbesAlone));
    quiet.time_unseen = true;
    assert_eq!(next(&view(&quiet)), Next::Wait, "nor on probes alone");
    assert!(why(&view(&quiet)).ends_with("probes alone do not decide"), "{}", why(&view(&quiet)));
    let mut other = counted(LIMITS, &[(50, counts(900, 0), counts(900, 0))]);
    other.time_unseen = true;
    assert_eq!(next(&view(&other)), Next::Promote(Basis::Certified), "nothing was promised of time");
}

#[test]
fn too_little_traffic_for_a_promise_is_too_little_traffic() {
    let lenient = Limits { max_error_rate: 0.2, ..LIMITS };
    let day = std::time::Duration::from_secs(24 * 3600);
    let part = |evidence: &Evidence| {
        let view = crate::canary::course::View { since_begin: day / 2, ..view(evidence) };
        (next(&view), why(&view))
    };
    let few = [(50, counts(100, 0), counts(100, 0))];
    let alone = counted(Limits { caps: HUNDREDTH, ..lenient }, &few);
    assert_eq!(alone.clean_units_needed(), 564);
    let (decided, words) = part(&alone);
    assert_eq!(decided, Next::Promote(Basis::ProbesAlone));
    assert!(words.contains("too little traffic to show that it keeps latency-p99"), "{words}");
    let enough = counted(Limits { caps: TENTH, ..lenient }, &few);
    assert_eq!(part(&enough).0, Next::Promote(Basis::Certified));
    let soon = counted(Limits { caps: HUNDREDTH, ..lenient }, &few);
    assert_eq!(next(&view(&soon)), Next::Wait);
    assert!(why(&view(&soon)).starts_with("100 of about 564 clean requests"), "{}", why(&view(&soon)));
}

#[test]
fn after_the_flip_a_promise_is_broken_by_the_release_alone_where_the_one_before_kept_it() {
    let after = |failed| counted(promised(), &[(0, Counts::default(), counts(100, failed))]);
    let before = |failed| counted(promised(), &[(50, counts(1000, failed), counts(1000, 0))]);
    let share = Promise::Errors { share: 0.01 };
    assert_eq!(after(30).broken_alone(&before(2)), Some(share));
    assert_eq!(after(30).broken_alone(&counted(promised(), &[])), Some(share), "nothing is known of it");
    assert_eq!(after(30).broken_alone(&before(60)), None, "going back would not mend it");
    assert_eq!(after(1).broken_alone(&before(2)), None);
    let mut open = Evidence::new(promised());
    open.count(5, Bucket { canary: Counts { requests: 2, ok: 1, ..Counts::default() }, ..Bucket::default() });
    open.look(6);
    assert!(open.is_unripe_until(5) && !open.is_unripe_until(4));
    open.count(5, Bucket { canary: counts(2, 1), ..Bucket::default() });
    open.look(7);
    assert!(!open.is_unripe_until(u64::MAX));
}
