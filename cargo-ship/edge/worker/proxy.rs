//! One request, from the client through a slot and back.

use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, Entry, HOST, HeaderValue, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response, StatusCode, Version};

use super::bodies::{Download, Upload, UploadNotes};
use super::counting::Slot;
use super::forwarded::Peer;
use super::headers;
use super::passage::Passage;
use super::pool::Connection;
use super::routing::Edge;
use super::tunnels::Wanted;
use super::unit::GAVE_UP;
use super::watch::{Busy, LOOK};

/// How long a client may send nothing of a body the slot waits for.
const UPLOAD_STALLED: Duration = Duration::from_secs(30);

/// Pass one request to a slot. It is sent once: a failure that was retried in silence is one a canary
/// would never see.
pub async fn pass(
    edge: Rc<Edge>,
    peer: Rc<Peer>,
    busy: Busy,
    mut request: Request<Incoming>,
) -> Result<Response<Download>, Infallible> {
    let wanted = Wanted::of(&mut request);
    let (mut head, body) = request.into_parts();
    let version = head.version;
    let answer = match refused(&mut head) {
        Some(answer) => answer,
        None => assigned(&edge, &peer, busy, head, body, wanted).await,
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
    peer: &Peer,
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
    let upload = UploadNotes::new(unit.begun);
    let passage = Rc::new(Passage::begin(Rc::clone(edge), unit, &head, &upload, busy));
    if trailers {
        headers::ask_for_trailers(&mut head.headers);
    }
    if let Some(wanted) = &wanted {
        wanted.ask(&mut head.headers);
    }
    head.version = Version::HTTP_11;
    settle_target(&mut head, passage.unit.upstream.route.port);
    let body = Upload::new(body, Rc::clone(&upload), passage.keeps());
    let mut answer = answer(passage, &upload, Request::from_parts(head, body), wanted).await;
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
    let request = passage.unit.upstream.pool.send(sent);
    let (status, reason) = match in_time(request, &passage, upload, patience).await {
        Ok(Ok((response, _))) if response.status() == StatusCode::SWITCHING_PROTOCOLS => match wanted {
            Some(wanted) => return wanted.begin(passage, response),
            None => (StatusCode::BAD_GATEWAY, "it switched protocols unasked".to_owned()),
        },
        Ok(Ok((response, connection))) => return passed(passage, response, connection),
        Ok(Err(_)) if upload.is_broken() => {
            return client_s(&passage, StatusCode::BAD_REQUEST, "the request ended before its end");
        }
        Err(Late::Client) => {
            return client_s(&passage, StatusCode::REQUEST_TIMEOUT, "the rest of the request did not come");
        }
        // Counted when the passage is dropped, as one that was given up.
        Err(Late::Gone) => return own(StatusCode::BAD_REQUEST, "the client has gone"),
        Ok(Err(error)) => (StatusCode::BAD_GATEWAY, format!("no answer: {error}")),
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
    let waits = || match upload.waits_for_client() {
        true => (Late::Client, upload.moved() + UPLOAD_STALLED),
        false => (Late::Slot, upload.moved() + patience),
    };
    // Woken now and then, so that the connection is looked at.
    let mut look = passage.unit.begun + GAVE_UP;
    loop {
        let wake = waits().1.min(look);
        if let Ok(answer) = tokio::time::timeout_at(wake.into(), request.as_mut()).await {
            return Ok(answer);
        }
        // What it waits for may have changed.
        let (now, (late, until)) = (Instant::now(), waits());
        if now >= until {
            return Err(late);
        }
        if passage.is_alone() {
            return Err(Late::Gone);
        }
        if now >= look {
            look = now + LOOK;
        }
    }
}

/// It was the client's doing, and says nothing of the slot.
fn client_s(passage: &Passage, status: StatusCode, words: &'static str) -> Response<Download> {
    passage.unit.forget();
    passage.status.set(status.as_u16());
    own(status, words)
}

fn passed(passage: Rc<Passage>, response: Response<Incoming>, connection: Connection) -> Response<Download> {
    let (mut head, inner) = response.into_parts();
    headers::strip(&mut head.headers);
    passage.status.set(head.status.as_u16());
    if head.status.is_server_error() {
        passage.fail(format!("status {}", head.status.as_u16()));
    } else {
        passage.unit.answered();
    }
    Response::from_parts(head, Download::passed(inner, passage, connection))
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

/// What is asked of the slot is a path alone, and its host is said.
fn settle_target(head: &mut Parts, port: u16) {
    if head.uri.scheme().is_some() || head.uri.authority().is_some() {
        let path = head.uri.path_and_query().cloned();
        head.uri = path.unwrap_or_else(|| PathAndQuery::from_static("/")).into();
    }
    // HTTP/1.0 may leave it out.
    if let Entry::Vacant(host) = head.headers.entry(HOST)
        && let Ok(own) = HeaderValue::try_from(format!("127.0.0.1:{port}"))
    {
        host.insert(own);
    }
}

/// An answer of the worker itself, which says so.
fn own(status: StatusCode, words: &'static str) -> Response<Download> {
    let mut answer = Response::new(Download::own(format!("{words}\n")));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert("x-factory-edge", HeaderValue::from_static("1"));
    answer
}
