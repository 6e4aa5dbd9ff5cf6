//! The worker's socket: orders in, reports out.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::connections::Wish;
use super::routing::Edge;
use crate::edge::link::Order;
use crate::edge::protocol;

pub fn listen(socket: &Path) -> Result<UnixListener> {
    // A worker before this one may have left its socket behind; the supervisor runs one at a time.
    let _ = std::fs::remove_file(socket);
    UnixListener::bind(socket).with_context(|| socket.display().to_string())
}

pub async fn serve(listener: UnixListener, edge: Rc<Edge>, wish: watch::Sender<Wish>) {
    let wish = Rc::new(wish);
    let newest = Rc::new(Cell::new(0u64));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let number = newest.get() + 1;
        newest.set(number);
        let (edge, wish, newest) = (Rc::clone(&edge), Rc::clone(&wish), Rc::clone(&newest));
        tokio::task::spawn_local(async move {
            // However it ended, it ended.
            let _ = converse(stream, &edge, &wish).await;
            if newest.get() == number {
                edge.abandon_canary();
            }
        });
    }
}

async fn converse(stream: UnixStream, edge: &Edge, wish: &watch::Sender<Wish>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let order: Order = serde_json::from_str(&line)?;
        let mut answer = Vec::new();
        protocol::write(&mut answer, &edge.obey(&order))?;
        stream.write_all(&answer).await?;
        match order {
            Order::Retire {} => drop(wish.send_replace(Wish::Retire)),
            Order::Exit {} => drop(wish.send_replace(Wish::Exit)),
            Order::Routes { .. } => {
                let begins = |wish: &mut Wish| {
                    *wish == Wish::Wait && {
                        *wish = Wish::Serve;
                        true
                    }
                };
                wish.send_if_modified(begins);
            }
            Order::Tick { .. } => {}
        }
        line.clear();
    }
    Ok(())
}
