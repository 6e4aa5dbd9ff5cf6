//! A connection as it is watched: how long it may be silent, sit in a half-sent head, or leave an answer unread;
//! and whether a client that sends no more still waits.
//!
//! A client that closes its side of the connection may wait for its answer (`nc -N`) or be gone: on the wire
//! both look the same. One that does so while it waits for less than [`GAVE_UP`] is taken to wait, and one that
//! does so later to have given up. hyper reads nothing while a request is answered, so it is looked for here.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::unit::GAVE_UP;

/// How HTTP/2 begins.
const PREFACE: &[u8] = b"PRI ";

/// How long a client may take for what is its to do.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// Without any request.
    pub idle: Duration,
    /// With an answer it does not read; or without any of it, once it sends no more itself.
    pub stalled: Duration,
}

pub const PATIENCE: Patience = Patience {
    head: Duration::from_secs(10),
    idle: Duration::from_secs(60),
    stalled: Duration::from_secs(60),
};

/// How often a connection is looked at whose client waits long.
pub const LOOK: Duration = Duration::from_millis(250);

/// When a client was found to send no more, while it waited for an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Early,
    Late,
}

struct State {
    in_flight: usize,
    quiet_since: Instant,
    head_since: Option<Instant>,
    stalled_since: Option<Instant>,
    speaks_http2: Option<bool>,
    /// When the request in flight came, or the last of its body that was read, and when the client was
    /// looked at last since.
    asked: Instant,
    looked: Option<Instant>,
    ended: Option<Ended>,
    /// When the client took something last.
    moved: Instant,
}

/// What is known of one connection. An upgraded one is passed between tasks, hence the lock; nobody waits for it.
pub struct Watch(Mutex<State>);

impl Watch {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            in_flight: 0,
            quiet_since: Instant::now(),
            head_since: None,
            stalled_since: None,
            speaks_http2: None,
            asked: Instant::now(),
            looked: None,
            ended: None,
            moved: Instant::now(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has come; it lasts until the guard is dropped.
    pub fn request(self: &Arc<Self>) -> Busy {
        let mut state = self.state();
        state.in_flight += 1;
        state.head_since = None;
        (state.asked, state.looked, state.ended) = (Instant::now(), None, None);
        state.moved = state.asked;
        Busy(Arc::clone(self))
    }

    pub fn speaks_http2(&self) -> bool {
        self.state().speaks_http2 == Some(true)
    }

    fn read(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.speaks_http2.get_or_insert(bytes.starts_with(PREFACE));
        // Of HTTP/2 also what is no request keeps coming, and a head that never ends is merely idle.
        if state.in_flight == 0 && state.speaks_http2 == Some(false) && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
        }
        if state.in_flight > 0 {
            // A client that sends does not wait yet.
            state.asked = Instant::now();
            (state.looked, state.moved) = (None, state.asked);
        }
    }

    fn wrote(&self, stalled: bool) {
        let mut state = self.state();
        let now = Instant::now();
        if stalled {
            state.stalled_since.get_or_insert(now);
        } else {
            (state.stalled_since, state.moved) = (None, now);
        }
    }

    /// Look whether the client sends no more, where it has waited long and some time after the look before.
    fn look(&self, has_ended: impl FnOnce() -> bool) {
        let mut state = self.state();
        // Of HTTP/2 the end is read, and ends what is under way.
        if state.in_flight == 0 || state.speaks_http2 != Some(false) || state.ended.is_some() {
            return;
        }
        let now = Instant::now();
        let again = state.looked.is_none_or(|looked| now.duration_since(looked) >= LOOK);
        if now.duration_since(state.asked) < GAVE_UP || !again {
            return;
        }
        let first = state.looked.replace(now).is_none();
        if has_ended() {
            state.ended = Some(if first { Ended::Early } else { Ended::Late });
        }
    }

    /// Whether the client has used up its time.
    pub fn is_overdue(&self, patience: Patience) -> bool {
        let state = self.state();
        let over = |since: Option<Instant>, allowed| since.is_some_and(|since| since.elapsed() >= allowed);
        let waits = state.in_flight == 0
            && (over(state.head_since, patience.head) || over(Some(state.quiet_since), patience.idle));
        let unread =
            state.in_flight > 0 && state.ended.is_some() && over(Some(state.moved), patience.stalled);
        waits || unread || over(state.stalled_since, patience.stalled)
    }
}

/// A request in flight on its connection.
pub struct Busy(Arc<Watch>);

impl Busy {
    /// Whether the client went away after it had waited long.
    pub fn is_alone(&self) -> bool {
        self.0.state().ended == Some(Ended::Late)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        state.quiet_since = Instant::now();
    }
}

/// The stream whose bytes are noted.
pub struct Watched {
    stream: TcpStream,
    watch: Arc<Watch>,
}

impl Watched {
    pub fn new(stream: TcpStream, watch: Arc<Watch>) -> Self {
        Self { stream, watch }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let came = &buffer.filled()[before..];
        if !came.is_empty() {
            self.watch.read(came);
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch.wrote(polled.is_pending());
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch.wrote(polled.is_pending());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        // hyper flushes whenever it was woken.
        self.watch.look(|| has_ended(&self.stream));
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Whether nothing more can be read; what was sent and not read yet hides the end behind it.
fn has_ended(stream: &TcpStream) -> bool {
    match recv(stream, &mut [0u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT) {
        Ok((_, count)) => count == 0,
        Err(error) => error != rustix::io::Errno::WOULDBLOCK && error != rustix::io::Errno::INTR,
    }
}

#[cfg(test)]
mod tests;
