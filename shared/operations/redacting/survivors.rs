//! Text that must come through unchanged: a report nobody can read is no report.

use super::Redactor;

const SURVIVORS: &[&str] = &[
    // Identities.
    "fixed in 85834f3",
    "commit 85834f3a1b2c3d4e5f60718293a4b5c6d7e8f901",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
    "\"integrity\": \"sha512-Zm9vYmFyQmF6MTIzNDU2Nzg5MEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFla\"",
    "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    "550e8400-e29b-41d4-a716-446655440000",
    "01JDG3ZK4V8Y2N6Q0R5T7W9XAB",
    "fb-k3v9q2m7xw",
    "release r20261122-k3v9 replaced a20261122-q2m7",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "personal-factory-1a2b3c4d5e6f7081",
    // Numbers and addresses.
    "version 1.2.3",
    "tool-1.2.3.4 and v1.2.3.4",
    "Version: 10.0.0.1",
    "0.4.12-beta.3+build.5",
    "rustc 1.88.0 (6b00bc388 2025-06-23)",
    "0x7fff5fbff8c0",
    "at 0x00007f1c3a2b4d5e",
    "12:34:56.789",
    "2026-11-22T10:11:12.345Z",
    "127.0.0.1:8080",
    "listening on 0.0.0.0:80",
    "[::1]:8080 and [::]:80",
    "netmask 255.255.255.0",
    "aa:bb:cc:dd:ee:ff",
    "1.2.3.4.tar.gz",
    "took 1.25s, 3.5 MB, 99.9 %",
    // Rust.
    "core::ops::function::FnOnce::call_once",
    "dead::beef::cafe",
    "std::collections::HashMap<String, Vec<u8>>::insert",
    "<alloc::boxed::Box<dyn core::error::Error> as core::convert::From<E>>::from",
    "_ZN4core3fmt9Formatter12pad_integral17h0a1b2C3d4E5f6a7bE",
    "_RNvCsjUQbTMTRXqL_7mycrate3fooINtB2_3BarE",
    "src/row.rs:3:17",
    "thread 'main' panicked at src/main.rs:12:5:",
    "error[E0308]: mismatched types",
    "--> shared/operations/redacting/detectors.rs:120:9",
    "fn login(password: &str, token: Option<String>) -> Result<()>",
    "let token = lexer.next_token();",
    "unexpected token: `}`",
    "expected token: identifier, found keyword",
    "struct Config { password: String, api_key: Option<String> }",
    "ReadTheDocsConfigurationBuilderFactoryV2ForTests",
    "HttpResponseBodyTooLargeForTheConfiguredLimit413",
    "/work/MyProject2/src/Components/OrderListView3/index.ts",
    // Words.
    "The token expired before the password was checked",
    "the bearer of bad news",
    "Basic authentication failed; Bearer authentication too",
    "password: must be at least 8 characters",
    "max_tokens=1024 and token_count=3",
    "secret-scan found nothing",
    "password=$DB_PASSWORD",
    "password: ${{ secrets.DB }}",
    "\"password\": null",
    "no authorization header",
    "Größe über 3 µs ✓ 日本語",
    "the sky is blue; sk-learn-pipeline-with-many-steps-for-beginners",
    "a cookie: who ate it?",
    // Files, links and names.
    "https://example.com/home/jane/page",
    "GET /home/page?sort=name&page=2 returned 404",
    "GET /cb?code=404",
    "git@github.com:owner/project.git",
    "ssh://git@host.example/owner/project.git",
    "https://example.com/a/b?sort=name#part",
    "icon@2x.png",
    "pkg@1.2.3 and @scope/pkg@^4",
    "getty@tty1.service",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "src/home/page/mod.rs",
    "/root and /home",
    "aGVsbG8gd29ybGQ=",
    "aGVsbG8gd29ybGQsIHRoaXMgaXMgZmluZQ==",
    "<redacted:aws-key>",
    "-----BEGIN CERTIFICATE----- is missing",
    "expected -----BEGIN PRIVATE KEY----- at the start of the file",
];

#[test]
fn every_survivor_comes_through_unchanged() {
    assert!(SURVIVORS.len() >= 60);
    let redactor = Redactor::default();
    let lost: Vec<String> = SURVIVORS
        .iter()
        .filter_map(|text| {
            let redacted = redactor.redact(text);
            (redacted.text != **text || !redacted.found.is_empty())
                .then(|| format!("{text}\n  became {}", redacted.text))
        })
        .collect();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn a_page_of_ordinary_text_comes_through_unchanged() {
    let page = SURVIVORS.join("\n");
    assert_eq!(Redactor::default().redact(&page).text, page);
}
