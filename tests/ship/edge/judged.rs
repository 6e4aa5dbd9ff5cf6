//! What a canary is judged by beside failures, and that anyone can compute the judgement again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::driver::Edge;
use super::loading::Load;
use crate::support::wait_for;

/// Ratios of each signal with its `ρ`, the most a ratio can be, its weight, and its columns in a tick's rows.
const SIGNALS: [(&str, f64, f64, f64, usize, usize); 5] = [
    ("errors", 1.0, f64::INFINITY, 0.80, 4, 7),
    ("slow-p90", 1.5, 10.0, 0.05, 9, 12),
    ("slow-p99", 1.5, 100.0, 0.05, 10, 13),
    ("panics", 1.0, f64::INFINITY, 0.05, 11, 14),
    ("error-lines", 1.0, f64::INFINITY, 0.05, 15, 18),
];
const RARE: [f64; 9] = [1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0];
const RARE_SHARES: [f64; 9] = [0.12, 0.12, 0.10, 0.22, 0.13, 0.13, 0.08, 0.06, 0.04];
const OFTEN: [f64; 9] = [1.1, 1.2, 1.35, 1.6, 2.0, 2.7, 4.0, 6.6, 20.0];

/// The last row of each bucket, from the ticks up to the record that decided.
fn rows(journal: &[Value], decided: u64) -> BTreeMap<u64, Vec<f64>> {
    let ticks =
        journal.iter().filter(|record| record["op"] == "tick" && record["n"].as_u64().unwrap() < decided);
    let rows = ticks.flat_map(|tick| tick["buckets"].as_array().unwrap());
    rows.map(|row| {
        let row: Vec<f64> = row.as_array().unwrap().iter().map(|count| count.as_f64().unwrap()).collect();
        (row[0] as u64, row)
    })
    .collect()
}

/// `E` of one signal, as docs/canary.md says it is computed.
fn e_of(
    rows: &BTreeMap<u64, Vec<f64>>,
    name: &str,
    rho: f64,
    most: f64,
    stable: usize,
    canary: usize,
) -> f64 {
    let (grid, shares) = if name.starts_with("slow") { (OFTEN, [1.0; 9]) } else { (RARE, RARE_SHARES) };
    let parts = grid.iter().map(|step| rho * step).zip(shares).filter(|(ratio, _)| *ratio <= most);
    let whole: f64 = parts.clone().map(|(_, share)| share).sum();
    let mean = parts.map(|(ratio, share)| {
        let log = rows.values().map(|row| {
            let drawn = row[8] / 100.0;
            let printed = ["panics", "error-lines"].contains(&name);
            let w = if printed { drawn.max(0.5) } else { drawn };
            let expected = (1.0 + w * (ratio - 1.0)) / (1.0 + w * (rho - 1.0));
            row[canary] * (ratio / rho).ln() - (row[stable] + row[canary]) * expected.ln()
        });
        share * log.sum::<f64>().exp()
    });
    mean.sum::<f64>() / whole
}

fn near(recorded: &Value, computed: f64) -> bool {
    let recorded = recorded.as_f64().unwrap();
    (recorded - computed).abs() <= 1e-6 * recorded.abs().max(1e-9)
}

/// Compute `E`, each signal's and `F` from the journal, and compare with what was recorded.
#[track_caller]
fn assert_recomputed(journal: &[Value], op: &str) {
    let decided = journal.iter().find(|record| record["op"] == op).unwrap();
    let rows = rows(journal, decided["n"].as_u64().unwrap());
    let mut e = 0.0;
    for (name, rho, most, weight, stable, canary) in SIGNALS {
        let of = e_of(&rows, name, rho, most, stable, canary);
        assert!(near(&decided["signals"][name], of), "{name}: {of} in {decided}");
        e += weight * of;
    }
    assert!(near(&decided["e"], e), "{e} in {decided}");
    let ripe = rows.range(..=decided["ripe_to"].as_u64().unwrap()).map(|(_, row)| row);
    let (ok, failed) = ripe.fold((0.0, 0.0), |sum, row| (sum.0 + row[6], sum.1 + row[7]));
    let max = 0.01;
    let product = |part: f64| -> f64 {
        let failures = if failed > 0.0 { f64::powf(part, failed) } else { 1.0 };
        failures * f64::powf((1.0 - part * max) / (1.0 - max), ok)
    };
    let f = [0.0, 0.1, 0.2, 0.35, 0.55, 0.8].map(product).iter().sum::<f64>() / 6.0;
    assert!(near(&decided["f"], f), "{f} in {decided}");
}

#[test]
fn a_slower_canary_is_rolled_back_once_stable_was_measured() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let loads = [(); 6].map(|()| edge.load("/"));
    wait_for("stable to be measured", 120, || {
        (loads.iter().map(Load::asked).sum::<u64>() > 2100).then_some(())
    });
    let mut plan = edge.plan("r2", json!({"DELAY_MS": "40"}));
    (plan["min_ms"], plan["max_ms"]) = (json!(25_000), json!(60_000));
    edge.canary(plan);
    let waits = wait_for("words on what is waited for", 20, || {
        let plan = edge.status()["plan"].clone();
        (plan["phase"] == "weighing").then(|| plan["waits"].as_str().unwrap().to_owned())
    });
    assert!(waits.contains("requests in this step"), "{waits}");
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("is slower than"), "{ended}");
    assert_eq!(ended["canary"]["failed"], 0);
    let journal = edge.journal();
    let measured = journal.iter().find(|record| record["op"] == "measured").unwrap();
    assert!(measured["units"].as_u64().unwrap() >= 2000, "{measured}");
    assert!(measured["p90_us"].as_u64() <= measured["p99_us"].as_u64(), "{measured}");
    assert_recomputed(&journal, "rolled-back");
}

#[test]
fn a_canary_that_panics_while_its_answers_look_right_is_rolled_back() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let _load = edge.load("/");
    let mut plan = edge.plan("r2", json!({"PANIC_LOG": "1"}));
    plan["min_ms"] = json!(10_000);
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("panics more often than stable"), "{ended}");
    assert_eq!((&ended["canary"]["failed"], &ended["canary"]["error_lines"]), (&json!(0), &Value::Null));
    let journal = edge.journal();
    assert_recomputed(&journal, "rolled-back");
    let begun = journal.iter().find(|record| record["op"] == "canary").unwrap();
    assert_eq!(begun["rule"], 2, "{begun}");
}

#[test]
fn a_canary_that_logs_errors_while_its_answers_look_right_is_rolled_back() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let _load = edge.load("/");
    let mut plan = edge.plan("r2", json!({"ERROR_LOG": "1"}));
    plan["min_ms"] = json!(10_000);
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("logs errors more often than stable"), "{ended}");
    assert!(
        ended["canary"]["error_lines"].as_u64().unwrap() > 0 && ended["canary"]["panics"].is_null(),
        "{ended}"
    );
    assert_recomputed(&edge.journal(), "rolled-back");
}

#[test]
fn a_canary_that_takes_longer_than_its_intent_allows_is_rolled_back_though_stable_was_not_measured() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let _load = edge.load("/");
    let mut plan = edge.plan("r2", json!({"DELAY_MS": "700"}));
    (plan["min_ms"], plan["caps"]) = (json!(10_000), json!({"p99_us": 600_000}));
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    let reason = ended["reason"].as_str().unwrap();
    assert!(reason.contains("it is to answer 99 % of requests within 600 ms (latency-p99)"), "{ended}");
    assert!(reason.contains("0 of ") && reason.ends_with("with stable"), "{ended}");
    let journal = edge.journal();
    assert!(journal.iter().all(|record| record["op"] != "measured"));
    let decided = journal.iter().find(|record| record["op"] == "rolled-back").unwrap();
    assert!(decided["promises"]["latency-p99"]["broken"].as_f64().unwrap() >= 100.0, "{decided}");
    assert_recomputed(&journal, "rolled-back");
}

#[test]
fn a_canary_whose_process_ends_by_itself_is_rolled_back_at_once() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut plan = edge.plan("r2", json!({"EXIT_MS": "700"}));
    (plan["min_ms"], plan["max_ms"]) = (json!(19_000), json!(20_000));
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("it ended by itself"), "{ended}");
    assert_eq!(edge.get("/"), (200, "hello from r1".into()));
}

#[test]
fn what_probes_make_both_print_is_no_sign_against_the_canary() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({"PROBE_LOG": "1"}));
    let _load = edge.load("/");
    let mut plan = edge.plan("r2", json!({"PROBE_LOG": "1"}));
    plan["promote_auto"] = json!(false);
    edge.canary(plan);
    let plan = wait_for("many probes", 40, || {
        let plan = edge.status()["plan"].clone();
        assert_ne!(plan["phase"], "rolled-back", "{plan}");
        (plan["canary"]["error_lines"].as_u64()? >= 16).then_some(plan)
    });
    let printed = |slot: &str| plan[slot]["error_lines"].as_u64().unwrap();
    assert!(printed("stable").abs_diff(printed("canary")) <= 1, "{plan}");
}
