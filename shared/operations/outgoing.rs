//! What would be pushed for the first time, looked through once more: a pushed line is never taken back.

mod mend;

use std::collections::HashSet;

use anyhow::{Result, bail};

use super::filing::attachment::MOST_UNPACKED_BYTES;
use super::redacting::{Redactor, kinds};
use crate::storage::notes::Versions;
use crate::storage::packed::{self, Inside};
use crate::storage::repo::{Oid, Repo};
use crate::storage::{evidence, sync};
use crate::types::event::Event;
use crate::types::hint::Hinted;

pub use mend::{Mended, mend};

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
        if reference == evidence::REFERENCE {
            pieces(repo, redactor, here, there, &mut leaks)?;
        } else {
            lines(repo, redactor, (reference, here, there), &mut leaks)?;
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

fn pieces(
    repo: &Repo,
    redactor: &Redactor,
    here: Oid,
    there: Option<Oid>,
    leaks: &mut Vec<Leak>,
) -> Result<()> {
    for (object, path) in objects(repo, here, there)? {
        let digest = path.rsplit('/').next().unwrap_or(&path);
        let place = format!("evidence {}", digest.get(..12).unwrap_or(digest));
        let bytes = repo.read_blob(object)?;
        let inner = unpacked(&bytes);
        leaks.extend(leak(redactor, evidence::REFERENCE, object, inner.as_deref().unwrap_or(&bytes), || {
            place
        }));
    }
    Ok(())
}

fn lines(
    repo: &Repo,
    redactor: &Redactor,
    (reference, here, there): (&'static str, Oid, Option<Oid>),
    leaks: &mut Vec<Leak>,
) -> Result<()> {
    let mut known: HashSet<Vec<u8>> = HashSet::new();
    let mut versions = Versions::of_files(repo);
    if let Some(there) = there {
        versions.tell(repo.tree_of(there)?, &mut |version| {
            known.extend(version.added().map(<[u8]>::to_vec));
        })?;
    }
    for commit in repo.commits_beyond(here, there)? {
        versions.tell(repo.tree_of(commit)?, &mut |version| {
            for line in version.added() {
                if !known.contains(line) {
                    known.insert(line.to_vec());
                    leaks.extend(leak(redactor, reference, version.blob, line, || place(line)));
                }
            }
        })?;
    }
    if versions.gone > 0 {
        bail!(
            Hinted::outside(format!("{} objects of {reference} cannot be read", versions.gone))
                .hint("git fsck")
        );
    }
    Ok(())
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
