//! One request on its way, and what is kept of it.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;

use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Uri};

use super::access::Entry;
use super::bodies::UploadNotes;
use super::counting::Slot;
use super::headers;
use super::pool::Connection;
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
    id: Option<HeaderValue>,
    pub status: Cell<u16>,
    sent_bytes: Cell<u64>,
    upload: Rc<UploadNotes>,
    evidence: Option<Evidence>,
    busy: Busy,
}

/// What is kept of a request that goes to the canary, in case it fails.
struct Evidence {
    /// As [`headers::noted`] has them.
    headers: Vec<u8>,
    answer: RefCell<Vec<u8>>,
    reason: RefCell<Option<String>>,
}

impl Evidence {
    fn of(headers: &HeaderMap<HeaderValue>) -> Self {
        Self { headers: headers::noted(headers), answer: RefCell::default(), reason: RefCell::default() }
    }
}

impl Passage {
    pub fn begin(edge: Rc<Edge>, unit: Unit, head: &Parts, upload: &Rc<UploadNotes>, busy: Busy) -> Self {
        let evidence = (unit.slot == Slot::Canary).then(|| Evidence::of(&head.headers));
        Self {
            unit,
            method: head.method.clone(),
            uri: head.uri.clone(),
            id: head.headers.get(headers::REQUEST_ID).cloned(),
            status: Cell::new(0),
            sent_bytes: Cell::new(0),
            upload: Rc::clone(upload),
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

    /// The answer has come to its end: its connection may be asked again.
    pub fn give_back(&self, connection: Option<Connection>) {
        if let Some(connection) = connection {
            self.unit.upstream.pool.give_back(connection);
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
        let id = self.id.as_ref().map_or(&b""[..], HeaderValue::as_bytes);
        self.edge.access.note(&Entry {
            id: &String::from_utf8_lossy(id),
            method: self.method.as_str(),
            path: self.uri.path(),
            status: self.status.get(),
            slot: self.unit.slot.name(),
            release: &self.unit.upstream.route.release,
            took: self.unit.took(),
            sent_bytes: self.sent_bytes.get(),
        });
        self.unit.waits_since(self.upload.moved());
        if self.unit.gave_up() {
            self.fail(format!("the client gave up after {} ms", self.unit.waited().as_millis()));
        }
        let Some(evidence) = self.evidence.take() else { return };
        let Some(reason) = evidence.reason.take() else { return };
        self.edge.failed(Failure {
            t: jiff::Timestamp::now().to_string(),
            release: self.unit.upstream.route.release.clone(),
            check: None,
            method: self.method.to_string(),
            path: self.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned(),
            headers: headers::shown(&evidence.headers),
            body: self.upload.bytes().map(|bytes| Payload::of(&bytes)),
            status: self.status.get(),
            answer: Payload::of(&evidence.answer.take()),
            reason,
            stable: None,
            log: None,
        });
    }
}
