//! Upgraded connections (WebSocket and the like): bytes passed both ways until either side has ended.

use std::rc::Rc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderMap, HeaderValue, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, Version};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::bodies::Download;
use super::headers;
use super::passage::Passage;

/// How long one side may go on after the other has ended.
const HALF_OPEN: Duration = Duration::from_secs(10);

/// An upgrade a client asked for.
pub struct Wanted {
    protocol: HeaderValue,
    client: OnUpgrade,
}

impl Wanted {
    /// What this request wants to become, if anything. HTTP itself is no such thing: through an upgrade to
    /// `h2c` a client would speak to the slot past this worker, in requests nobody counts.
    pub fn of(request: &mut Request<Incoming>) -> Option<Self> {
        let mut protocols = request.headers().get_all(UPGRADE).iter();
        let protocol = protocols.next()?.clone();
        let asked = request.version() == Version::HTTP_11
            && headers::tokens(request.headers(), &CONNECTION)
                .any(|word| word.eq_ignore_ascii_case("upgrade"));
        if !asked {
            return None;
        }
        let name = protocol.to_str().ok()?.trim().to_ascii_lowercase();
        let other = !name.is_empty()
            && !["h2c", "h2", "tls"].iter().any(|known| name.starts_with(known))
            && !name.starts_with("http")
            && !name.contains(',');
        (other && protocols.next().is_none()).then(|| Self { protocol, client: hyper::upgrade::on(request) })
    }

    /// Ask the slot for it.
    pub fn ask(&self, headers: &mut HeaderMap) {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, self.protocol.clone());
    }

    /// The slot has agreed: answer so, and pass bytes from then on. The passage is held until the end, so
    /// that a slot that leaves is known to be in use.
    pub fn begin(self, passage: Rc<Passage>, mut response: Response<Incoming>) -> Response<Download> {
        let slot = hyper::upgrade::on(&mut response);
        let (mut head, _) = response.into_parts();
        let protocol = head.headers.get(UPGRADE).cloned().unwrap_or(self.protocol);
        headers::strip(&mut head.headers);
        head.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        head.headers.insert(UPGRADE, protocol);
        passage.switched();
        let held = passage.edge.connection();
        tokio::task::spawn_local(async move {
            // Either of them may have gone before it began.
            if let (Ok(client), Ok(slot)) = (self.client.await, slot.await) {
                passage.passed_bytes(join(TokioIo::new(client), TokioIo::new(slot)).await);
            }
            drop((passage, held));
        });
        Response::from_parts(head, Download::nothing())
    }
}

/// Copy both ways; how many bytes went to the client.
async fn join(client: impl AsyncRead + AsyncWrite, slot: impl AsyncRead + AsyncWrite) -> u64 {
    let (from_client, to_client) = tokio::io::split(client);
    let (from_slot, to_slot) = tokio::io::split(slot);
    let (up, down) = (one_way(from_client, to_slot), one_way(from_slot, to_client));
    tokio::pin!(up, down);
    tokio::select! {
        _ = &mut up => tokio::time::timeout(HALF_OPEN, down).await.unwrap_or(0),
        sent = &mut down => {
            let _ = tokio::time::timeout(HALF_OPEN, up).await;
            sent
        }
    }
}

async fn one_way(from: impl AsyncRead, to: impl AsyncWrite) -> u64 {
    tokio::pin!(from, to);
    // However it ended, what was read before was written.
    let copied = tokio::io::copy(&mut from, &mut to).await.unwrap_or(0);
    let _ = to.shutdown().await;
    copied
}
