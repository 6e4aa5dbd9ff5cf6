//! What clients may speak: HTTP/2 without TLS, upgrades, trailers, and who asked as the service is told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;

use super::driver::Edge;
use crate::support::wait_for;

/// Ask with HTTP/2 and prior knowledge; status, body and trailers of each answer.
fn http2(port: u16, requests: Vec<Request<Full<Bytes>>>) -> Vec<(u16, String, Option<String>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let mut answers = Vec::new();
        for request in requests {
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(response.version(), Version::HTTP_2);
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap();
            let sum =
                body.trailers().and_then(|all| all.get("x-sum")).map(|sum| sum.to_str().unwrap().into());
            answers.push((status, String::from_utf8(body.to_bytes().to_vec()).unwrap(), sum));
        }
        answers
    })
}

fn asked(path: &str) -> hyper::http::request::Builder {
    Request::builder().uri(format!("http://edge.test{path}"))
}

#[test]
fn http2_without_tls_is_served_with_bodies_cookies_and_trailers() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let empty = Full::<Bytes>::default;
    let large = "y".repeat(300_000);
    let answers = http2(
        edge.port,
        vec![
            asked("/").body(empty()).unwrap(),
            asked("/echo").method("POST").body(Full::from(large.clone())).unwrap(),
            asked("/head").header("cookie", "a=1").header("cookie", "b=2").body(empty()).unwrap(),
            asked("/trailers").header("te", "trailers").body(empty()).unwrap(),
        ],
    );
    assert_eq!(answers[0], (200, "hello from r1".into(), None));
    assert!(answers[1].0 == 200 && answers[1].1 == large);
    let head = &answers[2].1;
    assert!(head.contains("host: edge.test\n") && head.contains("cookie: a=1; b=2\n"), "{head}");
    assert_eq!(answers[3], (200, "abc".into(), Some("6".into())));
}

#[test]
fn trailers_pass_both_ways_where_they_are_announced() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let (status, body) = edge.send(
        "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n\
         3\r\nabc\r\n0\r\nx-end: 1\r\n\r\n",
    );
    assert_eq!((status, body.as_str()), (200, "abcx-end: 1\r\n"));
    let (_, body) =
        edge.send("GET /trailers HTTP/1.1\r\nhost: a\r\nte: trailers\r\nconnection: close, te\r\n\r\n");
    assert!(body.ends_with("0\r\nx-sum: 6\r\n\r\n"), "{body:?}");
}

#[test]
fn the_service_is_told_who_asked_in_both_ways() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let (_, head) = edge.send("GET /head HTTP/1.1\r\nhost: edge.test\r\nconnection: close\r\n\r\n");
    assert!(head.contains("forwarded: for=127.0.0.1;host=\"edge.test\";proto=http\n"), "{head}");
    assert!(head.contains("x-forwarded-for: 127.0.0.1\n"), "{head}");
    let (_, head) =
        edge.send("GET http://other.test/head HTTP/1.1\r\nhost: edge.test\r\nconnection: close\r\n\r\n");
    assert!(head.contains("\nhost: other.test\n") || head.starts_with("host: other.test\n"), "{head}");
    assert!(!head.contains("edge.test"), "{head}");
}

fn upgraded(port: u16) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
        .write_all(b"GET /raw HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: raw-echo\r\n\r\n")
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 ") && head.contains("upgrade: raw-echo\r\n"), "{head}");
    stream
}

fn echoes(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).unwrap();
    let mut back = vec![0; bytes.len()];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(back, bytes);
}

#[test]
fn an_upgraded_connection_passes_bytes_both_ways_and_is_one_request_in_flight_until_it_ends() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut stream = upgraded(edge.port);
    echoes(&mut stream, b"\x00\xff not HTTP at all \r\n\r\n");
    echoes(&mut stream, &[7; 20_000]);
    // A replaced worker keeps it, and so does a slot that is drained.
    edge.replace_worker();
    echoes(&mut stream, b"still here");
    edge.start_stable("r2", json!({}));
    assert_eq!(edge.get("/").1, "hello from r2");
    echoes(&mut stream, b"and still");
    let old = edge.access().iter().filter(|entry| entry["path"] == "/raw").count();
    assert_eq!(old, 0, "it is not over");
    drop(stream);
    let entry = wait_for("the log", 15, || edge.access().into_iter().find(|entry| entry["path"] == "/raw"));
    assert_eq!((&entry["status"], &entry["release"]), (&json!(101), &json!("r1")));
    assert!(entry["bytes"].as_u64().unwrap() > 20_000, "{entry}");
}

#[test]
fn an_upgrade_to_http_is_answered_as_a_plain_request() {
    let edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let (status, head) = edge.send(
        "GET /head HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n",
    );
    assert!(status == 200 && !head.contains("upgrade") && !head.contains("http2-settings"), "{head}");
    assert_eq!(edge.send("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\nconnection: close\r\n\r\n").0, 405);
}
