//! The edge, driven through its control socket: slots, canaries, and what is killed under it.

mod beside;
mod driver;
mod judged;
mod services;

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{has, wait_for};
use driver::{Edge, alive, kill};

#[test]
fn a_stable_release_is_served_with_its_bodies_and_told_who_asked() {
    let edge = Edge::start();
    assert_eq!(edge.get("/").0, 503);
    edge.start_stable("r1", json!({}));
    assert_eq!(edge.get("/"), (200, "hello from r1".into()));
    let body = "x".repeat(200_000);
    let request = format!(
        "POST /echo HTTP/1.1\r\nhost: edge.test\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(edge.send(&request), (200, body));
    let (_, head) = edge.send(
        "GET /head HTTP/1.1\r\nhost: edge.test\r\nconnection: close, x-mine\r\nx-mine: 1\r\nx-forwarded-for: 10.0.0.9\r\n\r\n",
    );
    assert!(head.contains("host: edge.test\n"), "{head}");
    assert!(head.contains("x-forwarded-for: 10.0.0.9, 127.0.0.1\n"), "{head}");
    assert!(head.contains("x-forwarded-host: edge.test\n") && head.contains("x-request-id: "), "{head}");
    assert!(!head.contains("x-mine"), "{head}");
}

#[test]
fn another_release_takes_the_place_of_stable_and_drops_no_request() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let slow = std::thread::spawn({
        let port = edge.port;
        move || driver::exchange(port, "GET /slow/700 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    });
    let load = edge.load("/");
    wait_for("some requests", 10, || (load.asked() > 20).then_some(()));
    for release in ["r2", "r3", "r4"] {
        edge.start_stable(release, json!({}));
        assert_eq!(edge.get("/").1, format!("hello from {release}"));
    }
    assert_eq!(load.failed(), 0, "of {}", load.asked());
    assert_eq!(slow.join().unwrap(), Some((200, "hello from r1".into())));
}

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
    assert_eq!(loads.iter().map(driver::Load::failed).sum::<u64>(), 0);
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

#[test]
fn a_port_that_is_taken_is_named_with_who_holds_it() {
    let edge = Edge::start();
    let other = Edge::start();
    let taken = edge.port;
    let sandbox = tempfile::Builder::new().prefix("edge-").tempdir_in("/tmp").unwrap();
    let ran = crate::support::finish(
        std::process::Command::new(crate::support::SHIP)
            .args(["edge", "--port", &taken.to_string(), "--dir"])
            .arg(sandbox.path().join("edge"))
            .arg("--sockets")
            .arg(sandbox.path().join("s")),
    )
    .exits(5)
    .says(&format!("port {taken} is already taken"));
    if cfg!(target_os = "linux") {
        ran.says("cargo-ship (pid ");
    }
    // A second supervisor of the same folder is refused.
    crate::support::finish(&mut other.command(other.port)).exits(4).says("another edge runs");
}

#[test]
fn stop_leaves_no_process_behind_not_even_one_that_left_its_group() {
    let edge = Edge::start();
    let straggles = cfg!(target_os = "linux") && has("setsid");
    edge.start_stable("r1", if straggles { json!({"STRAGGLER": "1"}) } else { json!({}) });
    let mut plan = edge.plan("r2", json!({}));
    plan["min_ms"] = json!(10_000);
    edge.canary(plan);
    edge.wait_phase(&["weighing"]);
    let pids = edge.pids();
    assert_eq!(pids.len(), 4);
    let strays = marked(&edge);
    assert_eq!(strays.len(), if straggles { 3 } else { 2 } * usize::from(cfg!(target_os = "linux")));
    edge.ask(json!({"v": 1, "do": "stop", "what": "all"}));
    wait_for("everything to end", 15, || pids.iter().chain(&strays).all(|&pid| !alive(pid)).then_some(()));
    assert!(edge.try_ask(&json!({"v": 1, "do": "status"})).is_none());
}

/// Processes that carry the mark of a slot and run in this edge's folder.
fn marked(edge: &Edge) -> Vec<u64> {
    let root = edge.dir().parent().unwrap().to_owned();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let carries = |pid: &u64| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let marked = String::from_utf8_lossy(&environment).contains("FACTORY_EDGE_SLOT=");
        marked && std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == root)
    };
    pids.filter(carries).collect()
}

#[test]
fn the_control_socket_answers_what_it_does_not_know() {
    let edge = Edge::start();
    assert!(edge.refused(json!({"v": 1, "do": "dance"})).contains("it knows status, start, canary"));
    assert!(edge.refused(json!({"v": 2, "do": "status"})).contains("version 1"));
    assert!(edge.refused(json!({"v": 1, "do": "promote"})).contains("no canary"));
    let mut plan = edge.plan("r2", json!({}));
    plan["steps"] = json!([50, 5]);
    assert!(edge.refused(json!({"v": 1, "do": "canary", "plan": plan})).contains("rising"));
}
