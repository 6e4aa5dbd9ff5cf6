//! A test that failed, as a record: known by its path and by what it said.

use factory::operations::fingerprint::failure::Failure;
use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::panic::{self, Panic};

use super::record::Record;

/// The record of a failed test and what it said: from a panic on, or all of it.
pub fn record(test: &str, said: &str) -> Record {
    let lines: Vec<&str> = said.lines().collect();
    let panic = lines.iter().position(|line| panic::opens(line)).and_then(|from| Panic::read(&lines[from..]));
    let first =
        |text: &str| text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim().to_owned();
    let says = panic.map_or_else(|| first(said), |panic| first(&panic.message));
    let failure = Failure { test: test.to_owned(), said: said.to_owned() };
    Record {
        kind: "test-failure",
        severity: "error",
        title: if says.is_empty() { format!("{test} fails") } else { format!("{test} fails: {says}") },
        fingerprint: failure.fingerprint(),
        body: failure.said.clone(),
        identity: Identity::Failure(failure),
        ..Record::default()
    }
}

/// The part of an output that tells of the failure: a panic, or the error a test returned.
pub fn telling(output: &str) -> Option<&str> {
    let mut at = 0;
    for line in output.split_inclusive('\n') {
        if panic::opens(line) || line.starts_with("Error: ") {
            return Some(&output[at..]);
        }
        at += line.len();
    }
    None
}
