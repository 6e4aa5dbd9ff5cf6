//! What is sent that two parsers may read differently.

/// A request hidden in the body of another.
pub const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";

/// What is sent, and the status the first answer may have (0: none at all).
pub fn cases() -> Vec<(&'static str, String, &'static [u16])> {
    let chunks = format!("0\r\n\r\n{SMUGGLED}");
    let post = |headers: &str, body: &str| format!("POST /echo HTTP/1.1\r\nhost: a\r\n{headers}\r\n{body}");
    let long = SMUGGLED.len() + 5;
    vec![
        (
            "two lengths",
            post(&format!("content-length: 0\r\ncontent-length: {}\r\n", SMUGGLED.len()), SMUGGLED),
            &[400],
        ),
        ("a list of lengths", post(&format!("content-length: 0, {}\r\n", SMUGGLED.len()), SMUGGLED), &[400]),
        ("a signed length", post("content-length: +0\r\n", ""), &[400]),
        ("a negative length", post("content-length: -1\r\n", ""), &[400]),
        ("a length with a letter", post("content-length: 0x0\r\n", ""), &[400]),
        ("an endless length", post("content-length: 99999999999999999999999\r\n", ""), &[400]),
        (
            "length and chunks, the length hides",
            post(
                &format!("content-length: {long}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n"),
                &chunks,
            ),
            &[200, 400],
        ),
        (
            "chunks and length, the length hides",
            post(
                &format!("transfer-encoding: chunked\r\ncontent-length: {long}\r\nconnection: close\r\n"),
                &chunks,
            ),
            &[200, 400],
        ),
        (
            "chunked twice",
            post(
                "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\nconnection: close\r\n",
                &chunks,
            ),
            &[200, 400],
        ),
        (
            "chunked, then identity",
            post(&format!("transfer-encoding: chunked, identity\r\ncontent-length: {long}\r\n"), &chunks),
            &[400],
        ),
        (
            "xchunked",
            post(&format!("transfer-encoding: xchunked\r\ncontent-length: {long}\r\n"), &chunks),
            &[400],
        ),
        (
            "chunked behind a tab",
            post(
                &format!("transfer-encoding:\tchunked\r\ncontent-length: {long}\r\nconnection: close\r\n"),
                &chunks,
            ),
            &[200, 400],
        ),
        (
            "a folded header",
            post(&format!("transfer-encoding:\r\n chunked\r\ncontent-length: {long}\r\n"), &chunks),
            &[400],
        ),
        (
            "space before the colon",
            post(&format!("transfer-encoding : chunked\r\ncontent-length: {long}\r\n"), &chunks),
            &[400],
        ),
        (
            "space before a length's colon",
            post(&format!("content-length : {}\r\n", SMUGGLED.len()), SMUGGLED),
            &[400],
        ),
        (
            "NUL in a header",
            post(
                &format!("x: a\0b\r\ncontent-length: {}\r\nconnection: close\r\n", SMUGGLED.len()),
                SMUGGLED,
            ),
            &[400],
        ),
        (
            "CR in a header",
            post(&format!("x: a\rcontent-length: 0\r\ncontent-length: {}\r\n", SMUGGLED.len()), SMUGGLED),
            &[400],
        ),
        (
            "bare LF ends the lines",
            "POST /echo HTTP/1.1\nhost: a\nconnection: close\ncontent-length: 0\n\n".into(),
            &[200, 400],
        ),
        (
            "bare LF within a header",
            format!("GET /one HTTP/1.1\r\nhost: a\r\nx: y\nconnection: close\r\n\r\n{SMUGGLED}"),
            &[200, 400],
        ),
        (
            "an endless chunk",
            post("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\nabc"),
            &[0, 400, 502],
        ),
        (
            "a chunk's length with a sign",
            post("transfer-encoding: chunked\r\n", &format!("-0\r\n\r\n{SMUGGLED}")),
            &[0, 400, 502],
        ),
        (
            "a chunk without its end",
            post("transfer-encoding: chunked\r\n", &format!("3\r\nabcXX0\r\n\r\n{SMUGGLED}")),
            &[0, 400, 502],
        ),
        (
            "an extension with LF",
            post("transfer-encoding: chunked\r\nconnection: close\r\n", &format!("0;a\n\r\n\r\n{SMUGGLED}")),
            &[0, 200, 400, 502],
        ),
        (
            "chunks in HTTP/1.0",
            "POST /echo HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".into(),
            &[400],
        ),
        ("two hosts", "GET /one HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n".into(), &[400]),
        ("no host", "GET /one HTTP/1.1\r\nconnection: close\r\n\r\n".into(), &[400]),
        (
            "a URL and another host",
            format!("GET http://b/one HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n{SMUGGLED}"),
            &[200],
        ),
        (
            "the length named a connection's own",
            post(
                &format!("connection: close, content-length\r\ncontent-length: {}\r\n", SMUGGLED.len()),
                SMUGGLED,
            ),
            &[200],
        ),
        (
            "an upgrade with a body",
            format!(
                "GET /raw HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: {}\r\n\r\n{SMUGGLED}",
                SMUGGLED.len()
            ),
            &[200],
        ),
        ("no method", format!(" / HTTP/1.1\r\nhost: a\r\n\r\n{SMUGGLED}"), &[0, 400]),
        ("another version", "GET /one HTTP/3.7\r\nhost: a\r\n\r\n".into(), &[0, 400, 505]),
        ("a line of its own", format!("GET /one\r\n\r\n{SMUGGLED}"), &[0, 400]),
    ]
}
