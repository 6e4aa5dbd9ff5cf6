//! The worker's socket: orders in, reports out.
//!
//! An order is obeyed as soon as it has arrived: by the task that waits for it, or, where the worker has much
//! to do before that task's turn, just before a request would go to the canary.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, watch};

use super::connections::Wish;
use super::routing::Edge;
use crate::edge::descriptors;
use crate::edge::link::Order;
use crate::edge::protocol;

pub fn listen(socket: &Path) -> Result<UnixListener> {
    // A worker before this one may have left its socket behind; the supervisor runs one at a time.
    let _ = std::fs::remove_file(socket);
    UnixListener::bind(socket).with_context(|| socket.display().to_string())
}

pub async fn serve(listener: UnixListener, edge: Rc<Edge>, wish: watch::Sender<Wish>) {
    let wish = Rc::new(wish);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let line = Rc::new(Line {
            stream,
            read: RefCell::default(),
            reports: RefCell::default(),
            heeded: Notify::new(),
        });
        edge.listen_to(Rc::clone(&line));
        let (edge, wish) = (Rc::clone(&edge), Rc::clone(&wish));
        tokio::task::spawn_local(async move {
            // However it ended, it ended.
            let _ = line.converse(&edge, &wish).await;
            if edge.listens_to(&line) {
                edge.abandon_canary();
            }
        });
    }
}

/// A supervisor's connection.
pub struct Line {
    stream: UnixStream,
    /// The beginning of an order that has not arrived whole.
    read: RefCell<Vec<u8>>,
    /// What was obeyed and not reported yet.
    reports: RefCell<VecDeque<(Order, Vec<u8>)>>,
    heeded: Notify,
}

impl Line {
    /// Obey what has arrived by now; where the supervisor has gone, take the canary to 0.
    pub fn heed(&self, edge: &Edge) {
        let before = self.reports.borrow().len();
        if !matches!(self.obey(edge, |bytes| self.receive(bytes)), Ok(true)) {
            edge.abandon_canary();
        }
        if self.reports.borrow().len() > before {
            self.heeded.notify_one();
        }
    }

    fn receive(&self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(recv(&self.stream, bytes, RecvFlags::DONTWAIT)?.1)
    }

    /// Whether the supervisor is still there.
    fn obey(&self, edge: &Edge, mut receive: impl FnMut(&mut [u8]) -> io::Result<usize>) -> Result<bool> {
        let mut bytes = [0; 4096];
        loop {
            match receive(&mut bytes) {
                Ok(0) => return Ok(false),
                Ok(count) => self.take(edge, &bytes[..count])?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn take(&self, edge: &Edge, bytes: &[u8]) -> Result<()> {
        let mut read = self.read.borrow_mut();
        read.extend_from_slice(bytes);
        while let Some(end) = read.iter().position(|byte| *byte == b'\n') {
            let order: Order = serde_json::from_slice(&read[..end])?;
            read.drain(..=end);
            let mut report = Vec::new();
            protocol::write(&mut report, &edge.obey(&order))?;
            self.reports.borrow_mut().push_back((order, report));
        }
        Ok(())
    }

    async fn converse(&self, edge: &Edge, wish: &watch::Sender<Wish>) -> Result<()> {
        loop {
            // Through the stream, which then waits for more to come.
            let there =
                self.obey(edge, |bytes| self.stream.try_io(Interest::READABLE, || self.receive(bytes)))?;
            loop {
                // Not held while it is sent: another order may be heeded then.
                let Some((order, report)) = self.reports.borrow_mut().pop_front() else { break };
                self.report(&order, &report).await?;
                grant(&order, wish);
            }
            if !there {
                bail!("the supervisor has gone");
            }
            tokio::select! {
                readable = self.stream.readable() => readable?,
                () = self.heeded.notified() => {}
            }
        }
    }

    async fn report(&self, order: &Order, report: &[u8]) -> Result<()> {
        let mut sent = 0;
        while sent < report.len() {
            self.stream.writable().await?;
            let rest = &report[sent..];
            let result = if sent == 0 && matches!(order, Order::Listener {}) {
                // Standard input is the listener this worker was given.
                self.stream.try_io(Interest::WRITABLE, || descriptors::send(&self.stream, rest, io::stdin()))
            } else {
                self.stream.try_write(rest)
            };
            match result {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Do what comes after the report.
fn grant(order: &Order, wish: &watch::Sender<Wish>) {
    match order {
        Order::Retire {} => drop(wish.send_replace(Wish::Retire)),
        Order::Exit {} => drop(wish.send_replace(Wish::Exit)),
        Order::Routes { .. } => {
            wish.send_if_modified(|wish| {
                let begins = *wish == Wish::Wait;
                if begins {
                    *wish = Wish::Serve;
                }
                begins
            });
        }
        Order::Tick { .. } | Order::Listener {} => {}
    }
}
