//! Canaries through their plan: probed, weighed, held, promoted, rolled back.

use std::time::{Duration, Instant};

use serde_json::json;

use super::driver::Edge;
use crate::support::wait_for;

#[test]
fn a_canary_without_users_is_promoted_on_probes_alone() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let link = edge.dir().join("stable");
    std::os::unix::fs::symlink("releases/r1", &link).unwrap();
    let mut plan = edge.plan("r2", json!({}));
    plan["pointer"] = json!({"link": link, "to": "releases/r2"});
    edge.canary(plan);
    let ended = edge.wait_phase(&["promoted"]);
    assert_eq!(ended["basis"], "on probes alone");
    assert!(ended["words"].as_str().unwrap().contains("on probes alone"));
    assert_eq!(std::fs::read_link(&link).unwrap().to_str(), Some("releases/r2"));
    assert_eq!(edge.get("/"), (200, "hello from r2".into()));
    wait_for("the old slot to end", 15, || edge.slot("old").is_none().then_some(()));
    let ops = edge.ops();
    let place =
        |op: &str| ops.iter().position(|known| known == op).unwrap_or_else(|| panic!("{op} in {ops:?}"));
    let order = ["canary", "probed", "weight", "promoting", "flipped", "verified", "promoted"];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{ops:?}");
}

#[test]
fn the_first_release_is_probed_and_promoted_without_a_stable_one() {
    let edge = Edge::start();
    edge.canary(edge.plan("r1", json!({})));
    edge.wait_phase(&["promoted"]);
    assert_eq!(edge.get("/"), (200, "hello from r1".into()));
    let edge = Edge::start();
    edge.canary(edge.plan("r1", json!({"WRONG_PATH": "/hello"})));
    edge.wait_phase(&["rolled-back"]);
    assert_eq!(edge.get("/").0, 503);
}

#[test]
fn a_canary_that_fails_its_acceptance_check_is_rolled_back_with_the_pair_kept() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    edge.canary(edge.plan("r2", json!({"WRONG_PATH": "/hello"})));
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("`greets/hello`"), "{ended}");
    let failures = edge.failures();
    let failure = &failures[0];
    assert_eq!((&failure["check"], &failure["release"]), (&json!("greets/hello"), &json!("r2")));
    assert_eq!((&failure["path"], &failure["answer"]["text"]), (&json!("/hello"), &json!("nonsense")));
    assert_eq!(failure["stable"], "right: status 200");
    assert!(!edge.ops().contains(&"weight".to_owned()), "no traffic before the probes are right");
    wait_for("the canary to end", 15, || edge.slot("canary").is_none().then_some(()));
    assert_eq!(edge.get("/hello"), (200, "hello from r1".into()));
}

#[test]
fn a_canary_that_fails_under_traffic_is_rolled_back_and_stable_serves_on() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let load = edge.load("/work?a=1");
    let mut plan = edge.plan("r2", json!({"FAIL_PERCENT": "100"}));
    plan["min_ms"] = json!(2000);
    edge.canary(plan);
    let ended = edge.wait_phase(&["rolled-back"]);
    let failed = load.failed();
    assert!(ended["e"].as_f64().unwrap() >= 100.0, "{ended}");
    assert!(failed > 0 && ended["canary"]["failed"].as_u64().unwrap() <= failed, "{ended} {failed}");
    assert_eq!(ended["stable"]["failed"], 0);
    let asked = load.asked();
    wait_for("more requests", 10, || (load.asked() > asked + 100).then_some(()));
    // One may have been on its way when the routes changed.
    assert!(load.failed() <= failed + 1, "{failed} then {}", load.failed());
    assert_eq!(edge.stable(), "r1");
    let failures = edge.failures();
    assert_eq!((&failures[0]["status"], &failures[0]["path"]), (&json!(500), &json!("/work?a=1")));
    assert_eq!(failures[0]["answer"]["text"], "it broke");
    let ticks = edge.journal().into_iter().filter(|record| record["op"] == "tick").count();
    assert!(ticks > 0);
}

#[test]
fn a_canary_that_hangs_or_breaks_off_fails() {
    for env in [json!({"HANG_PATH": "/work"}), json!({"PANIC_PATH": "/work"})] {
        let edge = Edge::start();
        edge.start_stable("r1", json!({}));
        let loads = [(); 6].map(|()| edge.load("/work"));
        let mut plan = edge.plan("r2", env.clone());
        plan["slot"]["answer_ms"] = json!(300);
        plan["min_ms"] = json!(10_000);
        edge.canary(plan);
        let ended = edge.wait_phase(&["rolled-back"]);
        assert!(ended["reason"].as_str().unwrap().contains("fails more often"), "{env} {ended}");
        drop(loads);
        let reason = edge.failures()[0]["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains("no answer"), "{reason}");
    }
}

#[test]
fn a_canary_with_enough_clean_requests_is_certified() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let loads = [(); 3].map(|()| edge.load("/"));
    let mut plan = edge.plan("r2", json!({}));
    (plan["min_ms"], plan["max_ms"]) = (json!(1000), json!(60_000));
    edge.canary(plan);
    let ended = edge.wait_phase(&["promoted"]);
    assert_eq!(ended["basis"], "certified", "{ended}");
    assert!(ended["canary"]["ok"].as_u64().unwrap() >= 559, "{ended}");
    assert_eq!(loads.iter().map(super::loading::Load::failed).sum::<u64>(), 0);
}

#[test]
fn a_canary_may_be_held_for_a_person_who_promotes_or_rolls_back() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut plan = edge.plan("r2", json!({}));
    plan["promote_auto"] = json!(false);
    edge.canary(plan.clone());
    let held = edge.wait_phase(&["held"]);
    assert!(held["reason"].as_str().unwrap().contains("waits for a person"), "{held}");
    assert!(
        edge.refused(json!({"v": 1, "do": "start", "slot": edge.spec("r9", json!({}))})).contains("held")
    );
    edge.ask(json!({"v": 1, "do": "rollback", "reason": ""}));
    edge.wait_phase(&["rolled-back"]);
    edge.canary(plan);
    edge.wait_phase(&["held"]);
    edge.ask(json!({"v": 1, "do": "promote"}));
    assert_eq!(edge.wait_phase(&["promoted"])["basis"], "by a person");
    assert_eq!(edge.stable(), "r2");
}

#[test]
fn a_release_that_fails_once_it_serves_is_taken_back_with_its_pointer() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let link = edge.dir().join("stable");
    std::os::unix::fs::symlink("releases/r1", &link).unwrap();
    let mut plan = edge.plan("r2", json!({"EXIT_MS": "1500"}));
    (plan["verify_ms"], plan["min_ms"]) = (json!(20_000), json!(300));
    plan["pointer"] = json!({"link": link, "to": "releases/r2"});
    edge.canary(plan);
    edge.wait_phase(&["verifying"]);
    assert_eq!(std::fs::read_link(&link).unwrap().to_str(), Some("releases/r2"));
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("something is very wrong"), "{ended}");
    assert_eq!(std::fs::read_link(&link).unwrap().to_str(), Some("releases/r1"));
    assert_eq!(edge.get("/"), (200, "hello from r1".into()));
}

#[test]
fn a_release_that_breaks_a_promise_once_it_serves_alone_is_taken_back() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let _loads = [(); 3].map(|()| edge.load("/"));
    let begin = edge.dir().join("fails-from-here-on");
    let mut plan = edge.plan("r2", json!({"FAIL_PERCENT": "30", "FAIL_ONCE": begin}));
    (plan["steps"], plan["promote_auto"]) = (json!([50]), json!(false));
    (plan["min_ms"], plan["max_ms"], plan["verify_ms"]) = (json!(600_000), json!(600_000), json!(60_000));
    plan["promised_errors"] = json!(true);
    edge.canary(plan);
    wait_for("requests of the canary", 20, || {
        let plan = edge.status()["plan"].clone();
        (plan["canary"]["ok"].as_u64() > Some(20)).then_some(())
    });
    edge.ask(json!({"v": 1, "do": "promote"}));
    edge.wait_phase(&["verifying"]);
    std::fs::write(&begin, "").unwrap();
    let ended = edge.wait_phase(&["rolled-back"]);
    let reason = ended["reason"].as_str().unwrap();
    assert!(reason.starts_with("it is to fail at most 1 % of requests (error-rate), and "), "{ended}");
    assert_eq!(ended["canary"]["failed"], 0, "what was counted before the flip stays as it was: {ended}");
    let journal = edge.journal();
    let decided = journal.iter().find(|record| record["op"] == "rolled-back").unwrap();
    assert_eq!((&decided["after_flip"], &decided["to"]), (&json!(true), &json!("r1")), "{decided}");
    let watched = &decided["watched"];
    assert!(watched["broken"]["error-rate"].as_f64().unwrap() >= 100.0, "{decided}");
    let (mut ok, mut failed) = (0, 0);
    let rows = journal.iter().filter(|record| record["op"] == "watched");
    for row in rows.flat_map(|record| record["buckets"].as_array().unwrap()) {
        (ok, failed) = (ok + row[3].as_u64().unwrap(), failed + row[4].as_u64().unwrap());
    }
    assert!(ok >= watched["counts"]["ok"].as_u64().unwrap(), "{ok} {decided}");
    assert!(failed >= watched["counts"]["failed"].as_u64().unwrap() && failed > 0, "{failed} {decided}");
    assert_eq!(edge.get("/"), (200, "hello from r1".into()));
}

#[test]
fn a_canary_that_is_as_wrong_as_stable_is_rolled_back_only_after_the_minimum_time() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({"WRONG_PATH": "/hello"}));
    let begun = Instant::now();
    edge.canary(edge.plan("r2", json!({"WRONG_PATH": "/hello"})));
    let ended = edge.wait_phase(&["rolled-back"]);
    assert!(ended["reason"].as_str().unwrap().contains("stable is not either"), "{ended}");
    assert!(begun.elapsed() >= Duration::from_millis(600));
    // What stable never did right a canary may well do.
    edge.canary(edge.plan("r3", json!({})));
    edge.wait_phase(&["promoted"]);
}
