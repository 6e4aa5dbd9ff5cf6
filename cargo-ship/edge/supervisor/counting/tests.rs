//! The evidence of a plan, computed again from its records.

use factory::types::event::SubjectKind;

use super::*;
use crate::canary::counts::Counts;

const LIMITS: Limits = Limits { alpha: 0.01, max_error_rate: 0.01, latency_ratio: 1.5, answer_ms: 1000 };

fn counted(bucket: u64, failed: u64, slow_p90: u64) -> Counted {
    Counted {
        bucket,
        epoch: 1,
        percent: 10,
        stable: Counts { requests: 90, ok: 89, failed: 1, slow_p90: 8, slow_p99: 1, panics: 0 },
        canary: Counts { requests: 10, ok: 10 - failed, failed, slow_p90, slow_p99: slow_p90 / 2, panics: 0 },
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
        live.add_panics(&mut counts, (0, u64::from(number == 1)));
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
    assert_eq!(live.panics, again.panics);
    let evidence = live.evidence.unwrap();
    assert_eq!((evidence.canary.failed, evidence.canary.slow_p90, evidence.canary.panics), (3, 7, 1));
    assert!(evidence.e() > 1.0 && evidence.ripe_to == 3);
}

#[test]
fn panics_stay_with_the_bucket_they_were_noticed_in_when_it_is_counted_again() {
    let mut ledger = Ledger::open(Path::new("/nonexistent"));
    let mut first = [counted(1, 0, 0), counted(2, 0, 0)];
    ledger.add_panics(&mut [], (1, 0));
    ledger.add_panics(&mut first, (0, 2));
    assert_eq!((first[0].canary.panics, first[1].stable.panics, first[1].canary.panics), (0, 1, 2));
    let mut later = [counted(2, 1, 0), counted(3, 0, 0)];
    ledger.add_panics(&mut later, (0, 0));
    assert_eq!((later[0].canary.panics, later[1].canary.panics), (2, 0));
}
