//! One request on its way, and what is kept of it.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;

use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Uri};

use super::access::Entry;
use super::bodies::UploadNotes;
use super::counting::Slot;
use super::headers;
use super::routing::Edge;
use super::unit::Unit;
use super::watch::Busy;
use crate::edge::plan::Payload;
use crate::edge::protocol::Failure;

/// One request on its way: when it is dropped, it is over, logged, and kept if a canary failed it.
pub struct Passage {
    pub edge: Rc<Edge>,
    pub unit: Unit,
    method: Method,
    uri: Uri,
    id: String,
    pub status: Cell<u16>,
    sent_bytes: Cell<u64>,
    evidence: Option<Evidence>,
    busy: Busy,
}

/// What is kept of a request that goes to the canary, in case it fails.
struct Evidence {
    headers: Vec<(String, String)>,
    upload: Arc<UploadNotes>,
    answer: RefCell<Vec<u8>>,
    reason: RefCell<Option<String>>,
}

impl Evidence {
    fn of(headers: &HeaderMap<HeaderValue>, upload: &Arc<UploadNotes>) -> Self {
        Self {
            headers: headers::shown(headers),
            upload: Arc::clone(upload),
            answer: RefCell::default(),
            reason: RefCell::default(),
        }
    }
}

impl Passage {
    pub fn begin(edge: Rc<Edge>, unit: Unit, head: &Parts, upload: &Arc<UploadNotes>, busy: Busy) -> Self {
        let id = head.headers.get(headers::REQUEST_ID);
        let evidence = (unit.slot == Slot::Canary).then(|| Evidence::of(&head.headers, upload));
        Self {
            unit,
            method: head.method.clone(),
            uri: head.uri.clone(),
            id: id.map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned()).unwrap_or_default(),
            status: Cell::new(0),
            sent_bytes: Cell::new(0),
            evidence,
            edge,
            busy,
        }
    }

    /// Whether its body is kept, in case it fails.
    pub fn keeps(&self) -> bool {
        self.evidence.is_some()
    }

    /// Whether the client went away after it had waited long.
    pub fn is_alone(&self) -> bool {
        self.busy.is_alone()
    }

    /// The slot agreed to speak another protocol.
    pub fn switched(&self) {
        self.status.set(101);
        self.unit.switched();
    }

    /// So many bytes went to the client beside the answer's body.
    pub fn passed_bytes(&self, bytes: u64) {
        self.sent_bytes.set(self.sent_bytes.get() + bytes);
    }

    /// A part of the answer goes to the client.
    pub fn sent(&self, data: &Bytes, kept: usize) {
        self.sent_bytes.set(self.sent_bytes.get() + data.len() as u64);
        if let Some(evidence) = &self.evidence {
            let mut answer = evidence.answer.borrow_mut();
            let room = kept.saturating_sub(answer.len()).min(data.len());
            answer.extend_from_slice(&data[..room]);
        }
    }

    /// The slot's answer ended before its end.
    pub fn broke_off(&self, error: &dyn Error) {
        self.fail(format!("the answer broke off: {error}"));
    }

    pub fn fail(&self, reason: String) {
        self.unit.settle(false);
        if let Some(evidence) = &self.evidence {
            evidence.reason.replace(Some(reason));
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.edge.access.note(&Entry {
            id: &self.id,
            method: self.method.as_str(),
            path: self.uri.path(),
            status: self.status.get(),
            slot: self.unit.slot.name(),
            release: &self.unit.upstream.route.release,
            took: self.unit.took(),
            sent_bytes: self.sent_bytes.get(),
        });
        if self.unit.gave_up() {
            self.fail(format!("the client gave up after {} ms", self.unit.took().as_millis()));
        }
        let Some(evidence) = self.evidence.take() else { return };
        let Some(reason) = evidence.reason.take() else { return };
        self.edge.failed(Failure {
            t: jiff::Timestamp::now().to_string(),
            release: self.unit.upstream.route.release.clone(),
            check: None,
            method: self.method.to_string(),
            path: self.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned(),
            headers: evidence.headers,
            body: evidence.upload.bytes().map(|bytes| Payload::of(&bytes)),
            status: self.status.get(),
            answer: Payload::of(&evidence.answer.take()),
            reason,
            stable: None,
            log: None,
        });
    }
}
