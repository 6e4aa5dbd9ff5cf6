//! The rule in simulated services, few runs with generous bounds: what would show a broken rule.
//! `cargo bench --bench canary` makes the whole table.

#[path = "../../benches/canary/judges.rs"]
mod judges;
#[path = "../../benches/canary/worlds.rs"]
mod worlds;

use judges::{Rule, Tally, Threshold, ZTest, certify, oracle};
use worlds::{Clients, Shape, Traffic, USUAL, World, clients, independent, latency, outages};

const HOUR: u64 = 3600;

/// So many runs, or ten times as many where time does not matter.
fn runs(few: u64) -> u64 {
    if std::env::var_os("FACTORY_SLOW").is_some() { few * 10 } else { few }
}

fn rolled_back(world: impl Fn() -> World) -> f64 {
    Tally::of::<Rule>(runs(150), HOUR, world).percent()
}

#[test]
fn a_healthy_canary_is_hardly_ever_rolled_back_however_its_failures_clump() {
    let alone: Vec<f64> =
        [0.001, 0.01, 0.05].map(|rate| rolled_back(|| independent(USUAL, rate, rate))).into();
    assert!(alone.iter().sum::<f64>() / 3.0 <= 0.9, "{alone:?}");
    let clumped = [
        rolled_back(|| outages(USUAL, 0.001)),
        rolled_back(|| clients(USUAL, Clients::RequestsAnew)),
        rolled_back(|| clients(USUAL, Clients::StickyOnce)),
    ];
    assert!(clumped.iter().sum::<f64>() / 3.0 <= 1.4, "{clumped:?}");
    let wrongly = rolled_back(|| clients(USUAL, Clients::StickyRequests));
    assert!(wrongly > 8.0, "sticky requests are not independent, and it must show: {wrongly}");
}

#[test]
fn what_stands_beside_it_blames_healthy_canaries() {
    let world = || independent(USUAL, 0.01, 0.01);
    assert!(Tally::of::<Threshold>(30, HOUR, world).percent() > 80.0);
    assert!(Tally::of::<ZTest>(60, HOUR, world).percent() > 5.0);
}

#[test]
fn a_bad_canary_is_found_nearly_as_soon_as_by_an_oracle() {
    for (stable, canary, most) in [(0.01, 0.05, 1.6), (0.001, 0.01, 1.6)] {
        let found = Tally::of::<Rule>(runs(150), 6 * HOUR, || independent(USUAL, stable, canary));
        assert_eq!(found.rolled_back, found.runs);
        let ratio = found.mean_units() / oracle(2000, stable, canary);
        assert!(ratio <= most && ratio > 0.9, "{ratio} for {stable} → {canary}");
    }
    let broken = Tally::of::<Rule>(runs(100), HOUR, || independent(USUAL, 0.0, 1.0));
    assert!(broken.rolled_back == broken.runs && broken.mean_units() <= 4.0, "{broken:?}");
}

#[test]
fn little_traffic_finds_it_at_half_the_weight() {
    let day = |percent: u8| {
        let traffic = Traffic { a_second: 100.0 / 3600.0, percent };
        Tally::of::<Rule>(runs(30), 24 * HOUR, || independent(traffic, 0.01, 0.05)).percent()
    };
    let (little, half) = (day(5), day(50));
    assert!(little < 70.0 && half > 85.0, "{little} {half}");
}

#[test]
fn slow_answers_are_found_and_others_are_not() {
    let found = |times: f64, tail: f64| {
        Tally::of::<Rule>(runs(40), HOUR, || latency(USUAL, Shape { times, tail })).percent()
    };
    assert!(found(1.0, 0.0) <= 2.5);
    assert!(found(2.0, 0.0) >= 97.0 && found(1.0, 0.1) >= 97.0);
}

#[test]
fn what_is_certified_is_good_or_no_worse_than_a_failing_stable() {
    let half = Traffic { percent: 50, ..USUAL };
    let ended = |stable: f64, canary: f64| certify(runs(40), HOUR, || independent(half, stable, canary));
    let clean = ended(0.0, 0.0);
    assert!(clean.certified == runs(40) && (560.0..=640.0).contains(&clean.units), "{}", clean.units);
    assert!(ended(0.01, 0.01).certified <= runs(40) / 20);
    let failing = ended(0.03, 0.03);
    assert!(failing.certified * 10 >= runs(40) * 6 && failing.rolled_back <= runs(40) / 20);
    let worse = ended(0.03, 0.06);
    assert!(worse.certified == 0 && worse.rolled_back == runs(40));
}
