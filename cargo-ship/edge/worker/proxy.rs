//! One request, from the client through a slot and back.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Method, Request, Response, StatusCode, Uri, Version};

use super::bodies::{Download, Upload, UploadNotes};
use super::counting::Slot;
use super::headers;
use super::passage::Passage;
use super::routing::Edge;
use super::tunnels::Wanted;
use super::unit::{GAVE_UP, Unit};
use super::watch::{Busy, LOOK};

/// How long a client may send nothing of a body the slot waits for.
const UPLOAD_STALLED: Duration = Duration::from_secs(30);

/// Pass one request to a slot. It is sent once: a failure that was retried in silence is one a canary
/// would never see.
pub async fn pass(
    edge: Rc<Edge>,
    peer: SocketAddr,
    busy: Busy,
    mut request: Request<Incoming>,
) -> Result<Response<Download>, Infallible> {
    let wanted = Wanted::of(&mut request);
    let (mut head, body) = request.into_parts();
    let version = head.version;
    let answer = match refused(&mut head) {
        Some(answer) => answer,
        None => assigned(&edge, peer, busy, head, body, wanted).await,
    };
    Ok(finished(&edge, version, answer))
}

/// What is wrong with the request itself.
fn refused(head: &mut Parts) -> Option<Response<Download>> {
    if head.method == Method::CONNECT {
        return Some(own(StatusCode::METHOD_NOT_ALLOWED, "this is no forward proxy"));
    }
    if headers::settle_host(head).is_none() {
        return Some(own(StatusCode::BAD_REQUEST, "the request must name one host"));
    }
    None
}

async fn assigned(
    edge: &Rc<Edge>,
    peer: SocketAddr,
    busy: Busy,
    mut head: Parts,
    body: Incoming,
    wanted: Option<Wanted>,
) -> Response<Download> {
    headers::join_cookies(&mut head.headers);
    let Some((unit, cookie)) = edge.assign(&mut head.headers) else {
        return own(StatusCode::SERVICE_UNAVAILABLE, "no release is serving");
    };
    let trailers = headers::wants_trailers(&head.headers);
    headers::strip(&mut head.headers);
    headers::forward(&mut head.headers, peer, || format!("{:016x}", edge.random()));
    if unit.slot == Slot::Stable && wanted.is_none() {
        edge.samples.offer(&head, edge.random());
    }
    let upload = UploadNotes::new();
    let passage = Rc::new(Passage::begin(Rc::clone(edge), unit, &head, &upload, busy));
    if trailers {
        headers::ask_for_trailers(&mut head.headers);
    }
    if let Some(wanted) = &wanted {
        wanted.ask(&mut head.headers);
    }
    head.version = Version::HTTP_11;
    let mut answer = match slot_uri(&head.uri, &passage.unit) {
        Some(uri) => {
            head.uri = uri;
            let body = Upload::new(body, Arc::clone(&upload), passage.keeps());
            answer(passage, &upload, Request::from_parts(head, body), wanted).await
        }
        None => {
            passage.unit.forget();
            passage.status.set(400);
            own(StatusCode::BAD_REQUEST, "no such path can be asked for")
        }
    };
    if let Some(cookie) = cookie {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

/// Why there was no answer in time.
enum Late {
    Slot,
    Client,
    /// Nobody waits for it any more.
    Gone,
}

async fn answer(
    passage: Rc<Passage>,
    upload: &UploadNotes,
    sent: Request<Upload>,
    wanted: Option<Wanted>,
) -> Response<Download> {
    let patience = Duration::from_millis(passage.unit.upstream.route.answer_ms);
    let request = passage.edge.client.request(sent);
    let (status, reason) = match in_time(request, &passage, upload, patience).await {
        Ok(Ok(response)) if response.status() == StatusCode::SWITCHING_PROTOCOLS => match wanted {
            Some(wanted) => return wanted.begin(passage, response),
            None => (StatusCode::BAD_GATEWAY, "it switched protocols unasked".to_owned()),
        },
        Ok(Ok(response)) => return passed(passage, response),
        Ok(Err(_)) if upload.is_broken() => {
            return client_s(&passage, StatusCode::BAD_REQUEST, "the request ended before its end");
        }
        Err(Late::Client) => {
            return client_s(&passage, StatusCode::REQUEST_TIMEOUT, "the rest of the request did not come");
        }
        // Counted when the passage is dropped, as one that was given up.
        Err(Late::Gone) => return own(StatusCode::BAD_REQUEST, "the client has gone"),
        Ok(Err(error)) => (StatusCode::BAD_GATEWAY, format!("no answer: {}", chain(&error))),
        Err(Late::Slot) => {
            (StatusCode::GATEWAY_TIMEOUT, format!("no answer within {} ms", patience.as_millis()))
        }
    };
    passage.status.set(status.as_u16());
    passage.fail(reason);
    own(status, "the release did not answer")
}

/// Wait for the slot, from the last of the request it was sent; and, while it waits for the client, for that.
async fn in_time<T>(
    request: impl Future<Output = T>,
    passage: &Passage,
    upload: &UploadNotes,
    patience: Duration,
) -> Result<T, Late> {
    let mut request = pin!(request);
    loop {
        let (late, allowed) = match upload.waits_for_client() {
            true => (Late::Client, UPLOAD_STALLED),
            false => (Late::Slot, patience),
        };
        let left = allowed.saturating_sub(upload.quiet());
        if left.is_zero() {
            return Err(late);
        }
        if passage.is_alone() {
            return Err(Late::Gone);
        }
        // Woken now and then, so that the connection is looked at.
        let look = GAVE_UP.checked_sub(passage.unit.took()).unwrap_or(LOOK);
        if let Ok(answer) = tokio::time::timeout(left.min(look), request.as_mut()).await {
            return Ok(answer);
        }
    }
}

/// It was the client's doing, and says nothing of the slot.
fn client_s(passage: &Passage, status: StatusCode, words: &'static str) -> Response<Download> {
    passage.unit.forget();
    passage.status.set(status.as_u16());
    own(status, words)
}

fn passed(passage: Rc<Passage>, response: Response<Incoming>) -> Response<Download> {
    let (mut head, inner) = response.into_parts();
    headers::strip(&mut head.headers);
    passage.status.set(head.status.as_u16());
    if head.status.is_server_error() {
        passage.fail(format!("status {}", head.status.as_u16()));
    } else {
        passage.unit.answered();
    }
    Response::from_parts(head, Download::Passed { inner, passage })
}

/// An answer as the client's version of HTTP has it, the last of its connection where the worker is leaving.
fn finished(edge: &Edge, version: Version, mut answer: Response<Download>) -> Response<Download> {
    *answer.version_mut() = if version == Version::HTTP_2 { version } else { Version::HTTP_11 };
    let stays = answer.status() == StatusCode::SWITCHING_PROTOCOLS || version == Version::HTTP_2;
    if edge.is_retired() && !stays {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
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
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert("x-factory-edge", HeaderValue::from_static("1"));
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
