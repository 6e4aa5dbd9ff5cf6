//! `cargo intent check` of what answers over HTTP.

use super::check::{check, has_line, with};
use super::list::SMALL;

#[test]
fn http_checks_ask_what_runs_at_the_address() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap();
            let good = request[..count].starts_with(b"GET /health ");
            let json = String::from_utf8_lossy(&request[..count])
                .split_whitespace()
                .nth(1)
                .and_then(|path| Some(format!("{{\"up\": {}}}", path.strip_prefix("/json/")?)));
            let (status, body) = match &json {
                Some(body) => ("200 OK", body.as_str()),
                None if good => ("200 OK", "fine"),
                None => ("500 Oops", "broken"),
            };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    let sandbox = with(
        &[
            check("alive", "http = \"GET /health\"\ncontains = \"fine\""),
            check("other", "http = \"GET /other\""),
            check("shape", "http = \"GET /health\"\nschema = \"s.json\""),
        ]
        .concat(),
    );
    let ran = sandbox.intent(&["check", "--url", &format!("http://{address}")]).exits(1);
    has_line(&ran, "pass        x/alive");
    has_line(&ran, "fail        x/other");
    has_line(&ran, "drift       x/shape  there is no file s.json");
    sandbox.write("s.json", r#"{"type": "object", "required": ["up"]}"#);
    let ran = sandbox.intent(&["check", "--url", &format!("http://{address}")]).exits(1);
    has_line(&ran, "fail        x/shape");
    assert!(ran.stdout.contains("the answer is not JSON"), "{}", ran.stdout);
    let closed = sandbox.intent(&["check", "--url", "http://127.0.0.1:1"]).exits(1);
    has_line(&closed, "fail        x/alive");
    sandbox.intent(&["check", "--url", "ftp://x"]).exits(2).says("http://");
    sandbox.write("s.json", "{\"properties\": {\"up\": {\"type\": \"boolean\"}}}");
    for (answer, line) in [("true", "pass        x/json"), ("1", "fail        x/json")] {
        sandbox.write(
            "intents/x.toml",
            format!(
                "{SMALL}{}",
                check("json", &format!("http = \"GET /json/{answer}\"\nschema = \"s.json\""))
            ),
        );
        has_line(&sandbox.intent(&["check", "--url", &format!("http://{address}")]), line);
    }
}
