//! What would be pushed for the first time, looked through once more: a pushed line is never taken back.

mod mend;

use std::collections::HashSet;

use anyhow::Result;

use super::filing::attachment::MOST_UNPACKED_BYTES;
use super::redacting::{Redactor, kinds};
use crate::storage::packed::{self, Inside};
use crate::storage::repo::{Oid, Repo};
use crate::storage::{evidence, sync};
use crate::types::event::Event;

pub use mend::mend;

/// A certain secret in what was never pushed; what it is, never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    pub reference: &'static str,
    /// The object it stands in.
    pub object: String,
    /// `fb-k3v9q2m7xw add`, `a line that is no event`, `evidence 022c5b94c355`.
    pub place: String,
    pub kinds: String,
}

/// Look through all objects, those of older versions too, that `remote` was not seen to have. Each
/// line is looked at once.
pub fn leaks(repo: &Repo, redactor: &Redactor, remote: &str) -> Result<Vec<Leak>> {
    let mut leaks = Vec::new();
    for reference in sync::REFERENCES {
        let Some(here) = repo.read_ref(reference)? else { continue };
        let there = repo.read_ref(&sync::tracking(remote, reference))?;
        if Some(here) == there {
            continue;
        }
        let mut known: HashSet<Vec<u8>> = HashSet::new();
        for file in there.map_or(Ok(Vec::new()), |there| repo.files_under(there, ""))? {
            if reference != evidence::REFERENCE {
                known.extend(repo.read_blob(file.oid)?.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
            }
        }
        for (object, path) in objects(repo, here, there)? {
            let bytes = repo.read_blob(object)?;
            if reference == evidence::REFERENCE {
                let digest = path.rsplit('/').next().unwrap_or(&path);
                let place = format!("evidence {}", digest.get(..12).unwrap_or(digest));
                let inner = unpacked(&bytes);
                leaks.extend(leak(redactor, reference, object, inner.as_deref().unwrap_or(&bytes), || place));
                continue;
            }
            for line in bytes.split(|byte| *byte == b'\n') {
                if known.insert(line.to_vec()) {
                    leaks.extend(leak(redactor, reference, object, line, || place(line)));
                }
            }
        }
    }
    Ok(leaks)
}

/// What is in a compressed piece, which an older version may have kept unopened.
fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    match packed::inside(bytes, MOST_UNPACKED_BYTES) {
        Inside::Unpacked(inner) => Some(inner),
        Inside::Plain | Inside::Closed(_) => None,
    }
}

/// Blobs reachable from `here` and not from `there`, and the path each was met at.
fn objects(repo: &Repo, here: Oid, there: Option<Oid>) -> Result<Vec<(Oid, String)>> {
    let (here, not) = (here.to_string(), there.map(|there| format!("^{there}")));
    let mut args =
        vec!["rev-list", "--objects", "--filter=object:type=blob", "--filter-provided-objects", &here];
    args.extend(not.as_deref());
    let listed = repo.git(&args)?;
    let rows = listed.lines().filter_map(|row| row.split_once(' '));
    rows.map(|(oid, path)| Ok((oid.parse()?, path.to_owned()))).collect()
}

fn leak(
    redactor: &Redactor,
    reference: &'static str,
    object: Oid,
    bytes: &[u8],
    place: impl FnOnce() -> String,
) -> Option<Leak> {
    let mut found = redactor.redact_bytes(bytes).found;
    found.retain(|found| found.certain);
    (!found.is_empty()).then(|| Leak {
        reference,
        object: object.to_string(),
        place: place(),
        kinds: kinds(&found),
    })
}

/// Which line it is, without what it says.
fn place(line: &[u8]) -> String {
    match Event::parse(line) {
        Ok(event) => {
            let subject = event.subject.as_ref().map_or("", |(_, name)| name.as_str());
            format!("{subject} {} ({})", event.op, event.id).trim().to_owned()
        }
        Err(_) => "a line that is no event".to_owned(),
    }
}
