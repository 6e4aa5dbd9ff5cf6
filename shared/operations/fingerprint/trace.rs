//! What makes two failing traces the same: the root span, the span that failed and the type of error.
//!
//! Names of spans are masked as log messages are, since `GET /users/17` is one operation; OpenTelemetry
//! asks for names of low cardinality, and not everyone heeds it.

use super::log;
use crate::types::id::sha256_hex;

/// The way traces are told apart here.
pub const VERSION: u32 = 1;

/// What a failing trace is known by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// `service.name` of the resource.
    pub service: String,
    /// Name of the span without a parent; empty where it was not exported.
    pub root: String,
    /// Name of the innermost span whose status is an error.
    pub failing: String,
    /// `error.type` or `exception.type`; empty where neither is known.
    pub error: String,
}

impl Trace {
    /// `1:<hex>`.
    pub fn fingerprint(&self) -> String {
        let text: String = self.parts().iter().map(|part| format!("{}\0{part}\0", part.len())).collect();
        format!("{VERSION}:{}", &sha256_hex(format!("trace\0{text}").as_bytes())[..32])
    }

    /// The same with each text put through `hide`.
    pub fn with_texts(&self, hide: &dyn Fn(&str) -> String) -> Self {
        Self {
            service: hide(&self.service),
            root: hide(&self.root),
            failing: hide(&self.failing),
            error: hide(&self.error),
        }
    }

    fn parts(&self) -> [String; 4] {
        [self.service.clone(), operation(&self.root), operation(&self.failing), self.error.clone()]
    }

    /// Which parts counted, for `list --why`.
    pub fn why(&self) -> String {
        let [service, root, failing, error] = self.parts();
        format!("same failing span \"{failing}\" under \"{root}\" of {service:?}, error {error:?}")
    }
}

/// The name of a span; parts of a route that hold digits are masked, the others stay.
fn operation(name: &str) -> String {
    name.split(' ')
        .map(|word| if word.starts_with('/') { route(word) } else { log::template(word) })
        .collect::<Vec<_>>()
        .join(" ")
}

fn route(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let part = |part: &str| {
        let version = part.len() <= 3 && part.starts_with('v');
        if part.bytes().any(|byte| byte.is_ascii_digit()) && !version {
            log::MASK.to_owned()
        } else {
            part.to_owned()
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_names_do_not_count_and_routes_do() {
        let of = |root: &str, error: &str| {
            let (root, error) = (root.to_owned(), error.to_owned());
            Trace { service: "shop".into(), root, failing: "SELECT users".into(), error }.fingerprint()
        };
        assert_eq!(of("GET /v2/users/17?x=1", "timeout"), of("GET /v2/users/4", "timeout"));
        assert_ne!(of("GET /v2/users/17", "timeout"), of("GET /v1/users/17", "timeout"));
        assert_ne!(of("GET /users", "timeout"), of("GET /users", "refused"));
    }
}
