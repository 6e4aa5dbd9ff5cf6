//! Checks that hang on an HTTP request: asked of what runs, where an address was given.

use std::time::Duration;

use anyhow::Result;

use super::{Finding, Subject};
use crate::operations::asking;
use crate::storage::fs;
use crate::storage::http::ask;
use crate::types::check::Verdict;
use crate::types::hint::{Hinted, Trouble};
use crate::types::intent::Http;

pub fn find(subject: &Subject, http: &Http, limit: Duration) -> Result<Finding> {
    let Some(url) = &subject.url else {
        return Ok(Finding::new(Verdict::Waiting, "nothing is running to ask; give one with --url"));
    };
    if http.schema.is_some() {
        let reason = "the answer cannot be held against `schema` yet; nothing was asked";
        return Ok(Finding::new(Verdict::Unverified, reason));
    }
    let body = match &http.body {
        Some(body) if is_path(body) => {
            let file = fs::read_if_there(&subject.root.join(body))?;
            Some(file.unwrap_or_else(|| body.as_bytes().to_owned()))
        }
        Some(body) => Some(body.as_bytes().to_owned()),
        None => None,
    };
    match ask(url, http, body.as_deref(), limit) {
        Ok(answer) => Ok(match asking::judge(http, &answer) {
            Ok(()) => Finding::new(Verdict::Pass, String::new()),
            Err(why) => Finding::new(Verdict::Fail, why),
        }
        .took(answer.took)),
        Err(error) if is_usage(&error) => Err(error),
        Err(error) => Ok(Finding::new(Verdict::Fail, format!("{error:#}"))),
    }
}

/// A text that may name a file inside the root.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(['\n', '\0'])
        && !text.starts_with('/')
        && text.split('/').all(|part| part != "..")
}

/// An address that is none is the caller's mistake, not the check's.
fn is_usage(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Hinted>().is_some_and(|hinted| hinted.trouble == Trouble::Usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_inside_the_root_is_read_as_a_file() {
        assert!(is_path("requests/one.json") && is_path("{}"));
        assert!(!is_path("../secret") && !is_path("/etc/passwd") && !is_path("a\nb"));
    }
}
