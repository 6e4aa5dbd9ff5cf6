//! Requests to what an edge serves: one, and over and over from a thread of their own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::driver::Edge;

impl Edge {
    /// Ask over and over from another thread, until the guard is dropped.
    pub fn load(&self, path: &str) -> Load {
        let request = format!("GET {path} HTTP/1.1\r\nhost: edge.test\r\nconnection: close\r\n\r\n");
        let port = self.port;
        Load::of(move || exchange(port, &request).is_some_and(|(status, _)| status == 200))
    }

    /// The same on a connection that is kept while the edge keeps it.
    pub fn keep_alive_load(&self, path: &str) -> Load {
        let request = format!("GET {path} HTTP/1.1\r\nhost: edge.test\r\n\r\n");
        let port = self.port;
        let mut kept: Option<BufReader<TcpStream>> = None;
        Load::of(move || {
            let mut stream = match kept.take() {
                Some(stream) => stream,
                None => match TcpStream::connect(("127.0.0.1", port)) {
                    Ok(stream) => BufReader::new(stream),
                    Err(_) => return false,
                },
            };
            let Some((status, close)) = exchange_one(&mut stream, &request) else { return false };
            if !close {
                kept = Some(stream);
            }
            status == 200
        })
    }
}

pub fn exchange(port: u16, request: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// Status of one answer, and whether the connection ends with it; `None` where it was not whole.
fn exchange_one(stream: &mut BufReader<TcpStream>, request: &str) -> Option<(u16, bool)> {
    stream.get_ref().set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream.get_mut().write_all(request.as_bytes()).ok()?;
    let (mut status, mut length, mut close) = (0, 0, false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(rest) = line.strip_prefix("http/1.1 ") {
            status = rest.split(' ').next()?.parse().ok()?;
        } else if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
        close |= line == "connection: close";
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((status, close))
}

pub struct Load {
    stop: Arc<AtomicBool>,
    pub asked: Arc<AtomicU64>,
    pub failed: Arc<AtomicU64>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Load {
    /// Do this over and over; it says whether it went well.
    fn of(mut ask: impl FnMut() -> bool + Send + 'static) -> Self {
        let (stop, asked, failed) = <(Arc<AtomicBool>, Arc<AtomicU64>, _)>::default();
        let failed: Arc<AtomicU64> = failed;
        let (flag, counts) = (stop.clone(), (asked.clone(), failed.clone()));
        let thread = std::thread::spawn(move || {
            while !flag.load(Ordering::Relaxed) {
                let well = ask();
                counts.0.fetch_add(1, Ordering::Relaxed);
                counts.1.fetch_add(u64::from(!well), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { stop, asked, failed, thread: Some(thread) }
    }

    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
