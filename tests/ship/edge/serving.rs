//! A service behind the edge: served with its bodies, replaced without a gap.

use serde_json::json;

use super::driver::Edge;
use crate::support::wait_for;

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
        move || {
            super::loading::exchange(port, "GET /slow/700 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        }
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
