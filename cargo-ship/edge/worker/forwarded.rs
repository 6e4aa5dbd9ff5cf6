//! The `Forwarded` header (RFC 7239): one element for each hop, the nearest one last.

use std::net::{IpAddr, SocketAddr};

use hyper::header::{FORWARDED, HOST, HeaderMap, HeaderValue};

use super::headers::{FORWARDED_FOR, tokens};

/// Who is connected, in the words of the headers that say so.
pub struct Peer {
    pub address: HeaderValue,
    node: String,
}

impl Peer {
    pub fn new(peer: SocketAddr) -> Self {
        let address = peer.ip().to_string();
        let node = node(&address);
        // An address is made of digits, letters, dots and colons.
        let address = HeaderValue::try_from(address).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
        Self { address, node }
    }
}

/// What was forwarded before, and this hop. Where a front spoke `X-Forwarded-For` alone, its addresses are
/// taken over (7.4), so that the first element names the same client in both.
pub fn chain(headers: &HeaderMap, peer: &Peer) -> HeaderValue {
    let mut chain = String::with_capacity(96);
    if headers.contains_key(FORWARDED) {
        for before in headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok()) {
            chain.extend([before, ", "]);
        }
    } else {
        tokens(headers, &FORWARDED_FOR)
            .for_each(|address| chain.extend(["for=", node(address).as_str(), ", "]));
    }
    chain.extend(["for=", &peer.node]);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if let Some(host) = host.filter(|host| !host.contains(['"', '\\'])) {
        chain.extend([";host=\"", host, "\""]);
    }
    chain.push_str(";proto=http");
    // Its parts were header values or are plain letters.
    HeaderValue::try_from(chain).unwrap_or_else(|_| HeaderValue::from_static("for=unknown"))
}

fn node(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => format!("\"[{address}]\""),
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chained(headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        chain(&map, &Peer::new("127.0.0.1:9".parse().unwrap())).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_hop_is_added_to_what_was_said_in_either_way() {
        assert_eq!(chained(&[("host", "a:80")]), "for=127.0.0.1;host=\"a:80\";proto=http");
        assert_eq!(
            chained(&[("forwarded", "for=_x;proto=https")]),
            "for=_x;proto=https, for=127.0.0.1;proto=http"
        );
        assert_eq!(
            chained(&[("x-forwarded-for", "10.0.0.9, 2001:db8::1, nonsense")]),
            "for=10.0.0.9, for=\"[2001:db8::1]\", for=unknown, for=127.0.0.1;proto=http"
        );
        assert_eq!(chained(&[("host", "a\"b")]), "for=127.0.0.1;proto=http");
    }
}
