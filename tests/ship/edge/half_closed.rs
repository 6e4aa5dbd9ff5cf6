//! Clients that send no more and still wait, beside those that have gone.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::json;

use super::driver::Edge;
use crate::support::wait_for;

/// Send, say that no more comes, and read to the end.
fn half_closed(port: u16, request: &str) -> String {
    half_closed_after(port, request, Duration::ZERO)
}

/// The same, with a pause before the last three bytes.
fn half_closed_after(port: u16, request: &str, pause: Duration) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (first, last) = request.split_at(request.len() - 3);
    stream.write_all(first.as_bytes()).unwrap();
    std::thread::sleep(pause);
    stream.write_all(last.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A stable slot that is waited for longer than clients are taken to wait.
fn patient() -> Edge {
    let edge = Edge::start();
    let mut slot = edge.spec("r1", json!({}));
    slot["answer_ms"] = json!(30_000);
    edge.ask(json!({"v": 1, "do": "start", "slot": slot}));
    edge
}

fn open_files(pid: u64) -> Option<usize> {
    Some(std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count())
}

#[test]
fn a_client_that_sends_no_more_is_answered_and_nothing_is_left_of_it() {
    let edge = patient();
    let worker = edge.status()["worker"].as_u64().unwrap();
    let settled = || {
        edge.get("/");
        open_files(worker)
    };
    let before = settled();
    let posted = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nabcde";
    let chunked =
        "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n";
    // The last one waits for longer than a client that has gone is waited for.
    let cases = [
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", "hello from r1"),
        ("GET /slow/300 HTTP/1.1\r\nhost: a\r\n\r\n", "hello from r1"),
        (
            "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /trickle HTTP/1.1\r\nhost: a\r\n\r\n",
            "........................................",
        ),
        (posted, "abcde"),
        (chunked, "abcde"),
        ("GET /slow/3500 HTTP/1.1\r\nhost: a\r\n\r\n", "hello from r1"),
    ];
    for (request, body) in cases {
        let answer = half_closed(edge.port, request);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(body), "{request}: {answer}");
    }
    assert!(half_closed_after(edge.port, posted, Duration::from_millis(2500)).ends_with("abcde"));
    for _ in 0..50 {
        assert!(half_closed(edge.port, cases[0].0).ends_with("hello from r1"));
    }
    let cut = half_closed(edge.port, "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc");
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 400"), "{cut}");
    if let Some(before) = before {
        // Connections to the slot are kept for a moment.
        wait_for("its files to be closed", 20, || (settled()? <= before + 4).then_some(()));
    }
}

#[test]
fn a_client_that_goes_away_after_waiting_long_was_failed_by_its_slot() {
    let edge = patient();
    let mut plan = edge.plan("r2", json!({}));
    (plan["steps"], plan["promote_auto"], plan["probes"]) = (json!([50]), json!(false), json!([]));
    (plan["min_ms"], plan["max_ms"], plan["slot"]["answer_ms"]) =
        (json!(600_000), json!(600_000), json!(30_000));
    edge.canary(plan);
    edge.wait_phase(&["weighing"]);
    let mut waiting: Vec<TcpStream> = (0..16)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).unwrap();
            stream.write_all(b"GET /slow/25000 HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
            stream
        })
        .collect();
    // Half of them go at once, which says nothing of the slot; the others wait until it is overdue.
    waiting.truncate(8);
    std::thread::sleep(Duration::from_millis(3500));
    drop(waiting);
    let failed = wait_for("clients that gave up", 15, || {
        let plan = edge.status()["plan"].clone();
        let failed = |slot: &str| plan[slot]["failed"].as_u64().unwrap();
        (failed("stable") + failed("canary") == 8).then_some(failed("canary"))
    });
    let failures = edge.failures();
    assert_eq!(failures.len() as u64, failed);
    assert!(
        failures
            .iter()
            .all(|failure| failure["reason"].as_str().unwrap().contains("the client gave up after")),
        "{failures:?}"
    );
}

#[test]
fn an_answer_in_which_nothing_moves_ends_where_its_client_sends_no_more() {
    if std::env::var_os("FACTORY_SLOW").is_none() {
        return;
    }
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).unwrap();
    stream.write_all(b"GET /silent HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    wait_for("the edge to let it go", 120, || {
        edge.access().into_iter().find(|entry| entry["path"] == "/silent")
    });
}
