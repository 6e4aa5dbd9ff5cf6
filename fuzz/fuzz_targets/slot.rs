//! A slot that takes nothing it could read in two ways.

use std::cell::Cell;
use std::rc::Rc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What came.
#[derive(Default)]
pub struct Seen {
    pub requests: Cell<u64>,
}

pub async fn serve(listener: TcpListener, seen: Rc<Seen>) {
    while let Ok((stream, _)) = listener.accept().await {
        let seen = Rc::clone(&seen);
        tokio::task::spawn_local(async move {
            let mut stream = BufReader::new(stream);
            while answer(&mut stream, &seen).await.is_some() {}
        });
    }
}

/// A line without its end; `None` where the worker has gone. Nothing but CR LF ends one.
async fn line(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let read = stream.read_until(b'\n', &mut line).await.ok()?;
    // The worker gives a request up in the middle where its client does.
    if read == 0 || !line.ends_with(b"\n") {
        return None;
    }
    let line = line.strip_suffix(b"\r\n").unwrap_or_else(|| panic!("a bare LF: {}", line.escape_ascii()));
    assert!(
        line.iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f)),
        "a control character: {}",
        line.escape_ascii()
    );
    Some(line.to_vec())
}

/// A letter of a method or a header's name (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// How long the body is.
enum Framing {
    Bytes(u64),
    Chunks,
}

struct Head {
    framing: Framing,
    upgrades: bool,
    has_no_body: bool,
}

async fn head(stream: &mut BufReader<TcpStream>) -> Option<Head> {
    let first = line(stream).await?;
    let words: Vec<&[u8]> = first.split(|byte| *byte == b' ').collect();
    let [method, target, version] = words[..] else { panic!("{}", first.escape_ascii()) };
    assert!(!method.is_empty() && method.iter().copied().all(is_token), "{}", first.escape_ascii());
    assert!(target.starts_with(b"/") || target == b"*", "{}", first.escape_ascii());
    assert_eq!(version, b"HTTP/1.1");
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    loop {
        let line = line(stream).await?;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':').expect("a header without a colon");
        let name = &line[..colon];
        assert!(!name.is_empty() && name.iter().copied().all(is_token), "{}", line.escape_ascii());
        headers.push((
            String::from_utf8_lossy(name).to_ascii_lowercase(),
            line[colon + 1..].trim_ascii().to_vec(),
        ));
    }
    let all = |name: &str| -> Vec<&[u8]> {
        headers.iter().filter(|header| header.0 == name).map(|header| header.1.as_slice()).collect()
    };
    for name in ["host", "forwarded", "x-forwarded-for"] {
        assert_eq!(all(name).len(), 1, "{name}: {headers:?}");
    }
    // HTTP/1.0 may name no host.
    assert!(all("x-forwarded-host").len() <= 1, "{headers:?}");
    assert!(all("cookie").len() <= 1 && all("x-request-id").len() >= 1, "{headers:?}");
    for name in ["keep-alive", "proxy-connection", "proxy-authorization", "http2-settings", "expect"] {
        assert!(all(name).is_empty(), "{name}: {headers:?}");
    }
    let upgrades = match (all("connection").first().copied(), all("upgrade").len()) {
        (None, 0) => false,
        (Some(b"te"), 0) => all("te") == [b"trailers"],
        (Some(b"upgrade"), 1) => true,
        _ => panic!("what belongs to a connection: {headers:?}"),
    };
    let framing = match (all("content-length").first().copied(), all("transfer-encoding").first().copied()) {
        (None, None) => Framing::Bytes(0),
        (Some(length), None) => {
            assert_eq!(all("content-length").len(), 1, "{headers:?}");
            assert!(length.iter().all(u8::is_ascii_digit), "{headers:?}");
            Framing::Bytes(String::from_utf8_lossy(length).parse().expect("a length"))
        }
        (None, Some(b"chunked")) => {
            assert_eq!(all("transfer-encoding").len(), 1, "{headers:?}");
            Framing::Chunks
        }
        _ => panic!("two framings: {headers:?}"),
    };
    Some(Head { framing, upgrades, has_no_body: method == b"HEAD" })
}

async fn body(stream: &mut BufReader<TcpStream>, framing: Framing) -> Option<()> {
    let mut left = match framing {
        Framing::Bytes(length) => length,
        Framing::Chunks => {
            loop {
                let size = line(stream).await?;
                let size = u64::from_str_radix(str::from_utf8(&size).expect("a size"), 16).expect("a size");
                if size == 0 {
                    break;
                }
                skip(stream, size).await?;
                assert!(line(stream).await?.is_empty(), "a chunk that is longer than it says");
            }
            while !line(stream).await?.is_empty() {}
            return Some(());
        }
    };
    let mut bytes = [0; 4096];
    while left > 0 {
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        match stream.read(&mut bytes[..room]).await.ok()? {
            0 => return None,
            read => left -= read as u64,
        }
    }
    Some(())
}

async fn skip(stream: &mut BufReader<TcpStream>, size: u64) -> Option<()> {
    let mut chunk = stream.take(size);
    let skipped = tokio::io::copy(&mut chunk, &mut tokio::io::sink()).await.ok()?;
    (skipped == size).then_some(())
}

/// Read one request and answer it; `None` at the end.
async fn answer(stream: &mut BufReader<TcpStream>, seen: &Seen) -> Option<()> {
    let head = head(stream).await?;
    seen.requests.set(seen.requests.get() + 1);
    if head.upgrades {
        let switching = b"HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: raw-echo\r\n\r\nhello";
        stream.write_all(switching).await.ok()?;
        let mut bytes = [0; 4096];
        while stream.read(&mut bytes).await.ok()? > 0 {}
        return None;
    }
    body(stream, head.framing).await?;
    let text: &[u8] = if head.has_no_body { b"" } else { b"hello" };
    stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 5\r\n\r\n").await.ok()?;
    stream.write_all(text).await.ok()
}
