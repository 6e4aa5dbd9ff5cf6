//! The `Forwarded` header (RFC 7239): one element for each hop, the nearest one last.

use std::net::{IpAddr, SocketAddr};

use hyper::header::{FORWARDED, HOST, HeaderMap, HeaderValue};

use super::headers::{FORWARDED_FOR, tokens};

/// What was forwarded before, and this hop. Where a front spoke `X-Forwarded-For` alone, its addresses are
/// taken over (7.4), so that the first element names the same client in both.
pub fn chain(headers: &HeaderMap, peer: SocketAddr) -> HeaderValue {
    let mut elements: Vec<String> = match headers.contains_key(FORWARDED) {
        true => {
            let before = headers.get_all(FORWARDED).iter();
            before.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
        }
        false => tokens(headers, &FORWARDED_FOR).map(|address| format!("for={}", node(address))).collect(),
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.filter(|host| !host.contains(['"', '\\'])).map(|host| format!(";host=\"{host}\""));
    let this = node(&peer.ip().to_string());
    elements.push(format!("for={this}{};proto=http", host.unwrap_or_default()));
    // Its parts were header values or are plain letters.
    HeaderValue::from_str(&elements.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("for=unknown"))
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
        chain(&map, "127.0.0.1:9".parse().unwrap()).to_str().unwrap().to_owned()
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
