//! The evidence of a plan, computed again from its records.

use factory::types::event::SubjectKind;

use super::super::state::Course;
use super::*;
use crate::canary::counts::Counts;
use crate::canary::promises::Caps;
use crate::canary::signals::Rule;

const LIMITS: Limits = Limits {
    alpha: 0.01,
    max_error_rate: 0.01,
    latency_ratio: 1.5,
    answer_ms: 1000,
    caps: Caps { p90_us: None, p99_us: None },
    promised_errors: false,
    rule: Rule::Second,
};

fn counted(bucket: u64, failed: u64, slow_p90: u64) -> Counted {
    Counted {
        bucket,
        epoch: 1,
        percent: 10,
        stable: Counts { requests: 90, ok: 89, failed: 1, slow_p90: 8, slow_p99: 1, ..Counts::default() },
        canary: Counts {
            requests: 10,
            ok: 10 - failed,
            failed,
            slow_p90,
            slow_p99: slow_p90 / 2,
            over_p90: slow_p90,
            over_p99: 1,
            ..Counts::default()
        },
    }
}

#[test]
fn evidence_is_the_same_when_it_is_computed_again_from_the_records() {
    let ticks = [vec![counted(1, 0, 1)], vec![counted(1, 2, 3), counted(2, 1, 0)], vec![counted(3, 0, 4)]];
    let mut live = Ledger::open(Path::new("/nonexistent"));
    live.begin(LIMITS);
    let mut records = Vec::new();
    for (number, counts) in ticks.iter().enumerate() {
        let mut counts = counts.clone();
        let canary = Found { panics: u64::from(number == 1), error_lines: 2 };
        live.add_printed(&mut counts, [Found::default(), canary]);
        counts.iter().for_each(|c| live.count(c.bucket, c.counts()));
        let event = tick(Event::now(SubjectKind::Release, "r1", "tick", None), &counts);
        records.push(serde_json::from_str(&event.line()).unwrap());
    }
    let mut again = Ledger::open(Path::new("/nonexistent"));
    again.begin(LIMITS);
    again.recount(&records, "r1");
    live.look(4);
    again.look(4);
    assert_eq!(live.evidence, again.evidence);
    assert_eq!(live.printed, again.printed);
    let evidence = live.evidence.unwrap();
    assert_eq!((evidence.canary.failed, evidence.canary.slow_p90, evidence.canary.panics), (3, 7, 1));
    assert_eq!((evidence.canary.error_lines, evidence.canary.over_p90, evidence.canary.over_p99), (6, 7, 3));
    assert!(evidence.e() > 1.0 && evidence.ripe_to == 3);
}

#[test]
fn panics_stay_with_the_bucket_they_were_noticed_in_when_it_is_counted_again() {
    let mut ledger = Ledger::open(Path::new("/nonexistent"));
    let mut first = [counted(1, 0, 0), counted(2, 0, 0)];
    let panics = |panics| Found { panics, error_lines: 0 };
    ledger.add_printed(&mut [], [panics(1), panics(0)]);
    ledger.add_printed(&mut first, [panics(0), Found { panics: 2, error_lines: 1 }]);
    assert_eq!((first[0].canary.panics, first[1].stable.panics, first[1].canary.panics), (0, 1, 2));
    assert_eq!((first[1].stable.error_lines, first[1].canary.error_lines), (0, 1));
    let mut later = [counted(2, 1, 0), counted(3, 0, 0)];
    ledger.add_printed(&mut later, [Found::default(); 2]);
    assert_eq!((later[0].canary.panics, later[1].canary.panics), (2, 0));
}

#[test]
fn a_canary_of_the_first_rule_is_judged_by_it_to_its_end() {
    let found = [Found::default(), Found { panics: 1, error_lines: 2 }];
    assert_eq!(under(Rule::First, found)[1], Found { panics: 3, error_lines: 0 });
    assert_eq!(under(Rule::Second, found), found);
    let plan = json!({"slot": {"release": "r1", "argv": ["a"], "cwd": "/"}, "steps": [5], "min_ms": 1, "max_ms": 2,
        "alpha": 0.01, "max_error_rate": 0.01, "promote_auto": true, "rollback_on_inconclusive": false, "verify_ms": 1});
    let course = Course::new(serde_json::from_value(plan).unwrap(), 1);
    assert_eq!(course.limits().rule, Rule::Second);
    let mut earlier = serde_json::to_value(&course).unwrap();
    for added in ["rule", "flip_epoch", "time_unseen"] {
        earlier.as_object_mut().unwrap().remove(added).unwrap();
    }
    let earlier: Course = serde_json::from_value(earlier).unwrap();
    assert_eq!((earlier.limits().rule, earlier.flip_epoch), (Rule::First, 0));
}

#[test]
fn what_is_counted_after_the_flip_stays_apart_and_is_found_again() {
    let limits = Limits { promised_errors: true, ..LIMITS };
    let promoted = Counts { requests: 50, ok: 20, failed: 30, ..Counts::default() };
    let row = Counted { bucket: 9, epoch: 7, percent: 0, stable: promoted, canary: Counts::default() };
    let event = tick(Event::now(SubjectKind::Release, "r1", "watched", None), &[row]);
    let records = [serde_json::from_str(&event.line()).unwrap()];
    let mut ledger = Ledger::open(Path::new("/nonexistent"));
    ledger.begin(limits);
    ledger.watch(limits);
    ledger.recount(&records, "r1");
    ledger.recount_watched(&records, "r1");
    ledger.look(u64::MAX);
    let (before, after) = (ledger.evidence.as_ref().unwrap(), ledger.after.as_ref().unwrap());
    assert_eq!(
        (before.stable, before.canary, after.ripe()),
        (Counts::default(), Counts::default(), promoted)
    );
    assert!(after.broken_alone(before).is_some());
    ledger.watch(LIMITS);
    assert!(ledger.after.is_none(), "nothing was promised");
}
