//! Clients' connections: accepted, spoken to in HTTP/1.1 or HTTP/2, and let go when the worker leaves.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use super::proxy;
use super::routing::Edge;
use super::watch::{PATIENCE, Watch, Watched};

/// How long requests in flight may go on after the worker was told to exit.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How long those of a worker that was replaced may: a download or a WebSocket ends when it ends.
const LAST_RETIRED: Duration = Duration::from_secs(600);
/// How long a replaced worker waits for the next request on a connection that is idle: one may be on its way,
/// and is answered with `connection: close` in place of a closed connection.
const LINGER: Duration = Duration::from_secs(3);
/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Connections at once; more are answered 503. Fewer where the process may not open so many files.
const MAX_CONNECTIONS: usize = 20_000;
/// Headers of a request; more are answered 431.
const MAX_HEADERS: usize = 100;
/// Bytes of a request's line and headers; more are answered 431 (414 where the line alone is too long).
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 128;

const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nx-factory-edge: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What the supervisor wants of the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Nothing yet: it knows no slot, and would refuse what another worker may still answer.
    Wait,
    Serve,
    /// Another worker has taken over: take no more connections, and finish those there are.
    Retire,
    /// Finish what is in flight, soon.
    Exit,
}

/// Runs what is spawned on the worker's only thread.
#[derive(Clone, Copy)]
struct Here;

impl<F: Future + 'static> hyper::rt::Executor<F> for Here {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

fn protocols() -> Builder<Here> {
    let mut builder = Builder::new(Here);
    // The time for a head is `Watch`'s to keep: hyper's would be the idle time as well.
    builder
        .http1()
        .timer(TokioTimer::new())
        // Who says that no more comes is answered; who has gone is `Watch`'s to tell from that.
        .half_close(true)
        .header_read_timeout(None)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MAX_HEAD_BYTES as u32)
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(Duration::from_secs(30));
    builder
}

/// Take as many files as the kernel gives; how many connections that is enough for.
fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    // What cannot be raised stays as it is, and is counted with.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // A quarter is for connections to the slots and for logs.
    let for_clients = usize::try_from(files / 4 * 3).unwrap_or(usize::MAX);
    for_clients.clamp(16, MAX_CONNECTIONS)
}

/// Serve until told otherwise and everything in flight has ended, or its time has.
pub async fn serve(listener: TcpListener, edge: &Rc<Edge>, mut wish: watch::Receiver<Wish>) {
    let (builder, most) = (Rc::new(protocols()), most_connections());
    // Fails only where whoever wishes has gone, and then the loop ends as well.
    let _ = wish.wait_for(|wish| *wish != Wish::Wait).await;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = wish.wait_for(|wish| *wish != Wish::Serve) => break,
        };
        match accepted {
            Ok((stream, _)) if edge.connections() >= most => {
                let _ = stream.try_write(FULL);
            }
            Ok((stream, peer)) => {
                let connection = connection(stream, peer, Rc::clone(edge), Rc::clone(&builder), wish.clone());
                tokio::task::spawn_local(connection);
            }
            // Out of file descriptors, mostly: the next ones may have better luck.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    drop(listener);
    finish(edge, &mut wish).await;
}

async fn finish(edge: &Edge, wish: &mut watch::Receiver<Wish>) {
    let mut deadline = Instant::now() + LAST_RETIRED;
    while edge.connections() > 0 && Instant::now() < deadline {
        if *wish.borrow() == Wish::Exit {
            deadline = deadline.min(Instant::now() + LAST_REQUESTS);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    edge: Rc<Edge>,
    builder: Rc<Builder<Here>>,
    mut wish: watch::Receiver<Wish>,
) {
    let _held = edge.connection();
    // It only costs a little time where it is not set.
    let _ = stream.set_nodelay(true);
    let watch = Watch::new();
    let stream = TokioIo::new(Watched::new(stream, watch.clone()));
    let watching = watch.clone();
    let service = service_fn(move |request| proxy::pass(Rc::clone(&edge), peer, watching.request(), request));
    let connection = builder.serve_connection_with_upgrades(stream, service);
    tokio::pin!(connection);
    let mut seen = Wish::Serve;
    let mut lingers_until: Option<Instant> = None;
    loop {
        let look = lingers_until.unwrap_or_else(|| Instant::now() + LOOK);
        tokio::select! {
            // What broke is the client's side; the slot's side was counted by the request itself.
            _ = connection.as_mut() => return,
            changed = wish.wait_for(|wish| *wish != seen) => {
                seen = changed.map_or(Wish::Exit, |wish| *wish);
                if seen == Wish::Retire && !watch.speaks_http2() {
                    lingers_until = Some(Instant::now() + LINGER);
                } else {
                    lingers_until = None;
                    connection.as_mut().graceful_shutdown();
                }
            }
            () = tokio::time::sleep_until(look) => {
                if lingers_until.take().is_some() {
                    connection.as_mut().graceful_shutdown();
                }
                if watch.is_overdue(PATIENCE) {
                    return;
                }
            }
        }
    }
}
