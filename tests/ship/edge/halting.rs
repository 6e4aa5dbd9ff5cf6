//! The safe direction: from the decision to take a canary out until nothing more goes to it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::driver::{Edge, kill};
use super::loading::exchange;

const ASK: &str = "GET / HTTP/1.1\r\nhost: edge.test\r\nconnection: close\r\n\r\n";

/// A canary with this share of requests, which ends only when it is told to.
fn weighed(edge: &Edge, release: &str, percent: u8) {
    let mut plan = edge.plan(release, json!({}));
    (plan["steps"], plan["promote_auto"]) = (json!([percent]), json!(false));
    (plan["min_ms"], plan["max_ms"]) = (json!(600_000), json!(600_000));
    edge.canary(plan);
    edge.wait_phase(&["weighing"]);
}

fn rolled_back(edge: &Edge) -> Value {
    edge.ask(json!({"v": 1, "do": "rollback", "reason": ""}));
    edge.journal().into_iter().rfind(|record| record["op"] == "rolled-back").unwrap()
}

#[test]
fn a_busy_worker_obeys_a_rollback_before_it_gives_the_canary_another_request() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    for round in 0.. {
        assert!(round < 5, "the supervisor is never on time");
        weighed(&edge, &format!("c{round}"), 99);
        let worker = edge.status()["worker"].as_u64().unwrap();
        kill(worker, "-STOP");
        // Both the requests and the order wait for it; which of them it would take first is chance.
        let asking: Vec<_> = (0..30)
            .map(|_| {
                std::thread::spawn({
                    let port = edge.port;
                    move || exchange(port, ASK)
                })
            })
            .collect();
        let record = std::thread::scope(|scope| {
            let record = scope.spawn(|| rolled_back(&edge));
            std::thread::sleep(Duration::from_millis(300));
            kill(worker, "-CONT");
            record.join().unwrap()
        });
        let answers: Vec<_> = asking.into_iter().map(|asking| asking.join().unwrap()).collect();
        let stopped_us = record["stopped_us"].as_u64().unwrap();
        assert!(stopped_us <= record["obeyed_us"].as_u64().unwrap(), "{record}");
        if stopped_us > 200_000 {
            // The order was not there yet when the worker went on.
            continue;
        }
        let stable = answers.iter().filter(|answer| **answer == Some((200, "hello from r1".into()))).count();
        assert_eq!(stable, answers.len(), "{answers:?} with {record}");
        break;
    }
}

#[test]
fn what_is_asked_after_a_rollback_was_answered_goes_to_stable() {
    let slow = std::env::var_os("FACTORY_SLOW").is_some();
    let edge = Edge::start();
    edge.start_stable("r0", json!({}));
    let (stop, by_canary) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (port, stop, by_canary) = (edge.port, Arc::clone(&stop), Arc::clone(&by_canary));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    let (status, body) = exchange(port, ASK).unwrap_or_default();
                    assert_eq!(status, 200);
                    if body != "hello from r0" {
                        by_canary.lock().unwrap().push((begun, Instant::now()));
                    }
                }
            })
        })
        .collect();
    let mut table = Vec::new();
    for round in 0..if slow { 40 } else { 3 } {
        weighed(&edge, &format!("c{round}"), 50);
        by_canary.lock().unwrap().clear();
        std::thread::sleep(Duration::from_millis(200));
        let asked = Instant::now();
        let record = rolled_back(&edge);
        let answered = Instant::now();
        // Long enough for what was begun before.
        std::thread::sleep(Duration::from_millis(200));
        let seen = by_canary.lock().unwrap();
        assert!(seen.iter().any(|(begun, _)| *begun < asked), "it got requests");
        let late: Vec<_> = seen.iter().filter(|(begun, _)| *begun >= answered).collect();
        assert!(late.is_empty(), "{} after the answer: {record}", late.len());
        let after = |times: &mut dyn Iterator<Item = Instant>| {
            times.max().map_or(0, |last| last.saturating_duration_since(asked).as_micros())
        };
        table.push([
            u128::from(record["stopped_us"].as_u64().unwrap()),
            u128::from(record["obeyed_us"].as_u64().unwrap()),
            after(&mut seen.iter().map(|(begun, _)| *begun)),
            after(&mut seen.iter().map(|(_, ended)| *ended)),
        ]);
    }
    stop.store(true, Ordering::Relaxed);
    clients.into_iter().for_each(|client| client.join().unwrap());
    let names = ["no more begun", "worker reported", "last asked that it answered", "its last answer ended"];
    for (column, name) in names.iter().enumerate() {
        let mut times: Vec<u128> = table.iter().map(|row| row[column]).collect();
        times.sort_unstable();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        eprintln!(
            "{name:<28} {median:>7} us after a rollback was asked for (median of {}), {worst} at most",
            times.len()
        );
    }
}
