//! Checks that hang on an HTTP request: asked of what runs, where an address was given.

use std::time::Duration;

use anyhow::Result;

use super::held::told;
use super::{Finding, SHOWN_LINES, Subject};
use crate::operations::asking;
use crate::operations::contracts::MOST_BYTES;
use crate::operations::contracts::json_schema::Schema;
use crate::operations::contracts::json_schema::json::{self, NotRead};
use crate::storage::http::ask;
use crate::storage::inside::{Inside, Refused};
use crate::types::check::Verdict;
use crate::types::hint::{Hinted, Trouble};
use crate::types::intent::Http;

pub fn find(subject: &Subject, http: &Http, limit: Duration) -> Result<Finding> {
    let Some(url) = &subject.url else {
        return Ok(Finding::new(Verdict::Waiting, "nothing is running to ask; give one with --url"));
    };
    let schema = match &http.schema {
        None => None,
        Some(path) => match Schema::of_folder(&subject.root, path)? {
            Ok(schema) => Some(schema),
            Err(answer) => return Ok(told(answer)),
        },
    };
    let body = match &http.body {
        Some(body) if is_path(body) => {
            let inside = Inside::open(&subject.root)?;
            let unverified = |why| Ok(Finding::new(Verdict::Unverified, format!("its body: {why}")));
            match (inside.read(body, MOST_BYTES), inside.linked(body)) {
                (Ok(_), Some(why)) => return unverified(why),
                (Ok(bytes), None) => Some(bytes),
                (Err(Refused::Gone), _) => Some(body.as_bytes().to_owned()),
                (Err(refused), _) => return unverified(format!("{body} {refused}")),
            }
        }
        Some(body) => Some(body.as_bytes().to_owned()),
        None => None,
    };
    match ask(url, http, body.as_deref(), limit) {
        Ok(answer) => {
            let judged = asking::judge(http, &answer).map_err(|why| Finding::new(Verdict::Fail, why));
            let held = judged.and_then(|()| satisfies(schema.as_ref(), http, &answer.body));
            let finding = held.err().unwrap_or_else(|| Finding::new(Verdict::Pass, String::new()));
            Ok(finding.took(answer.took))
        }
        Err(error) if is_usage(&error) => Err(error),
        Err(error) => Ok(Finding::new(Verdict::Fail, format!("{error:#}"))),
    }
}

/// Hold the answer's body against the schema the check names.
fn satisfies(schema: Option<&Schema>, http: &Http, body: &[u8]) -> Result<(), Finding> {
    let (Some(schema), Some(path)) = (schema, &http.schema) else { return Ok(()) };
    let value = json::read(body).map_err(|why| {
        let verdict = if why == NotRead::TooDeep { Verdict::Unverified } else { Verdict::Fail };
        Finding::new(verdict, format!("the answer {why}"))
    })?;
    let violations: Vec<String> = schema.violations(&value).take(SHOWN_LINES).collect();
    match violations.is_empty() {
        true => Ok(()),
        false => {
            let why = format!("the answer does not satisfy {path}: {}", violations.join("; "));
            Err(Finding::new(Verdict::Fail, why))
        }
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
