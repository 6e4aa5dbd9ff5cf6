//! Bodies as they stream through: counted, and their beginning kept where it may become evidence.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::passage::Passage;
use super::pool::Connection;

/// The most bytes of a request's body that are kept as evidence.
const KEPT_UPLOAD: usize = 64 << 10;
/// The most bytes of an answer's body that are kept as evidence.
const KEPT_ANSWER: usize = 4 << 10;

/// What is known of a request's body beside its bytes.
pub struct UploadNotes {
    /// The client's side broke while it was read.
    broken: Cell<bool>,
    /// The slot would read on, and the client has sent no more.
    waits: Cell<bool>,
    /// When a part of it came last.
    moved: Cell<Instant>,
    kept: RefCell<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    too_large: bool,
}

impl UploadNotes {
    pub fn new(begun: Instant) -> Rc<Self> {
        Rc::new(Self {
            broken: Cell::new(false),
            waits: Cell::new(false),
            moved: Cell::new(begun),
            kept: RefCell::default(),
        })
    }

    /// Whether it is the client that is waited for.
    pub fn waits_for_client(&self) -> bool {
        self.waits.get()
    }

    /// When a part of it came last, or its request began.
    pub fn moved(&self) -> Instant {
        self.moved.get()
    }

    pub fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// The body as it was sent, or `None` where it was too large to keep.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let kept = self.kept.borrow();
        (!kept.too_large).then(|| kept.bytes.clone())
    }

    fn keep(&self, data: &Bytes) {
        let mut kept = self.kept.borrow_mut();
        if kept.too_large || kept.bytes.len() + data.len() > KEPT_UPLOAD {
            *kept = Kept { bytes: Vec::new(), too_large: true };
        } else {
            kept.bytes.extend_from_slice(data);
        }
    }
}

/// A request's body on its way to a slot.
pub struct Upload {
    inner: Incoming,
    notes: Rc<UploadNotes>,
    keeps: bool,
}

impl Upload {
    pub fn new(inner: Incoming, notes: Rc<UploadNotes>, keeps: bool) -> Self {
        Self { inner, notes, keeps }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        self.notes.waits.set(polled.is_pending());
        if polled.is_ready() {
            self.notes.moved.set(Instant::now());
        }
        match &polled {
            Poll::Ready(Some(Err(_))) => self.notes.broken.set(true),
            Poll::Ready(Some(Ok(frame))) if self.keeps => {
                if let Some(data) = frame.data_ref() {
                    self.notes.keep(data);
                }
            }
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body on its way to the client.
pub struct Download(Source);

/// A slot's, or a few words of the worker's own.
enum Source {
    Passed { inner: Incoming, passage: Rc<Passage>, connection: Option<Connection> },
    Own(Full<Bytes>),
}

impl Download {
    /// What comes on this connection, which is given back at its end.
    pub fn passed(inner: Incoming, passage: Rc<Passage>, connection: Connection) -> Self {
        Self(Source::Passed { inner, passage, connection: Some(connection) })
    }

    pub fn own(words: String) -> Self {
        Self(Source::Own(Full::new(Bytes::from(words))))
    }

    pub fn nothing() -> Self {
        Self(Source::Own(Full::default()))
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        // Whoever knows the length need not ask for what comes after it.
        if let Source::Passed { inner, passage, connection } = &mut self.0
            && inner.is_end_stream()
        {
            passage.give_back(connection.take());
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.0 {
            Source::Passed { inner, passage, connection } => {
                let polled = Pin::new(inner).poll_frame(context);
                match &polled {
                    Poll::Ready(Some(Ok(frame))) => {
                        if let Some(data) = frame.data_ref() {
                            passage.sent(data, KEPT_ANSWER);
                        }
                    }
                    Poll::Ready(Some(Err(error))) => passage.broke_off(error),
                    Poll::Ready(None) => passage.give_back(connection.take()),
                    Poll::Pending => {}
                }
                polled
            }
            Source::Own(own) => Pin::new(own).poll_frame(context).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Passed { inner, .. } => inner.is_end_stream(),
            Source::Own(own) => own.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Passed { inner, .. } => inner.size_hint(),
            Source::Own(own) => own.size_hint(),
        }
    }
}
