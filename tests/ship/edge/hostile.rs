//! Clients and services that behave badly: too much, too slowly, not at all, or only half.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::driver::Edge;
use crate::support::wait_for;

fn resident_kib(pid: u64) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

#[test]
fn a_head_that_is_too_large_is_refused_and_a_large_body_is_not() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let with = |headers: String| {
        edge.send(&format!("GET / HTTP/1.1\r\nhost: a\r\n{headers}connection: close\r\n\r\n")).0
    };
    assert_eq!(with("x: y\r\n".repeat(90)), 200);
    assert_eq!(with("x: y\r\n".repeat(200)), 431);
    assert_eq!(with(format!("x: {}\r\n", "y".repeat(30_000))), 200);
    assert_eq!(with(format!("x: {}\r\n", "y".repeat(100_000))), 431);
    let line = format!("GET /{} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", "y".repeat(100_000));
    assert!([414, 431].contains(&edge.send(&line).0));
    let worker = edge.status()["worker"].as_u64().unwrap();
    let before = resident_kib(worker);
    let body = "z".repeat(48 << 20);
    let length = body.len();
    let (status, back) = edge.send(&format!(
        "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    ));
    assert!(status == 200 && back == body, "{status}, {} bytes", back.len());
    if let (Some(before), Some(after)) = (before, resident_kib(worker)) {
        assert!(after < before + (24 << 10), "{before} KiB, then {after} KiB: the body was not streamed");
    }
}

#[test]
fn a_client_that_does_not_finish_its_head_is_let_go() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let begun = Instant::now();
    let mut slow = TcpStream::connect(("127.0.0.1", edge.port)).unwrap();
    slow.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").unwrap();
    wait_for("the edge to close it", 40, || {
        // Another header now and then does not help.
        let sent = slow.write_all(b"x: y\r\n");
        let mut byte = [0];
        let closed = match slow.read(&mut byte) {
            Ok(0) => true,
            Ok(_) => panic!("an answer"),
            Err(error) => {
                !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
            }
        };
        (closed || sent.is_err()).then_some(())
    });
    assert!(begun.elapsed() >= Duration::from_secs(10));
    assert_eq!(edge.get("/").0, 200);
}

#[test]
fn answers_that_trickle_arrive_whole_and_those_that_end_early_end_early() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    assert_eq!(edge.get("/trickle"), (200, ".".repeat(40)));
    let (head, body) = edge.raw(b"GET /early HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(head.contains("content-length: 100") && body == "only this", "{head} {body}");
    for _ in 0..20 {
        assert_eq!(edge.get("/"), (200, "hello from r1".into()), "no other client sees what was left");
    }
    let entry = wait_for("the log", 10, || edge.access().into_iter().find(|entry| entry["path"] == "/early"));
    assert_eq!(entry["bytes"], 9);
}

#[test]
fn idle_connections_cost_little_and_keep_nobody_out() {
    let slow = std::env::var_os("FACTORY_SLOW").is_some();
    let wanted = if slow { 10_000 } else { 300 };
    let files = nix::sys::resource::Resource::RLIMIT_NOFILE;
    let (_, most) = nix::sys::resource::getrlimit(files).unwrap();
    nix::sys::resource::setrlimit(files, most, most).unwrap();
    let count = wanted.min(usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(500) * 3 / 4);
    if count < wanted {
        eprintln!("SKIPPED: only {count} of {wanted} idle connections: the limit of open files is {most}");
    }
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let worker = edge.status()["worker"].as_u64().unwrap();
    let before = resident_kib(worker);
    let idle: Vec<TcpStream> = (0..count)
        .map(|number| {
            let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).unwrap();
            // Some have asked, some are in the middle of a head, some never said a word.
            match number % 3 {
                0 => stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap(),
                1 => stream.write_all(b"GET / HT").unwrap(),
                _ => {}
            }
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(edge.get("/"), (200, "hello from r1".into()));
    }
    if let (Some(before), Some(after)) = (before, resident_kib(worker)) {
        let grown = after.saturating_sub(before);
        eprintln!("{count} idle connections: {before} KiB, then {after} KiB");
        assert!(grown < 32 * count as u64 + 8192, "{grown} KiB for {count} connections");
    }
    drop(idle);
    assert_eq!(edge.status()["worker"], worker);
}
