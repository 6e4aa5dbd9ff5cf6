//! A small HTTP service: a page for people, `POST /convert` for programs, `/health` for the edge.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use crate::convert;
use crate::json;

const PAGE: &str = include_str!("page.html");
const JSON: &str = "application/json";
const LONGEST_BODY_BYTES: usize = 8 * 1024 * 1024;
const LONGEST_HEAD_BYTES: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// Listen on `HOST` and `PORT` until the process is ended.
pub fn run() -> ExitCode {
    let host = std::env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".into());
    let address = format!("{host}:{port}");
    let listener = match TcpListener::bind(&address) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("csv2json: {address}: {error}");
            return ExitCode::FAILURE;
        }
    };
    eprintln!("csv2json: listening on http://{address}");
    for stream in listener.incoming() {
        let served = stream.and_then(|stream| {
            // A thread a connection: one slow reader must not keep the others waiting.
            thread::Builder::new()
                .spawn(move || serve(&stream))
                .map(drop)
        });
        if let Err(error) = served {
            eprintln!("csv2json: {error}");
        }
    }
    ExitCode::SUCCESS
}

struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
}

struct Response {
    status: &'static str,
    kind: &'static str,
    body: String,
}

impl Response {
    fn ok(kind: &'static str, body: impl Into<String>) -> Self {
        Self {
            status: "200 OK",
            kind,
            body: body.into(),
        }
    }

    fn error(status: &'static str, reason: &str) -> Self {
        Self {
            status,
            kind: JSON,
            body: format!("{{\"error\": {}}}\n", json::string(reason)),
        }
    }
}

/// Answer one request; the connection is closed after it.
fn serve(stream: &TcpStream) {
    let answered = stream.set_read_timeout(Some(PATIENCE)).and_then(|()| {
        let response = match read(stream)? {
            Ok(request) => answer_or_500(&request),
            Err(refusal) => refusal,
        };
        write(stream, &response)
    });
    if let Err(error) = answered {
        eprintln!("csv2json: {error}");
    }
}

/// A bug in one answer is logged and is that client's alone; the others are served on.
fn answer_or_500(request: &Request) -> Response {
    panic::catch_unwind(AssertUnwindSafe(|| answer(request))).unwrap_or_else(|_| {
        eprintln!("csv2json: 500 {} {}", request.method, request.path);
        Response::error(
            "500 Internal Server Error",
            "this is our mistake, and it is in the log",
        )
    })
}

fn answer(request: &Request) -> Response {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/") => Response::ok("text/html; charset=utf-8", PAGE),
        ("GET", "/health") => Response::ok("text/plain", "ok\n"),
        ("POST", "/convert") => match std::str::from_utf8(&request.body) {
            Ok(text) => converted(text),
            Err(_) => Response::error("400 Bad Request", "the body is not UTF-8"),
        },
        (_, "/" | "/health" | "/convert") => {
            Response::error("405 Method Not Allowed", "no such method here")
        }
        _ => Response::error("404 Not Found", "there is nothing here"),
    }
}

fn converted(text: &str) -> Response {
    match convert::convert(text) {
        Ok(json) => Response::ok(JSON, json),
        Err(bad) => {
            let reason = json::string(&bad.reason);
            let (line, column) = (bad.line, bad.column);
            Response {
                status: "422 Unprocessable Content",
                kind: JSON,
                body: format!("{{\"error\": {reason}, \"line\": {line}, \"column\": {column}}}\n"),
            }
        }
    }
}

/// Read a request, or the answer to one we will not take.
fn read(stream: &TcpStream) -> io::Result<Result<Request, Response>> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    let mut lines = reader.by_ref().take(LONGEST_HEAD_BYTES);
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head)? == 0 {
            return Ok(Err(Response::error(
                "400 Bad Request",
                "the request has no end of its head",
            )));
        }
    }
    let mut words = head.split_whitespace();
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let path = target.split('?').next().unwrap_or("");
    let length = match header(&head, "content-length").map(str::parse::<usize>) {
        Some(Ok(length)) if length <= LONGEST_BODY_BYTES => length,
        Some(Ok(_)) => {
            return Ok(Err(Response::error(
                "413 Content Too Large",
                "more than 8 MB",
            )));
        }
        Some(Err(_)) => {
            return Ok(Err(Response::error(
                "400 Bad Request",
                "content-length is no number",
            )));
        }
        None if method == "POST" => {
            return Ok(Err(Response::error(
                "411 Length Required",
                "say content-length",
            )));
        }
        None => 0,
    };
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        body,
    }))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn write(mut stream: &TcpStream, response: &Response) -> io::Result<()> {
    let Response { status, kind, body } = response;
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::{Request, answer};

    fn ask(method: &str, path: &str, body: &str) -> (&'static str, String) {
        let request = Request {
            method: method.into(),
            path: path.into(),
            body: body.into(),
        };
        let response = answer(&request);
        (response.status, response.body)
    }

    #[test]
    fn a_bad_row_is_422_with_its_place() {
        let (status, body) = ask("POST", "/convert", "a,b\n1\n");
        assert_eq!(status, "422 Unprocessable Content");
        assert!(body.ends_with("\"line\": 2, \"column\": 2}\n"), "{body}");
    }

    #[test]
    fn unknown_paths_and_methods_are_told_apart() {
        assert_eq!(ask("GET", "/nowhere", "").0, "404 Not Found");
        assert_eq!(ask("DELETE", "/convert", "").0, "405 Method Not Allowed");
        assert_eq!(ask("GET", "/health", ""), ("200 OK", "ok\n".into()));
    }
}
