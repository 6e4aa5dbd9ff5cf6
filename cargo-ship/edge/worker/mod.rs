//! The worker: takes requests from the listener it was given as standard input, and passes each to a slot.

mod access;
mod bodies;
mod control;
mod counting;
mod headers;
mod proxy;
mod routing;
mod sampling;

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use factory::terminal::exit::Exit;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use routing::Edge;

/// How long requests in flight may go on after the worker was told to exit.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Pass requests to the slots (started by `cargo ship edge`)
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the edge
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Folder of its sockets
    #[arg(long, value_name = "DIR")]
    sockets: PathBuf,
}

pub fn run(args: Args) -> Result<Exit> {
    let place = super::place::Place::new(args.dir, args.sockets)?;
    let listener = inherited_listener().context("the listener on standard input")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let edge = Rc::new(Edge::new(access::Log::open(&place.access_log())?));
        let (exit, exiting) = watch::channel(false);
        let control = control::listen(&place.worker_socket())?;
        tokio::task::spawn_local(control::serve(control, Rc::clone(&edge), exit));
        tokio::task::spawn_local(flush_now_and_then(Rc::clone(&edge)));
        serve(TcpListener::from_std(listener)?, &edge, exiting).await;
        edge.access.flush();
        anyhow::Ok(Exit::Holds)
    })
}

fn inherited_listener() -> Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    listener.local_addr().context("it is not a listener")?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn flush_now_and_then(edge: Rc<Edge>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        edge.access.flush();
    }
}

async fn serve(listener: TcpListener, edge: &Rc<Edge>, mut exiting: watch::Receiver<bool>) {
    let connections = Rc::new(());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = exiting.wait_for(|exit| *exit) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let alive = Rc::clone(&connections);
                let connection = connection(stream, peer, Rc::clone(edge), exiting.clone());
                tokio::task::spawn_local(async move {
                    connection.await;
                    drop(alive);
                });
            }
            // Out of file descriptors, mostly: the next ones may have better luck.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    drop(listener);
    let deadline = tokio::time::Instant::now() + LAST_REQUESTS;
    while Rc::strong_count(&connections) > 1 && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, edge: Rc<Edge>, mut exiting: watch::Receiver<bool>) {
    // It only costs a little time where it is not set.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| proxy::pass(Rc::clone(&edge), peer, request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(60))
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // What broke is the client's side; the slot's side was counted by the request itself.
        _ = connection.as_mut() => return,
        _ = exiting.wait_for(|exit| *exit) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
