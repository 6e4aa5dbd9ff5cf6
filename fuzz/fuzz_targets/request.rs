//! A client's bytes through the worker's whole request path, to a slot that reads more strictly than any.
//!
//! The worker's own files are built into this program, and it speaks to them over loopback. What must hold:
//! nothing panics; the slot is sent whole and plain HTTP/1.1, one host, one framing, nothing that belongs to
//! the client's connection; it is sent no more requests than were counted; nothing stays in flight.
#![no_main]
#![allow(dead_code)]

#[path = "../../cargo-ship/canary/mod.rs"]
mod canary;
#[path = "../../cargo-ship/edge"]
mod edge {
    pub mod descriptors;
    pub mod link;
    pub mod plan;
    pub mod protocol;
    pub mod rows;
    pub mod worker {
        pub mod access;
        pub mod bodies;
        pub mod connections;
        pub mod control;
        pub mod counting;
        pub mod forwarded;
        pub mod headers;
        pub mod passage;
        pub mod pool;
        pub mod proxy;
        pub mod routing;
        pub mod sampling;
        pub mod sticky;
        pub mod tunnels;
        pub mod unit;
        pub mod watch;
    }
}
#[path = "slot.rs"]
mod slot;

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use edge::link::{Order, Report, Route, StickyTerms};
use edge::worker::connections::{Wish, serve};
use edge::worker::{access, routing};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::LocalSet;

/// How long the worker has to answer, on a clock that stands still while anything is to be done.
const ANSWER: Duration = Duration::from_millis(20);

/// How often it may have no answer by then, and how long the kernel has each time to carry what was sent: that
/// clock knows nothing of it.
const SILENT: u32 = 5;
const MOMENT: Duration = Duration::from_micros(200);

thread_local! {
    static STAGE: Stage = Stage::new();
}

fuzz_target!(|bytes: &[u8]| STAGE.with(|stage| stage.play(bytes)));

/// A worker, the slot behind it, and what turns both.
struct Stage {
    runtime: Runtime,
    tasks: LocalSet,
    edge: Rc<routing::Edge>,
    front: SocketAddr,
    slot: Rc<slot::Seen>,
    bucket: std::cell::Cell<u64>,
    /// Requests of the play before that the slot may not have read when it ended.
    owed: std::cell::Cell<u64>,
    port: u16,
    _wish: watch::Sender<Wish>,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        // As Rust's own `main` does, which libFuzzer's stands in for: a client that has gone is an error.
        // SAFETY: nothing runs in a signal that is ignored.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
        let folder = tempfile::tempdir().unwrap();
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (tasks, slot) = (LocalSet::new(), Rc::new(slot::Seen::default()));
        let (wish, wished) = watch::channel(Wish::Serve);
        let log = folder.path().join("access.jsonl");
        let (edge, front, port) = tasks.block_on(&runtime, async {
            let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = behind.local_addr().unwrap().port();
            tokio::task::spawn_local(slot::serve(behind, Rc::clone(&slot)));
            let edge = Rc::new(routing::Edge::new(access::Log::open(&log).unwrap()));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let front = listener.local_addr().unwrap();
            let served = Rc::clone(&edge);
            tokio::task::spawn_local(async move { serve(listener, &served, wished).await });
            (edge, front, port)
        });
        Self {
            runtime,
            tasks,
            edge,
            front,
            slot,
            bucket: std::cell::Cell::new(1),
            owed: std::cell::Cell::new(0),
            port,
            _wish: wish,
            _folder: folder,
        }
    }

    /// Both slots are the same process, so that both ways through the worker are gone.
    fn route(&self, number: u64, is_sticky: bool) -> Report {
        let route = |release: &str| Some(Route { port: self.port, release: release.into(), answer_ms: 1000 });
        self.edge.obey(&Order::Routes {
            epoch: number,
            bucket: number,
            stable: route("r1"),
            canary: route("r2"),
            weight: 50,
            bars: None,
            caps: canary::promises::Caps::default(),
            sticky: is_sticky.then(|| StickyTerms { key: "5a".repeat(64), plan: 1 }),
        })
    }

    fn play(&self, bytes: &[u8]) {
        let number = self.bucket.get();
        self.bucket.set(number + 2);
        // Clients that stay are counted once however often they ask, so then there is less to compare.
        let is_sticky = bytes.len() % 2 == 1;
        self.route(number, is_sticky);
        let before = self.slot.requests.get();
        self.tasks.block_on(&self.runtime, self.exchange(bytes));
        let report = self.route(number + 1, is_sticky);
        let in_flight: usize = report.in_flight.iter().map(|slot| slot.requests).sum();
        assert_eq!(in_flight, 0, "requests that nobody waits for are in flight");
        let counted: u64 = report
            .buckets
            .iter()
            .filter(|counted| counted.bucket == number)
            .map(|counted| counted.stable.requests + counted.canary.requests)
            .sum();
        let sent = self.slot.requests.get() - before;
        let owed = self.owed.replace(if is_sticky { u64::from(u32::MAX) } else { counted.saturating_sub(sent) });
        let most = counted + owed;
        assert!(is_sticky || sent <= most, "{sent} requests came to the slot, {most} at most were counted");
    }

    async fn exchange(&self, bytes: &[u8]) {
        let mut client = TcpStream::connect(self.front).await.unwrap();
        // The worker may have closed it before it had all.
        let _ = client.write_all(bytes).await;
        let mut answer = vec![0; 16 << 10];
        let mut silent = 0;
        while silent < SILENT {
            match tokio::time::timeout(ANSWER, client.read(&mut answer)).await {
                Ok(Ok(1..)) => silent = 0,
                Ok(_) => break,
                Err(_) => {
                    silent += 1;
                    std::thread::sleep(MOMENT);
                }
            }
        }
        drop(client);
        let begun = std::time::Instant::now();
        while self.edge.connections() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(8), "a connection outlived its client");
            tokio::time::sleep(Duration::from_millis(20)).await;
            std::thread::sleep(MOMENT);
        }
    }
}
