//! One request, from the client through a slot and back.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Method, Request, Response, StatusCode, Uri, Version};

use super::access::Entry;
use super::bodies::{Download, Upload, UploadNotes};
use super::counting::Slot;
use super::headers;
use super::routing::{Edge, Unit};
use crate::edge::plan::Payload;
use crate::edge::protocol::Failure;

/// One request on its way: when it is dropped, it is over, logged, and kept if a canary failed it.
pub struct Passage {
    edge: Rc<Edge>,
    unit: Unit,
    method: Method,
    uri: Uri,
    id: String,
    status: Cell<u16>,
    sent_bytes: Cell<u64>,
    evidence: Option<Evidence>,
}

/// What is kept of a request that goes to the canary, in case it fails.
struct Evidence {
    headers: Vec<(String, String)>,
    upload: Arc<UploadNotes>,
    answer: RefCell<Vec<u8>>,
    reason: RefCell<Option<String>>,
}

impl Passage {
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

    fn fail(&self, reason: String) {
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

/// Pass one request to a slot. It is sent once: a failure that was retried in silence is one a canary
/// would never see.
pub async fn pass(
    edge: Rc<Edge>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Download>, Infallible> {
    let Some(unit) = edge.assign() else {
        return Ok(own(StatusCode::SERVICE_UNAVAILABLE, "no release is serving"));
    };
    let (mut head, body) = request.into_parts();
    headers::strip(&mut head.headers);
    headers::forward(&mut head.headers, peer, || format!("{:016x}", edge.random()));
    let id =
        head.headers.get(headers::REQUEST_ID).map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    if unit.slot == Slot::Stable {
        edge.samples.offer(&head, edge.random());
    }
    let upload = Arc::new(UploadNotes::default());
    let evidence = (unit.slot == Slot::Canary).then(|| Evidence {
        headers: headers::shown(&head.headers),
        upload: Arc::clone(&upload),
        answer: RefCell::default(),
        reason: RefCell::default(),
    });
    let passage = Rc::new(Passage {
        unit,
        method: head.method.clone(),
        uri: head.uri.clone(),
        id: id.unwrap_or_default(),
        status: Cell::new(0),
        sent_bytes: Cell::new(0),
        evidence,
        edge,
    });
    head.version = Version::HTTP_11;
    let Some(uri) = slot_uri(&head.uri, &passage.unit) else {
        passage.unit.forget();
        passage.status.set(400);
        return Ok(own(StatusCode::BAD_REQUEST, "no such path can be asked for"));
    };
    head.uri = uri;
    let keeps = passage.evidence.is_some();
    let sent = Request::from_parts(head, Upload::new(body, Arc::clone(&upload), keeps));
    Ok(answer(passage, &upload, sent).await)
}

async fn answer(passage: Rc<Passage>, upload: &UploadNotes, sent: Request<Upload>) -> Response<Download> {
    let patience = Duration::from_millis(passage.unit.upstream.route.answer_ms);
    let (status, reason) = match tokio::time::timeout(patience, passage.edge.client.request(sent)).await {
        Ok(Ok(response)) => return passed(passage, response),
        Ok(Err(_)) if upload.is_broken() => {
            passage.unit.forget();
            passage.status.set(400);
            return own(StatusCode::BAD_REQUEST, "the request ended before its end");
        }
        Ok(Err(error)) => (StatusCode::BAD_GATEWAY, format!("no answer: {}", chain(&error))),
        Err(_) => (StatusCode::GATEWAY_TIMEOUT, format!("no answer within {} ms", patience.as_millis())),
    };
    passage.status.set(status.as_u16());
    passage.fail(reason);
    own(status, "the release did not answer")
}

fn passed(passage: Rc<Passage>, response: Response<Incoming>) -> Response<Download> {
    let (mut head, inner) = response.into_parts();
    headers::strip(&mut head.headers);
    head.version = Version::HTTP_11;
    passage.status.set(head.status.as_u16());
    if head.status.is_server_error() {
        passage.fail(format!("status {}", head.status.as_u16()));
    } else {
        passage.unit.answered();
    }
    Response::from_parts(head, Download::Passed { inner, passage })
}

fn slot_uri(asked: &Uri, unit: &Unit) -> Option<Uri> {
    let path = asked.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let authority = unit.upstream.authority.clone();
    Uri::builder().scheme(Scheme::HTTP).authority(authority).path_and_query(path).build().ok()
}

/// An answer of the worker itself, which says so.
fn own(status: StatusCode, words: &'static str) -> Response<Download> {
    let mut answer = Response::new(Download::Own(Full::new(Bytes::from(format!("{words}\n")))));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert("x-factory-edge", hyper::header::HeaderValue::from_static("1"));
    answer
}

fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
