//! The evidence: against a slow direct computation, and as properties of any counts.

use proptest::prelude::*;

use super::*;
use crate::canary::certify::{GOOD, NO_WORSE};

const LIMITS: Limits = Limits {
    alpha: 0.01,
    max_error_rate: 0.01,
    latency_ratio: 1.5,
    answer_ms: 30_000,
    caps: Caps { p90_us: None, p99_us: None },
    promised_errors: false,
    rule: Rule::Second,
};

fn counts(requests: u64, failed: u64) -> Counts {
    Counts { requests, ok: requests - failed, failed, ..Counts::default() }
}

fn of<'a>(buckets: impl IntoIterator<Item = &'a Bucket>) -> Evidence {
    let mut evidence = Evidence::new(LIMITS);
    (1..).zip(buckets).for_each(|(number, bucket)| evidence.count(number, *bucket));
    evidence.look(u64::MAX);
    evidence
}

/// The likelihood ratio of one bucket, multiplied up unit by unit.
fn product(ratio: f64, rho: f64, share: f64, canary: u64, stable: u64) -> f64 {
    let chance = |r: f64| share * r / (1.0 + share * (r - 1.0));
    let mut product = 1.0;
    for _ in 0..canary {
        product *= chance(ratio) / chance(rho);
    }
    for _ in 0..stable {
        product *= (1.0 - chance(ratio)) / (1.0 - chance(rho));
    }
    product
}

fn direct(rule: Rule, signal: Signal, buckets: &[Bucket]) -> f64 {
    let question = signal.question(rule, LIMITS.latency_ratio);
    let ratios: Vec<(f64, f64)> = question
        .grid
        .iter()
        .map(|(step, weight)| (question.rho * step, *weight))
        .filter(|(ratio, _)| *ratio <= question.most)
        .collect();
    let all = |ratio: f64| -> f64 {
        let of = |b: &Bucket| {
            let drawn = f64::from(b.percent) / 100.0;
            let share =
                if matches!(signal, Signal::Panics | Signal::ErrorLines) { drawn.max(0.5) } else { drawn };
            product(ratio, question.rho, share, signal.count(b.canary), signal.count(b.stable))
        };
        buckets.iter().map(of).product()
    };
    let whole: f64 = ratios.iter().map(|(_, weight)| weight).sum();
    ratios.iter().map(|(ratio, weight)| weight * all(*ratio)).sum::<f64>() / whole
}

fn slot(requests: u64) -> impl Strategy<Value = Counts> {
    (0..=requests).prop_flat_map(|n| (Just(n), 0..=n, 0..=n, 0..=n, 0..=n)).prop_map(
        |(requests, failed, slow, slower, panics)| Counts {
            requests,
            ok: requests - failed,
            failed,
            slow_p90: slow,
            slow_p99: slow.min(slower),
            panics,
            error_lines: slower,
            ..Counts::default()
        },
    )
}

fn some_buckets() -> impl Strategy<Value = Vec<Bucket>> {
    let bucket = (1..100u8, slot(12), slot(6)).prop_map(|(percent, stable, canary)| Bucket {
        percent,
        stable,
        canary,
    });
    prop::collection::vec(bucket, 0..12)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-300)
}

proptest! {
    #[test]
    fn e_f_and_g_agree_with_products_computed_unit_by_unit(buckets in some_buckets()) {
        let evidence = of(&buckets);
        for rule in [Rule::First, Rule::Second] {
            let mut evidence = Evidence::new(Limits { rule, ..LIMITS });
            (1..).zip(&buckets).for_each(|(number, bucket)| evidence.count(number, *bucket));
            let e: f64 = Signal::of(rule).map(|s| s.weight(rule) * direct(rule, s, &buckets)).sum();
            prop_assert!(near(evidence.e(), e), "{rule:?}: {} {e}", evidence.e());
        }
        let canary = buckets.iter().fold(Counts::default(), |sum, b| sum.plus(b.canary));
        let mut f = 0.0;
        for part in GOOD {
            let failed: f64 = (0..canary.failed).map(|_| part).product();
            let ok: f64 = (0..canary.ok).map(|_| (1.0 - part * 0.01) / 0.99).product();
            f += failed * ok / GOOD.len() as f64;
        }
        prop_assert!(near(evidence.f(), f), "{} {f}", evidence.f());
        let mut g = 0.0;
        for (step, _) in NO_WORSE.grid {
            let of = |b: &Bucket| product(1.5 * step, 1.5, f64::from(b.percent) / 100.0, b.canary.failed, b.stable.failed);
            g += buckets.iter().map(of).product::<f64>() / NO_WORSE.grid.len() as f64;
        }
        prop_assert!(near(evidence.g(), g), "{} {g}", evidence.g());
    }

    #[test]
    fn what_becomes_known_late_counts_as_if_it_had_been_known_at_once(buckets in some_buckets()) {
        let at_once = of(&buckets);
        let mut late = Evidence::new(LIMITS);
        let pending = |counts: Counts| Counts { requests: counts.requests, ..Counts::default() };
        for (number, b) in (1..).zip(&buckets) {
            late.count(number, Bucket { percent: b.percent, stable: pending(b.stable), canary: pending(b.canary) });
        }
        for (number, bucket) in (1..).zip(&buckets) {
            late.count(number, *bucket);
        }
        late.look(u64::MAX);
        prop_assert!(near(late.e(), at_once.e()) && near(late.f(), at_once.f()) && near(late.g(), at_once.g()));
        prop_assert_eq!((late.stable, late.canary), (at_once.stable, at_once.canary));
    }

    #[test]
    fn the_expected_factor_of_a_tick_is_at_most_one_under_the_null(
        units in 0u64..12, percent in 1u8..100, p in 0.0f64..1.0, below in 0.0f64..1.0, errors in any::<bool>(),
    ) {
        let signal = if errors { Signal::Errors } else { Signal::SlowP90 };
        let question = signal.question(LIMITS.rule, LIMITS.latency_ratio);
        let (p_s, p_c) = (p, (p * question.rho * below).min(1.0));
        let weight = f64::from(percent) / 100.0;
        let (to_canary, to_stable) = (weight * p_c, (1.0 - weight) * p_s);
        let ways = |n: u64, k: u64| -> f64 { (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product() };
        let mut mean = 0.0;
        for canary in 0..=units {
            for stable in 0..=units - canary {
                let right = units - canary - stable;
                let chance = ways(units, canary) * ways(units - canary, stable)
                    * to_canary.powf(canary as f64) * to_stable.powf(stable as f64)
                    * (1.0 - to_canary - to_stable).max(0.0).powf(right as f64);
                let mut process = EProcess::new(question);
                process.add(crate::canary::eprocess::Tick { weight, canary, stable });
                mean += chance * process.log().exp();
            }
        }
        prop_assert!(mean <= 1.0 + 1e-9, "{mean}");
    }

    #[test]
    fn numbers_stay_numbers_however_many_units_there_are(n in 1u64..1_000_000_000, k in 0u64..1_000_000_000, flip in any::<bool>()) {
        let (bad, good) = (counts(n, k.min(n)), counts(n, 0));
        let bucket = if flip { Bucket { percent: 50, stable: bad, canary: good } } else { Bucket { percent: 50, stable: good, canary: bad } };
        let evidence = of([&bucket; 3]);
        prop_assert!(evidence.e().is_finite() && evidence.f().is_finite() && evidence.g().is_finite());
        prop_assert!(!flip || !evidence.is_worse());
        prop_assert!(flip || k < 40 || evidence.is_worse());
    }
}

#[test]
fn no_data_says_nothing() {
    let evidence = of([]);
    let none = [evidence.e(), evidence.f(), evidence.g()];
    assert!(none.iter().all(|value| near(*value, 1.0)), "{none:?}");
    assert!(!evidence.is_worse() && !evidence.is_certified() && !evidence.is_alarming());
}

#[test]
fn ticks_in_which_only_one_slot_could_be_drawn_are_no_evidence() {
    let alone = [
        Bucket { percent: 0, stable: counts(100, 40), canary: counts(0, 0) },
        Bucket { percent: 100, stable: counts(0, 0), canary: counts(10, 10) },
    ];
    assert!(near(of(&alone).e(), 1.0));
}

#[test]
fn an_outage_of_both_slots_cancels() {
    let bucket = Bucket { percent: 5, stable: counts(950, 950), canary: counts(50, 50) };
    assert!(!of([&bucket; 60]).is_alarming());
}

#[test]
fn some_560_to_610_clean_units_certify_one_percent_and_some_860_to_910_with_one_failure() {
    let certified = |n: u64, failed: u64| {
        of([&Bucket { percent: 50, stable: Counts::default(), canary: counts(n, failed) }]).is_certified()
    };
    let units = |failed: u64| (failed..5000).find(|n| certified(*n, failed)).unwrap();
    assert!((560..=610).contains(&units(0)), "{}", units(0));
    assert!((860..=910).contains(&units(1)), "{}", units(1));
    assert_eq!(of([]).clean_units_needed(), units(0));
    let one = of([&Bucket { percent: 50, stable: Counts::default(), canary: counts(1, 1) }]);
    assert_eq!(one.clean_units_missing(), units(1) - 1);
}

#[test]
fn a_failing_stable_is_matched_by_a_canary_no_worse() {
    let bucket = Bucket { percent: 50, stable: counts(500, 25), canary: counts(500, 20) };
    let evidence = of([&bucket; 10]);
    assert!(evidence.f() < 1.0 && evidence.stable_exceeds());
    assert!(evidence.is_certified(), "{}", evidence.g());
    let twice = Bucket { percent: 50, stable: counts(500, 25), canary: counts(500, 50) };
    assert!(!of([&twice; 10]).is_certified());
    let sound = Bucket { percent: 50, stable: counts(500, 5), canary: counts(500, 4) };
    assert!(!of([&sound; 10]).stable_exceeds());
}

#[test]
fn pending_requests_certify_nothing_until_the_time_to_answer_has_passed() {
    let mut evidence = Evidence::new(LIMITS);
    let clean = Bucket { percent: 50, stable: Counts::default(), canary: counts(700, 0) };
    let hanging = Counts { requests: 710, ok: 700, ..Counts::default() };
    evidence.count(1_000, Bucket { percent: 50, stable: Counts::default(), canary: hanging });
    evidence.count(2_000, clean);
    evidence.look(3_000);
    assert!(!evidence.is_certified(), "the ten that hang may yet fail");
    let failed = Counts { requests: 710, ok: 700, failed: 10, ..Counts::default() };
    evidence.count(1_000, Bucket { percent: 50, stable: Counts::default(), canary: failed });
    evidence.look(4_000);
    assert!(!evidence.is_certified() && evidence.f() < 1.0, "{}", evidence.f());
    let mut streaming = Evidence::new(LIMITS);
    streaming.count(1_000, Bucket { percent: 50, stable: Counts::default(), canary: hanging });
    streaming.look(31_000);
    assert!(!streaming.is_certified());
    streaming.look(33_100);
    assert!(streaming.is_certified());
}
