//! Headers on their way through: what belongs to one connection stays there, and who asked is said.

use hyper::Version;
use hyper::header::{CONNECTION, COOKIE, FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, TE};
use hyper::http::request::Parts;

use super::forwarded::{self, Peer};
use crate::edge::protocol::kept_value;

/// Headers that speak of one connection alone (RFC 9110, 7.6.1), and `expect`, which the worker answers itself.
/// `trailer` is not among them: what it announces is passed on.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "expect",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Remove what belongs to the connection, and what its `connection` header names.
pub fn strip(headers: &mut HeaderMap) {
    // Most have nothing of it, and looking through them once is cheaper than looking each of these up.
    if !headers.keys().any(|name| HOP_BY_HOP.contains(&name.as_str())) {
        return;
    }
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> =
            tokens(headers, &CONNECTION).filter_map(|name| name.parse().ok()).collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// The words of a header that is a list.
pub fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Make the request say which host it is for: once, and the same whether it was asked as a URL (RFC 9112,
/// 3.2.2), with `:authority`, or with `host`. `None` where it cannot be told, or is told twice.
pub fn settle_host(head: &mut Parts) -> Option<()> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let first = hosts.next().map(HeaderValue::as_bytes);
    if hosts.next().is_some() {
        return None;
    }
    let authority = head.uri.authority().map(|authority| {
        let text = authority.as_str();
        text.rsplit_once('@').map_or(text, |(_, host)| host)
    });
    match (authority, first) {
        (Some(authority), _) => {
            let host = HeaderValue::from_str(authority).ok()?;
            head.headers.insert(HOST, host);
        }
        (None, None) if head.version != Version::HTTP_10 => return None,
        _ => {}
    }
    Some(())
}

/// One `cookie` line, as HTTP/1.1 wants it where HTTP/2 came with several (RFC 9113, 8.2.3).
pub fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).iter().nth(1).is_none() {
        return;
    }
    let all: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(one) = HeaderValue::from_bytes(&all.join(&b"; "[..])) {
        headers.insert(COOKIE, one);
    }
}

/// Whether the client understands trailers behind the answer.
pub fn wants_trailers(headers: &HeaderMap) -> bool {
    tokens(headers, &TE).any(|word| word.eq_ignore_ascii_case("trailers"))
}

pub fn ask_for_trailers(headers: &mut HeaderMap) {
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONNECTION, HeaderValue::from_static("te"));
}

/// Say who asked. What a front before us said of protocol and host stands, since it knows better.
pub fn forward(headers: &mut HeaderMap, peer: &Peer, id: impl FnOnce() -> String) {
    let forwarded = forwarded::chain(headers, peer);
    headers.insert(FORWARDED, forwarded);
    let mut before: Vec<&[u8]> = headers.get_all(&FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect();
    let addresses = match before.is_empty() {
        true => Ok(peer.address.clone()),
        false => {
            before.push(peer.address.as_bytes());
            HeaderValue::try_from(before.join(&b", "[..]))
        }
    };
    if let Ok(addresses) = addresses {
        headers.insert(FORWARDED_FOR, addresses);
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
        && let Ok(value) = HeaderValue::try_from(id())
    {
        headers.insert(REQUEST_ID, value);
    }
}

/// Headers in few bytes, while nobody knows yet whether they will be shown: a name and its value a line,
/// since neither may hold a line's end.
pub fn noted(headers: &HeaderMap) -> Vec<u8> {
    let mut noted = Vec::with_capacity(512);
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b":", value.as_bytes(), b"\n"] {
            noted.extend_from_slice(part);
        }
    }
    noted
}

/// Headers that were noted as they may be kept: values that let somebody in are left out.
pub fn shown(noted: &[u8]) -> Vec<(String, String)> {
    let noted = String::from_utf8_lossy(noted);
    let pairs = noted.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.to_owned(), kept_value(name, value))).collect()
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
        let peer = Peer::new("127.0.0.1:9".parse().unwrap());
        forward(&mut headers, &peer, || "id1".into());
        assert_eq!(headers[&FORWARDED_FOR], "10.0.0.9, 127.0.0.1");
        assert_eq!(headers[&FORWARDED_PROTO], "https");
        assert_eq!(headers[&FORWARDED_HOST], "example.test");
        assert_eq!(headers[&REQUEST_ID], "id1");
    }

    #[test]
    fn a_request_is_for_one_host() {
        let settled = |uri: &str, hosts: &[&str]| {
            let mut request = hyper::Request::builder().uri(uri);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            let (mut head, ()) = request.body(()).unwrap().into_parts();
            settle_host(&mut head)?;
            Some(head.headers[HOST].to_str().unwrap().to_owned())
        };
        assert_eq!(settled("/a", &["one"]).as_deref(), Some("one"));
        assert_eq!(settled("http://me@two:81/a", &["one"]).as_deref(), Some("two:81"));
        assert_eq!(settled("/a", &["one", "two"]), None);
        assert_eq!(settled("/a", &[]), None);
    }

    #[test]
    fn values_that_let_somebody_in_are_not_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        headers.insert("accept", HeaderValue::from_static("a:b, c"));
        let shown = shown(&noted(&headers));
        let expected = [("authorization", "(left out)"), ("accept", "a:b, c")];
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
