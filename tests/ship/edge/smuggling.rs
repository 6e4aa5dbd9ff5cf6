//! Requests that two parsers read differently: none reaches the slot as two, and whatever is sent the
//! worker lives.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::json;

use super::driver::Edge;
use super::smuggled::{SMUGGLED, cases};

/// Send the bytes, say that no more come, and read what is answered.
fn sent(port: u16, bytes: &[u8]) -> String {
    answered(port, bytes, Duration::ZERO)
}

/// The same, after waiting so long for an answer to begin: the edge takes a client that says it has no more
/// to send for one that has gone.
fn answered(port: u16, bytes: &[u8], patience: Duration) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The edge may have closed it before it had all.
    let _ = stream.write_all(bytes);
    if !patience.is_zero() {
        stream.set_read_timeout(Some(patience)).unwrap();
        let _ = stream.peek(&mut [0]);
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn no_request_reaches_the_slot_as_two() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let worker = edge.status()["worker"].clone();
    for (name, bytes, statuses) in cases() {
        let patience = Duration::from_millis(if statuses.contains(&0) { 300 } else { 10_000 });
        let answer = answered(edge.port, bytes.as_bytes(), patience);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0u16);
        assert!(statuses.contains(&status), "{name}: {answer}");
        let seen = edge.get("/seen").1;
        assert!(!seen.contains("/smuggled"), "{name}: {seen}\n{answer}");
    }
    assert_eq!(edge.status()["worker"], worker);
    // Two that are two, one behind the other, are two.
    let two = "GET /one HTTP/1.1\r\nhost: a\r\n\r\nGET /two HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let (head, rest) = edge.raw(two.as_bytes());
    assert_eq!(format!("{head}{rest}").matches("hello from r1").count(), 2);
    assert!(edge.get("/seen").1.ends_with("GET /one HTTP/1.1\nGET /two HTTP/1.1"));
}

/// A frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A request of HTTP/2 whose headers are written out (RFC 7541, 6.2.2).
fn frames(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        for text in [name, value] {
            if text == name {
                block.push(0);
            }
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    bytes.extend(frame(1, 4, 1, &block));
    bytes.extend(frame(0, 1, 1, body));
    bytes
}

#[test]
fn what_http2_forbids_does_not_become_http1() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let pseudo = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/echo")];
    let bad = [
        ("connection", "close"),
        ("transfer-encoding", "chunked"),
        ("content-length", "0"),
        ("x", "a\r\ncontent-length: 0"),
        ("x\r\nb", "c"),
        ("Upper", "case"),
        (":path", "/twice"),
        ("upgrade", "h2c"),
    ];
    for extra in bad {
        let headers: Vec<(&str, &str)> = pseudo.into_iter().chain([extra]).collect();
        sent(edge.port, &frames(&headers, SMUGGLED.as_bytes()));
        let seen = edge.get("/seen").1;
        assert!(!seen.contains("/smuggled"), "{extra:?}: {seen}");
    }
    let paths = ["/ HTTP/1.1\r\nhost: b\r\n\r\nGET /smuggled", "/a b", "http://b/smuggled", ""];
    for path in paths {
        let headers = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", path)];
        sent(edge.port, &frames(&headers, b""));
        let seen = edge.get("/seen").1;
        assert!(!seen.contains("GET /smuggled HTTP/1.1\n"), "{path:?}: {seen}");
    }
    answered(edge.port, &frames(&pseudo, SMUGGLED.as_bytes()), Duration::from_secs(10));
    assert!(edge.get("/seen").1.ends_with("POST /echo HTTP/1.1"), "a right one is served");
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, ceiling: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % ceiling as u64).unwrap()
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let special = b"\0\r\n\t :;,-+/?%\x7f\xff0HP";
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                return;
            }
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes[at] = special[self.below(special.len())],
                1 => bytes.insert(at, special[self.below(special.len())]),
                2 => drop(bytes.remove(at)),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let end = (at + self.below(20)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, part);
                }
            }
        }
    }
}

#[test]
fn whatever_is_sent_the_worker_lives_and_serves() {
    let slow = std::env::var_os("FACTORY_SLOW").is_some();
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let worker = edge.status()["worker"].clone();
    let headers =
        [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/echo"), ("x", "y")];
    let valid = [
        b"GET /a?b=c HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_vec(),
        b"POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nabcde".to_vec(),
        b"POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
            .to_vec(),
        b"GET /raw HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: raw-echo\r\n\r\nabc".to_vec(),
        frames(&headers, b"abcde"),
    ];
    let mut seeded = Seeded(20_261_122);
    for round in 0..if slow { 20_000 } else { 400 } {
        let mut bytes = valid[round % valid.len()].clone();
        seeded.mutate(&mut bytes);
        sent(edge.port, &bytes);
        if round % 100 == 99 {
            assert_eq!(edge.get("/"), (200, "hello from r1".into()), "after round {round}: {bytes:?}");
        }
    }
    assert_eq!(edge.status()["worker"], worker);
    assert_eq!(edge.slot("stable").unwrap()["restarts"], 0);
}
