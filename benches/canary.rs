//! The canary's decision rule in simulated services, beside a fixed threshold, a z-test and the oracle.
//!
//! `cargo bench --bench canary` prints the table of `docs/canary.md`; the same seeds give the same table.
//! With a number it makes so many runs of each line instead of 2,000, and five times as many of healthy canaries.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a table is what a bench is for")]
#![allow(clippy::duplicate_mod, reason = "the rule's own tests use the same services")]

#[path = "canary/judges.rs"]
mod judges;
#[path = "canary/worlds.rs"]
mod worlds;

#[path = "../cargo-ship/canary/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the program and its tests use all of it")]
mod canary;

use judges::{Certified, Rule, Tally, Threshold, ZTest, certify, oracle};
use worlds::{Clients, Shape, Traffic, USUAL, World, clients, independent, latency, outages};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` passes this; `canary::simulated` asserts what there is to assert.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let runs = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(2000);
    healthy(5 * runs);
    worse(runs);
    little(runs);
    slow(runs);
    good_enough(runs);
}

/// Rolled back though as good as stable, in percent.
fn healthy(runs: u64) {
    println!("healthy, 10 requests/s, 5 %, one hour: rolled back in % of {runs} runs");
    println!("| failures of both slots | this rule | threshold | z-test |\n|---|---|---|---|");
    let line = |name: &str, world: &dyn Fn() -> World| {
        let percent = [
            Tally::of::<Rule>(runs, HOUR, world).percent(),
            Tally::of::<Threshold>(runs, HOUR, world).percent(),
            Tally::of::<ZTest>(runs, HOUR, world).percent(),
        ];
        println!("| {name} | {:.2} | {:.1} | {:.1} |", percent[0], percent[1], percent[2]);
    };
    for rate in [0.0, 0.001, 0.01, 0.05, 0.2] {
        line(&format!("{} % of requests", rate * 100.0), &|| independent(USUAL, rate, rate));
    }
    line("outages of both", &|| outages(USUAL, 0.001));
    line("by client; requests assigned anew", &|| clients(USUAL, Clients::RequestsAnew));
    line("by client; sticky, each client once", &|| clients(USUAL, Clients::StickyOnce));
    line("by client; sticky, each request (wrong)", &|| clients(USUAL, Clients::StickyRequests));
}

/// Canary requests until a bad release is rolled back.
fn worse(runs: u64) {
    println!(
        "\nworse, 10 requests/s, 5 %: found within six hours, and after how many canary requests (mean)"
    );
    println!(
        "| failures, stable → canary | this rule | of the oracle | threshold | oracle |\n|---|---|---|---|---|"
    );
    for (stable, canary) in [(0.0, 1.0), (0.01, 0.05), (0.001, 0.01), (0.01, 0.03), (0.05, 0.15)] {
        let world = || independent(USUAL, stable, canary);
        let ours = Tally::of::<Rule>(runs, 6 * HOUR, world);
        let threshold = Tally::of::<Threshold>(runs, 6 * HOUR, world);
        let best = oracle(runs, f64::max(stable, 1e-9), f64::min(canary, 1.0 - 1e-9));
        println!(
            "| {} → {} % | {:.1} %, {:.0} | {:.2}× | {:.1} %, {:.0} | {best:.0} |",
            stable * 100.0,
            canary * 100.0,
            ours.percent(),
            ours.mean_units(),
            ours.mean_units() / best,
            threshold.percent(),
            threshold.mean_units(),
        );
    }
}

/// A hundred requests an hour.
fn little(runs: u64) {
    println!("\nlittle traffic, 100 requests/hour, one day: rolled back in % of runs");
    println!("| failures, stable → canary | at 5 % | at 50 % |\n|---|---|---|");
    let runs = runs.min(500);
    for (stable, canary) in [(0.01, 0.01), (0.01, 0.05), (0.0, 1.0)] {
        let at = |percent: u8| {
            let traffic = Traffic { a_second: 100.0 / 3600.0, percent };
            Tally::of::<Rule>(runs, DAY, || independent(traffic, stable, canary)).percent()
        };
        println!("| {} → {} % | {:.1} | {:.1} |", stable * 100.0, canary * 100.0, at(5), at(50));
    }
}

/// Latency alone: nothing fails.
fn slow(runs: u64) {
    println!("\nlatency, 10 requests/s, 5 %, one hour, nothing fails");
    println!("| canary's answers | rolled back % | after canary requests (mean) |\n|---|---|---|");
    let shapes = [
        ("as stable's", Shape { times: 1.0, tail: 0.0 }),
        ("1.1 times as long", Shape { times: 1.1, tail: 0.0 }),
        ("1.5 times as long", Shape { times: 1.5, tail: 0.0 }),
        ("twice as long", Shape { times: 2.0, tail: 0.0 }),
        ("3 % take ten times as long", Shape { times: 1.0, tail: 0.03 }),
        ("10 % take ten times as long", Shape { times: 1.0, tail: 0.1 }),
    ];
    for (name, shape) in shapes {
        let tally = Tally::of::<Rule>(runs, HOUR, || latency(USUAL, shape));
        println!("| {name} | {:.2} | {:.0} |", tally.percent(), tally.mean_units());
    }
}

/// Certified or rolled back, whichever comes first.
fn good_enough(runs: u64) {
    println!("\ncertified below 1 %, 10 requests/s, 50 %, six hours at most");
    println!(
        "| failures, stable → canary | certified % | after canary requests (mean) | rolled back % |\n|---|---|---|---|"
    );
    let traffic = Traffic { percent: 50, ..USUAL };
    let runs = runs.min(1000);
    let rates =
        [(0.0, 0.0), (0.001, 0.001), (0.003, 0.003), (0.01, 0.01), (0.03, 0.03), (0.03, 0.045), (0.03, 0.06)];
    for (stable, canary) in rates {
        let Certified { certified, rolled_back, units } =
            certify(runs, 6 * HOUR, || independent(traffic, stable, canary));
        let percent = |count: u64| 100.0 * count as f64 / runs as f64;
        println!(
            "| {} → {} % | {:.1} | {units:.0} | {:.1} |",
            stable * 100.0,
            canary * 100.0,
            percent(certified),
            percent(rolled_back)
        );
    }
}
