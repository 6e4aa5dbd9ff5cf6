//! The worker's socket: orders in, reports out.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::routing::Edge;
use crate::edge::link::Order;
use crate::edge::protocol;

pub fn listen(socket: &Path) -> Result<UnixListener> {
    // A worker before this one may have left its socket behind; the supervisor runs one at a time.
    let _ = std::fs::remove_file(socket);
    UnixListener::bind(socket).with_context(|| socket.display().to_string())
}

pub async fn serve(listener: UnixListener, edge: Rc<Edge>, exit: watch::Sender<bool>) {
    let exit = Rc::new(exit);
    let newest = Rc::new(Cell::new(0u64));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let number = newest.get() + 1;
        newest.set(number);
        let (edge, exit, newest) = (Rc::clone(&edge), Rc::clone(&exit), Rc::clone(&newest));
        tokio::task::spawn_local(async move {
            // However it ended, it ended.
            let _ = converse(stream, &edge, &exit).await;
            if newest.get() == number {
                edge.abandon_canary();
            }
        });
    }
}

async fn converse(stream: UnixStream, edge: &Edge, exit: &watch::Sender<bool>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let order: Order = serde_json::from_str(&line)?;
        let mut answer = Vec::new();
        protocol::write(&mut answer, &edge.obey(&order))?;
        stream.write_all(&answer).await?;
        if matches!(order, Order::Exit {}) {
            exit.send_replace(true);
        }
        line.clear();
    }
    Ok(())
}
