//! Headers on their way through: what belongs to one connection stays there, and who asked is said.

use std::net::SocketAddr;

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};

use crate::edge::protocol::kept_value;

/// Headers that speak of one connection alone (RFC 9110, 7.6.1), and `expect`, which the worker answers itself.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Remove what belongs to the connection, and what its `connection` header names.
pub fn strip(headers: &mut HeaderMap) {
    if headers.contains_key("connection") {
        let named: Vec<HeaderName> = headers
            .get_all("connection")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Say who asked. What a front before us said of protocol and host stands, since it knows better.
pub fn forward(headers: &mut HeaderMap, peer: SocketAddr, id: impl FnOnce() -> String) {
    let mut chain: Vec<u8> = Vec::new();
    for value in headers.get_all(&FORWARDED_FOR) {
        chain.extend_from_slice(value.as_bytes());
        chain.extend_from_slice(b", ");
    }
    chain.extend_from_slice(peer.ip().to_string().as_bytes());
    if let Ok(value) = HeaderValue::from_bytes(&chain) {
        headers.insert(FORWARDED_FOR, value);
    }
    if !headers.contains_key(&FORWARDED_PROTO) {
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    }
    if !headers.contains_key(&FORWARDED_HOST)
        && let Some(host) = headers.get(HOST).cloned()
    {
        headers.insert(FORWARDED_HOST, host);
    }
    if !headers.contains_key(&REQUEST_ID)
        && let Ok(value) = HeaderValue::from_str(&id())
    {
        headers.insert(REQUEST_ID, value);
    }
}

/// Headers as they may be kept: values that let somebody in are left out.
pub fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), kept_value(name.as_str(), &value))
    };
    headers.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_the_connection_stays_there() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("connection", "close, X-Mine"), ("x-mine", "1"), ("te", "x"), ("accept", "a")]
        {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        strip(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn who_asked_is_appended_and_a_front_s_word_stands() {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("10.0.0.9"));
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
        headers.insert(HOST, HeaderValue::from_static("example.test"));
        forward(&mut headers, "127.0.0.1:9".parse().unwrap(), || "id1".into());
        assert_eq!(headers[&FORWARDED_FOR], "10.0.0.9, 127.0.0.1");
        assert_eq!(headers[&FORWARDED_PROTO], "https");
        assert_eq!(headers[&FORWARDED_HOST], "example.test");
        assert_eq!(headers[&REQUEST_ID], "id1");
    }

    #[test]
    fn values_that_let_somebody_in_are_not_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        assert_eq!(shown(&headers), [("authorization".into(), "(left out)".into())]);
    }
}
