//! Secrets that came with a change.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use factory::operations::redacting::Redactor;
use factory::storage::repo::{Oid, Repo};

/// Secrets beyond doubt in files of a change that the base does not have there, each as a sentence
/// with its path and kind, without the secret.
pub fn brought<'p>(
    repo: &Repo,
    base: Oid,
    commit: Oid,
    paths: impl Iterator<Item = &'p str>,
) -> Result<Vec<String>> {
    let redactor = Redactor::default().only_certain();
    let mut all = Vec::new();
    for path in paths {
        let after = repo.file_at(commit, path)?.unwrap_or_default();
        let now = counted(&redactor, &after);
        if now.is_empty() {
            continue;
        }
        let before = repo.file_at(base, path)?.unwrap_or_default();
        // One in the place of another leaves the count alone, and stands on a new line.
        let on_new_lines = counted(&redactor, &new_lines(&before, &after));
        let before = counted(&redactor, &before);
        let is_fresh = |kind: &str, count: usize| {
            before.get(kind).is_none_or(|had| count > *had) || on_new_lines.contains_key(kind)
        };
        let fresh = now.iter().filter(|(kind, count)| is_fresh(kind, **count));
        all.extend(fresh.map(|(kind, _)| format!("{path} holds a secret ({kind})")));
    }
    Ok(all)
}

/// How often each kind of certain secret is in these bytes; 0 where it is and cannot be counted.
fn counted(redactor: &Redactor, bytes: &[u8]) -> BTreeMap<String, usize> {
    let redacted = redactor.redact_bytes(bytes);
    let text = String::from_utf8_lossy(&redacted.bytes);
    let certain = redacted.found.into_iter().filter(|found| found.certain);
    certain
        .map(|found| {
            let count = text.matches(&format!("<redacted:{}>", found.kind)).count();
            (found.kind, count)
        })
        .collect()
}

fn new_lines(before: &[u8], after: &[u8]) -> Vec<u8> {
    let had: BTreeSet<&[u8]> = before.split(|byte| *byte == b'\n').collect();
    let new = after.split(|byte| *byte == b'\n').filter(|line| !had.contains(line));
    new.collect::<Vec<_>>().join(&b'\n')
}
