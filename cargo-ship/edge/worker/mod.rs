//! The worker: takes requests from the listener it was given as standard input, and passes each to a slot.

mod access;
mod bodies;
mod connections;
mod control;
mod counting;
mod forwarded;
mod headers;
mod passage;
mod pool;
mod proxy;
mod routing;
mod sampling;
mod sticky;
mod tunnels;
mod unit;
mod watch;

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use factory::terminal::exit::Exit;
use tokio::net::TcpListener;
use tokio::sync::watch::channel;

use connections::Wish;
use routing::Edge;

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
        let (wish, wished) = channel(Wish::Wait);
        let control = control::listen(&place.worker_socket())?;
        tokio::task::spawn_local(control::serve(control, Rc::clone(&edge), wish));
        tokio::task::spawn_local(tidy_now_and_then(Rc::clone(&edge)));
        connections::serve(TcpListener::from_std(listener)?, &edge, wished).await;
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

async fn tidy_now_and_then(edge: Rc<Edge>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        edge.tidy();
    }
}
