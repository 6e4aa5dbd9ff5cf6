//! One plain HTTP/1.1 request and its whole answer, for acceptance checks of something that runs.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::types::hint::Hinted;
use crate::types::intent::Http;

/// The most bytes of an answer's body that are read.
pub const MAX_BODY_BYTES: usize = 8 << 20;

/// What was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order received.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub took: Duration,
}

/// Ask once, never again on failure, on a connection of its own. `base_url` is `http://host:port`;
/// `body` is what `request.body` stands for. An error says that no whole answer came in time.
pub fn ask(base_url: &str, request: &Http, body: Option<&[u8]>, timeout: Duration) -> Result<Answer> {
    let authority = authority(base_url)?;
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .context("starting an HTTP client")?;
    let exchange = exchange(authority, request, body.unwrap_or_default());
    let asked = format!("{} http://{authority}{}", request.method, request.path);
    let answer = runtime
        .block_on(async { tokio::time::timeout(timeout, exchange).await })
        .map_err(|_| Hinted::outside(format!("{asked}: no answer within {} ms", timeout.as_millis())))?
        .with_context(|| asked)?;
    Ok(Answer { took: begun.elapsed(), ..answer })
}

/// `host:port` of a plain URL; port 80 where it names none.
fn authority(base_url: &str) -> Result<&str, Hinted> {
    let rest = base_url.strip_prefix("http://").ok_or_else(|| {
        Hinted::usage(format!("{base_url:?} is not a plain http:// address")).hint("give http://HOST:PORT")
    })?;
    Ok(rest.trim_end_matches('/'))
}

async fn exchange(authority: &str, request: &Http, body: &[u8]) -> Result<Answer> {
    let address = if authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    let stream = TcpStream::connect(&address).await.with_context(|| format!("connecting to {address}"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let send = async {
        let answer = sender.send_request(built(authority, request, body)?).await?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|error| {
            anyhow::anyhow!("reading the answer of status {}: {error}", head.status.as_u16())
        })?;
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        anyhow::Ok(Answer {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: body.to_bytes().to_vec(),
            took: Duration::ZERO,
        })
    };
    tokio::pin!(send);
    tokio::select! {
        // Whatever breaks the connection reaches the request too, with better words.
        biased;
        answer = &mut send => answer,
        _ = connection => send.await,
    }
}

fn built(authority: &str, request: &Http, body: &[u8]) -> Result<hyper::Request<Full<Bytes>>> {
    let mut built = hyper::Request::builder()
        .method(request.method.as_str())
        .uri(request.path.as_str())
        .header("connection", "close");
    let names = |wanted: &str| request.headers.keys().any(|name| name.eq_ignore_ascii_case(wanted));
    if !names("host") {
        built = built.header("host", authority);
    }
    if !names("user-agent") {
        built = built.header("user-agent", concat!("personal-factory/", env!("CARGO_PKG_VERSION")));
    }
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    built
        .body(Full::new(Bytes::copy_from_slice(body)))
        .map_err(|error| Hinted::usage(format!("no HTTP request can be made of it: {error}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn request(path: &str) -> Http {
        Http {
            method: "GET".into(),
            path: path.into(),
            status: 200,
            headers: Default::default(),
            body: None,
            contains: None,
            schema: None,
        }
    }

    /// A server of one connection, which answers `raw` to whatever it is asked.
    fn server(raw: &'static [u8]) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 4096];
            let read = stream.read(&mut head).unwrap();
            stream.write_all(raw).unwrap();
            if raw.is_empty() {
                std::thread::sleep(Duration::from_millis(300));
            }
            String::from_utf8_lossy(&head[..read]).into_owned()
        });
        (url, asked)
    }

    #[test]
    fn it_asks_for_the_path_and_reads_status_headers_and_body() {
        let (url, asked) = server(b"HTTP/1.1 201 Created\r\nX-A: b\r\ncontent-length: 2\r\n\r\nhi");
        let answer = ask(&url, &request("/a?b=1"), None, Duration::from_secs(5)).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (201, b"hi".as_slice()));
        assert!(answer.headers.contains(&("x-a".into(), "b".into())));
        assert!(asked.join().unwrap().starts_with("GET /a?b=1 HTTP/1.1\r\n"));
    }

    #[test]
    fn no_answer_in_time_and_half_an_answer_are_errors() {
        let (url, _asked) = server(b"");
        let error = ask(&url, &request("/"), None, Duration::from_millis(100)).unwrap_err();
        assert!(error.to_string().contains("no answer within 100 ms"), "{error:#}");
        let (url, _asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi");
        assert!(ask(&url, &request("/"), None, Duration::from_secs(5)).is_err());
        assert!(ask("https://x", &request("/"), None, Duration::from_secs(1)).is_err());
    }
}
