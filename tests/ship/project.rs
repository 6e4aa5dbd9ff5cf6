//! Small cargo projects to ship, without dependencies, so that they build in a second.

use crate::support::Sandbox;

/// Drop the slow default steps: what is tested is shipping.
pub const QUICK: &str = "[[ship.step]]\nname = \"clippy\"\nremove = true\n\n[[ship.step]]\nname = \"doc\"\nremove = true\n\n\
                     [[ship.step]]\nname = \"test\"\nremove = true\n";

/// A command that prints `version`.
pub fn command(version: &str) -> Sandbox {
    let sandbox = Sandbox::unborn();
    manifest(&sandbox, "app");
    sandbox.write(".gitignore", "/target\n");
    sandbox.write("factory.toml", QUICK);
    edit_command(&sandbox, version);
    sandbox.commit("begin");
    sandbox
}

pub fn manifest(sandbox: &Sandbox, name: &str) {
    sandbox.write(
        "Cargo.toml",
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
    );
    sandbox
        .write("Cargo.lock", format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n"));
}

/// Change what the command prints; it fails with exit code 3 where told to with `fail`.
pub fn edit_command(sandbox: &Sandbox, version: &str) {
    sandbox.write(
        "src/main.rs",
        format!(
            "fn main() {{\n    let word = std::env::args().nth(1).unwrap_or_default();\n    \
             println!(\"{version} {{word}}\");\n}}\n"
        ),
    );
}

/// A service that answers with its version, and 500 on `/fail` where `broken`.
pub fn service(version: &str, broken: bool) -> Sandbox {
    let sandbox = Sandbox::unborn();
    manifest(&sandbox, "app");
    sandbox.write(".gitignore", "/target\n");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let canary = "[canary]\nmin-time = \"1s\"\nmax-time = \"30s\"\n\n";
    sandbox.write("factory.toml", format!("{canary}[environment.local]\nport = {port}\n\n{QUICK}"));
    sandbox.write("intents/app.toml", INTENT);
    edit_service(&sandbox, version, broken);
    sandbox.commit("begin");
    sandbox
}

const INTENT: &str = r#"schema = 1
title = "Answer"
outcome = "The service answers."

[[acceptance]]
id = "health"
text = "It is well"
http = "GET /health"
status = 200

[[acceptance]]
id = "convert"
text = "It converts an export with a blank amount"
http = "POST /convert"
body = "a,b\n1,\n"
headers = { content-type = "text/csv" }
status = 200
"#;

pub fn edit_service(sandbox: &Sandbox, version: &str, broken: bool) {
    let status = if broken { "500 Internal Server Error" } else { "200 OK" };
    let source = SERVICE.replace("VERSION", version).replace("CONVERT_STATUS", status);
    sandbox.write("src/main.rs", source);
}

const SERVICE: &str = r#"use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let port = std::env::var("PORT").unwrap();
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let Ok(count) = stream.read(&mut buffer) else {
            return;
        };
        if count == 0 {
            return;
        }
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let lower = head.to_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        if body.len() >= length {
            break;
        }
    }
    let text = String::from_utf8_lossy(&request);
    let convert = text.starts_with("POST /convert");
    let word = "CONVERT_STATUS";
    let status = if convert { word } else { "200 OK" };
    let body = "VERSION\n";
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}", body.len());
    let answer = format!("{head}\r\nconnection: close\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes());
}
"#;

/// The port of the sandbox's service.
pub fn port(sandbox: &Sandbox) -> u16 {
    let config = sandbox.read("factory.toml");
    let line = config.lines().find_map(|line| line.strip_prefix("port = ")).unwrap();
    line.parse().unwrap()
}

/// What the service answers through the edge; `None` where nothing answers.
pub fn ask(port: u16, path: &str) -> Option<(u16, String)> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

/// Ends the service when the test ends, however it ends.
pub struct Running<'s>(pub &'s Sandbox);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.ship(&["stop"]);
    }
}
