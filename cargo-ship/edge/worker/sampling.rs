//! A few of the requests that may be asked again: safe ones, without anything that lets somebody in.

use std::cell::{Cell, RefCell};

use hyper::Method;
use hyper::http::request::Parts;

use crate::edge::link::Sample;

/// Kept until the supervisor fetches them.
const KEPT: usize = 4;
/// A longer address is left alone.
const LONGEST: usize = 1024;
/// A request with one of these is somebody's own; one with the last two is a part of something, or a probe.
const PRIVATE: [&str; 9] = [
    "cookie",
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "x-auth-token",
    "content-length",
    "upgrade",
    "range",
    "x-factory-probe",
];
const CHOOSING: [&str; 2] = ["accept", "accept-language"];

/// A sample of what was offered since it was fetched, each offer as likely as any other (reservoir sampling).
#[derive(Default)]
pub struct Samples {
    offered: Cell<u64>,
    kept: RefCell<Vec<Sample>>,
}

impl Samples {
    pub fn offer(&self, head: &Parts, random: u64) {
        let Some(path) = head.uri.path_and_query() else { return };
        let safe = head.method == Method::GET || head.method == Method::HEAD;
        if !safe
            || path.as_str().len() > LONGEST
            || head.headers.keys().any(|name| PRIVATE.contains(&name.as_str()))
        {
            return;
        }
        let offered = self.offered.replace(self.offered.get() + 1);
        let mut kept = self.kept.borrow_mut();
        let place = if kept.len() < KEPT {
            kept.len()
        } else {
            usize::try_from(random % (offered + 1)).unwrap_or(KEPT)
        };
        if place >= KEPT {
            return;
        }
        let header =
            |name: &&str| Some(((*name).to_owned(), head.headers.get(*name)?.to_str().ok()?.to_owned()));
        let headers = CHOOSING.iter().filter_map(header).collect();
        let sample = Sample { method: head.method.to_string(), path: path.as_str().to_owned(), headers };
        match kept.get_mut(place) {
            Some(old) => *old = sample,
            None => kept.push(sample),
        }
    }

    pub fn taken(&self) -> Vec<Sample> {
        self.offered.set(0);
        self.kept.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    #[test]
    fn only_safe_requests_of_nobody_in_particular_are_kept_and_only_a_few() {
        let samples = Samples::default();
        let offer = |method: &str, path: &str, header: Option<(&str, &str)>, random: u64| {
            let mut request = Request::builder().method(method).uri(path);
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            samples.offer(&request.body(()).unwrap().into_parts().0, random);
        };
        offer("POST", "/a", None, 0);
        offer("GET", "/b", Some(("Cookie", "s=1")), 0);
        offer("GET", "/c", Some(("authorization", "Bearer x")), 0);
        assert!(samples.taken().is_empty());
        offer("GET", "/d?q=1", Some(("accept", "text/html")), 0);
        for random in 0..100 {
            offer("HEAD", &format!("/{random}"), None, random);
        }
        let taken = samples.taken();
        assert_eq!(taken.len(), KEPT);
        assert!(taken.iter().all(|sample| sample.method == "HEAD" || sample.path == "/d?q=1"));
        assert!(samples.taken().is_empty());
    }
}
