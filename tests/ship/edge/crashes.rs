//! What ends by itself or is killed: slots, worker, supervisor, and what is made of it.

use std::time::{Duration, Instant};

use serde_json::json;

use super::driver::{Edge, alive, kill};
use crate::support::wait_for;

#[test]
fn a_slot_that_never_becomes_ready_gets_no_traffic_and_says_why() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut spec = edge.spec("r2", json!({"SICK": "1"}));
    spec["ready_ms"] = json!(300);
    let error = edge.refused(json!({"v": 1, "do": "start", "slot": spec}));
    assert!(error.contains("not ready within 300 ms: /health answers 503"), "{error}");
    assert!(error.contains("r2 begins"), "{error}");
    let mut plan = edge.plan("r3", json!({"START_MS": "20000"}));
    plan["slot"]["ready_ms"] = json!(300);
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("not ready within 300 ms"), "{ended}");
    assert_eq!(edge.get("/"), (200, "hello from r1".into()));
    let mut spec = edge.spec("r4", json!({}));
    spec["argv"] = json!(["/nonexistent/program"]);
    assert!(edge.refused(json!({"v": 1, "do": "start", "slot": spec})).contains("/nonexistent/program"));
}

#[test]
fn a_stable_slot_that_ends_is_started_again_and_a_crash_loop_is_named() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let pid = edge.slot("stable").unwrap()["pid"].as_u64().unwrap();
    kill(pid, "-KILL");
    wait_for("another process", 15, || {
        let slot = edge.slot("stable").unwrap();
        (slot["state"] == "ready" && slot["pid"] != pid).then_some(())
    });
    assert_eq!(edge.get("/"), (200, "hello from r1".into()));
    assert_eq!(edge.slot("stable").unwrap()["restarts"], 1);
    edge.start_stable("r2", json!({"EXIT_MS": "150"}));
    let slot =
        wait_for("a crash loop", 30, || edge.slot("stable").filter(|slot| slot["state"] == "crash-loop"));
    assert!(slot["trouble"].as_str().unwrap().contains("something is very wrong"), "{slot}");
}

#[test]
fn when_the_supervisor_is_killed_stable_serves_on_and_the_next_one_adopts_everything() {
    let mut edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut plan = edge.plan("r2", json!({}));
    plan["min_ms"] = json!(30_000);
    plan["max_ms"] = json!(60_000);
    edge.canary(plan);
    edge.wait_phase(&["weighing"]);
    let load = edge.load("/");
    wait_for("the canary to be asked", 15, || (edge.get("/").1 == "hello from r2").then_some(()));
    let pids = edge.pids();
    edge.kill_supervisor();
    let begun = Instant::now();
    let mut in_a_row = 0;
    while in_a_row < 60 {
        let (status, body) = edge.get("/");
        assert_eq!(status, 200);
        in_a_row = if body == "hello from r1" { in_a_row + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(15), "the canary still gets requests");
    }
    edge.start_supervisor();
    let status = edge.status();
    assert_eq!(status["plan"]["phase"], "weighing");
    assert_eq!(edge.pids().iter().filter(|pid| pids.contains(pid)).count(), 3, "both slots and the worker");
    assert!(edge.ops().contains(&"adopted".to_owned()));
    wait_for("the canary to be asked again", 15, || (edge.get("/").1 == "hello from r2").then_some(()));
    assert!(edge.status()["plan"]["stable"]["requests"].as_u64().unwrap() > 0);
    assert_eq!(load.failed(), 0, "of {}", load.asked());
    drop(load);
    edge.ask(json!({"v": 1, "do": "stop", "what": "all"}));
    wait_for("everything to end", 15, || pids.iter().all(|&pid| !alive(pid)).then_some(()));
}

#[test]
fn a_promotion_that_was_cut_short_is_finished_and_a_lost_canary_rolled_back() {
    let mut edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let link = edge.dir().join("stable");
    let mut plan = edge.plan("r2", json!({}));
    plan["promote_auto"] = json!(false);
    plan["pointer"] = json!({"link": link, "to": "releases/r2"});
    edge.canary(plan.clone());
    edge.wait_phase(&["held"]);
    edge.kill_supervisor();
    let state = edge.dir().join("state.json");
    let text = std::fs::read_to_string(&state).unwrap();
    std::fs::write(&state, text.replace("\"phase\": \"held\"", "\"phase\": \"promoting\"")).unwrap();
    edge.start_supervisor();
    edge.wait_phase(&["promoted"]);
    assert_eq!(std::fs::read_link(&link).unwrap().to_str(), Some("releases/r2"));
    assert_eq!(edge.get("/").1, "hello from r2");

    plan["slot"] = edge.spec("r3", json!({}));
    edge.canary(plan);
    edge.wait_phase(&["held"]);
    let canary = edge.slot("canary").unwrap()["pid"].as_u64().unwrap();
    edge.kill_supervisor();
    kill(canary, "-KILL");
    edge.start_supervisor();
    edge.wait_phase(&["rolled-back"]);
    assert_eq!(edge.get("/").1, "hello from r2");
}

#[test]
fn after_everything_was_killed_stable_is_started_again_from_what_was_written_down() {
    let mut edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let pids = edge.pids();
    edge.kill_supervisor();
    for pid in pids.iter().filter(|pid| alive(**pid)) {
        kill(*pid, "-KILL");
    }
    edge.start_supervisor();
    wait_for("stable to serve", 15, || (edge.get("/") == (200, "hello from r1".into())).then_some(()));
}

#[test]
fn when_the_worker_is_killed_another_takes_its_place() {
    let mut edge = Edge::start();
    edge.start_stable("r1", json!({}));
    for round in 0..2 {
        let worker = edge.status()["worker"].as_u64().unwrap();
        kill(worker, "-KILL");
        wait_for("another worker", 15, || (edge.get("/") == (200, "hello from r1".into())).then_some(()));
        assert_ne!(edge.status()["worker"].as_u64(), Some(worker));
        if round == 0 {
            // An adopting supervisor does not hold the listener, and has to listen again.
            edge.kill_supervisor();
            edge.start_supervisor();
        }
    }
}
