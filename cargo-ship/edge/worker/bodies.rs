//! Bodies as they stream through: counted, and their beginning kept where it may become evidence.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::passage::Passage;

/// The most bytes of a request's body that are kept as evidence.
const KEPT_UPLOAD: usize = 64 << 10;
/// The most bytes of an answer's body that are kept as evidence.
const KEPT_ANSWER: usize = 4 << 10;

/// What is known of a request's body beside its bytes. The client's pool may poll it from a task of its own.
pub struct UploadNotes {
    /// The client's side broke while it was read.
    broken: AtomicBool,
    /// The slot would read on, and the client has sent no more.
    waits: AtomicBool,
    begun: Instant,
    /// When a part of it came last, in milliseconds since it began.
    moved_ms: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    too_large: bool,
}

impl UploadNotes {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            broken: AtomicBool::new(false),
            waits: AtomicBool::new(false),
            begun: Instant::now(),
            moved_ms: AtomicU64::new(0),
            kept: Mutex::default(),
        })
    }

    /// Whether it is the client that is waited for.
    pub fn waits_for_client(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// How long nothing of it has come.
    pub fn quiet(&self) -> Duration {
        self.begun.elapsed().saturating_sub(Duration::from_millis(self.moved_ms.load(Ordering::Relaxed)))
    }

    fn moved(&self) {
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_ms.store(ms, Ordering::Relaxed);
    }

    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// The body as it was sent, or `None` where it was too large to keep.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (!kept.too_large).then(|| kept.bytes.clone())
    }

    fn keep(&self, data: &Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
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
    notes: Arc<UploadNotes>,
    keeps: bool,
}

impl Upload {
    pub fn new(inner: Incoming, notes: Arc<UploadNotes>, keeps: bool) -> Self {
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
        self.notes.waits.store(polled.is_pending(), Ordering::Relaxed);
        if polled.is_ready() {
            self.notes.moved();
        }
        match &polled {
            Poll::Ready(Some(Err(_))) => self.notes.broken.store(true, Ordering::Relaxed),
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

/// An answer's body on its way to the client: a slot's, or a few words of the worker's own.
pub enum Download {
    Passed { inner: Incoming, passage: Rc<Passage> },
    Own(Full<Bytes>),
}

impl Download {
    pub fn nothing() -> Self {
        Self::Own(Full::default())
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut *self {
            Self::Passed { inner, passage } => {
                let polled = Pin::new(inner).poll_frame(context);
                match &polled {
                    Poll::Ready(Some(Ok(frame))) => {
                        if let Some(data) = frame.data_ref() {
                            passage.sent(data, KEPT_ANSWER);
                        }
                    }
                    Poll::Ready(Some(Err(error))) => passage.broke_off(error),
                    _ => {}
                }
                polled
            }
            Self::Own(own) => Pin::new(own).poll_frame(context).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Passed { inner, .. } => inner.is_end_stream(),
            Self::Own(own) => own.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Passed { inner, .. } => inner.size_hint(),
            Self::Own(own) => own.size_hint(),
        }
    }
}
