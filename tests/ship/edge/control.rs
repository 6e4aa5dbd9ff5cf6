//! The edge as a program: its port, its control socket, its end.

use serde_json::json;

use super::driver::{Edge, alive};
use crate::support::{has, wait_for};

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
