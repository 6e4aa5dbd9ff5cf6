//! Switches, promotions, killed processes and replaced workers under load: no request fails.

use std::time::Duration;

use serde_json::json;

use super::driver::{Edge, alive, kill};
use super::loading::Load;
use crate::support::wait_for;

fn rounds(full: usize, usual: usize) -> usize {
    if std::env::var_os("FACTORY_SLOW").is_some() { full } else { usual }
}

/// Clients that keep their connections, and one that opens a new one for each request.
fn loads(edge: &Edge) -> Vec<Load> {
    let mut loads: Vec<Load> = (0..3).map(|_| edge.keep_alive_load("/")).collect();
    loads.push(edge.load("/"));
    wait_for("requests", 10, || loads.iter().all(|load| load.asked() > 5).then_some(()));
    loads
}

#[track_caller]
fn none_failed(what: &str, loads: &[Load]) {
    let (asked, failed) =
        (loads.iter().map(Load::asked).sum::<u64>(), loads.iter().map(Load::failed).sum::<u64>());
    eprintln!("{what}: {failed} of {asked} requests failed");
    assert_eq!(failed, 0, "of {asked}");
}

#[test]
fn weight_switches_under_load_fail_no_request_and_are_obeyed_at_once() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut plan = edge.plan("r2", json!({}));
    (plan["steps"], plan["promote_auto"]) = (json!([50]), json!(false));
    (plan["min_ms"], plan["max_ms"]) = (json!(600_000), json!(600_000));
    edge.canary(plan);
    edge.wait_phase(&["weighing"]);
    let loads = loads(&edge);
    let count = rounds(100, 20);
    for switch in 0..count {
        let percent = [0, 99, 1, 50][switch % 4];
        edge.ask(json!({"v": 1, "do": "weight", "percent": percent}));
        std::thread::sleep(Duration::from_millis(20));
    }
    none_failed(&format!("{count} weight switches"), &loads);
    let lower = edge.journal().into_iter().filter_map(|record| record["obeyed_us"].as_u64());
    let mut obeyed: Vec<u64> = lower.collect();
    obeyed.sort_unstable();
    assert!(!obeyed.is_empty());
    eprintln!(
        "less weight was obeyed after {} us (median of {}), {} us at most",
        obeyed[obeyed.len() / 2],
        obeyed.len(),
        obeyed[obeyed.len() - 1]
    );
    // Once the edge has answered that the weight is 0, the canary is asked nothing more.
    edge.ask(json!({"v": 1, "do": "weight", "percent": 0}));
    for _ in 0..50 {
        assert_eq!(edge.get("/").1, "hello from r1");
    }
}

#[test]
fn promotions_and_rollbacks_under_load_fail_no_request_though_the_old_process_is_killed() {
    let edge = Edge::start();
    edge.start_stable("r0", json!({}));
    let loads = loads(&edge);
    let count = rounds(30, 4);
    for cycle in 1..=count {
        let mut plan = edge.plan(&format!("r{cycle}"), json!({}));
        (plan["steps"], plan["promote_auto"]) = (json!([50]), json!(false));
        (plan["min_ms"], plan["max_ms"]) = (json!(600_000), json!(600_000));
        edge.canary(plan);
        edge.wait_phase(&["weighing"]);
        if cycle % 2 == 0 {
            edge.ask(json!({"v": 1, "do": "rollback", "reason": ""}));
            edge.wait_phase(&["rolled-back"]);
        } else {
            let old = edge.slot("stable").unwrap()["pid"].as_u64().unwrap();
            edge.ask(json!({"v": 1, "do": "promote"}));
            edge.wait_phase(&["verifying", "promoted"]);
            // Only requests that were given to it before hold it up.
            wait_for("the old process to be idle", 10, || {
                (edge.get("/").1.ends_with(&format!("r{cycle}"))).then_some(())
            });
            std::thread::sleep(Duration::from_millis(50));
            if alive(old) {
                kill(old, "-KILL");
            }
            edge.wait_phase(&["promoted"]);
        }
    }
    none_failed(&format!("{count} promote and rollback cycles"), &loads);
}

#[test]
fn workers_are_replaced_under_load_without_a_failed_request() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let loads = loads(&edge);
    let slow = std::thread::spawn({
        let port = edge.port;
        move || {
            super::loading::exchange(port, "GET /slow/1500 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        }
    });
    let first = edge.status()["worker"].as_u64().unwrap();
    let count = rounds(20, 4);
    for _ in 0..count {
        edge.replace_worker();
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(slow.join().unwrap(), Some((200, "hello from r1".into())));
    none_failed(&format!("{count} worker replacements"), &loads);
    wait_for("the first worker to end", 20, || (!alive(first)).then_some(()));
    assert_eq!(edge.ops().iter().filter(|op| *op == "worker-replaced").count(), count);
}
