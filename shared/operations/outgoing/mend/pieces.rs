//! Evidence written anew: what loses a secret is called otherwise, and so is what names it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;

use super::{Anew, Renamed, State, note_anew};
use crate::operations::outgoing::unpacked;
use crate::operations::redacting::Redactor;
use crate::storage::repo::{Oid, Repo, TreeFile};
use crate::storage::{evidence, sync};
use crate::types::event::Event;
use crate::types::id::sha256_hex;

/// The tree of the evidence with its unpushed pieces anew; and what is called otherwise. `naming` are the notes.
pub fn anew(
    repo: &Repo,
    redactor: &Redactor,
    remote: &str,
    state: &State,
    naming: &[State],
) -> Result<(Oid, Renamed)> {
    let pushed: HashSet<String> = state.pushed(repo)?.into_iter().map(|file| file.path).collect();
    let mut files = state.files(repo)?;
    files.retain(|file| !pushed.contains(&file.path) && !file.path.starts_with(evidence::PRUNED));
    let batches = batches(repo, naming)?;
    let (batches, single): (Vec<TreeFile>, Vec<TreeFile>) =
        files.into_iter().partition(|file| batches.contains(digest_of(file)));
    let mut work = Work::default();
    for file in single {
        let bytes = repo.read_blob(file.oid)?;
        let clean = redactor.bytes(&unpacked(&bytes).unwrap_or(bytes));
        if clean.is_certain() {
            work.take(repo, &file, clean.get())?;
        }
    }
    // A batch names pieces, and maybe batches: each new name may give others.
    loop {
        let known = work.renamed.clone();
        for file in &batches {
            let old = repo.read_blob(file.oid)?;
            let (mut new, _) = note_anew(redactor, &old, &HashSet::new(), &known);
            let clean = redactor.bytes(&new);
            if clean.is_certain() {
                // It shows only where the lines stand together.
                new = clean.into_inner();
            }
            if new != old {
                work.take(repo, file, &new)?;
            }
        }
        if work.renamed == known {
            break;
        }
    }
    let mut add: Vec<(String, Oid)> = work.written.into_values().collect();
    add.extend(pruned(repo, remote, work.renamed.keys())?);
    let dropped: Vec<String> = work.dropped.into_iter().collect();
    let tree = repo.tree_without(repo.tree_with(state.tree, &add)?, &dropped)?;
    Ok((tree, work.renamed))
}

#[derive(Default)]
struct Work {
    /// Path and blob of what is new, by the path of what it is in place of.
    written: BTreeMap<String, (String, Oid)>,
    dropped: BTreeSet<String>,
    renamed: Renamed,
}

impl Work {
    fn take(&mut self, repo: &Repo, file: &TreeFile, new: &[u8]) -> Result<()> {
        let digest = sha256_hex(new);
        let path = evidence::path_of(&digest);
        if path != file.path {
            self.dropped.insert(file.path.clone());
        }
        self.written.insert(file.path.clone(), (path, repo.write_blob(new)?));
        self.renamed.insert(digest_of(file).to_owned(), Anew { digest, size_bytes: new.len() });
        Ok(())
    }
}

fn digest_of(file: &TreeFile) -> &str {
    file.path.rsplit('/').next().unwrap_or(&file.path)
}

/// Digests of the pieces whose lines are events.
fn batches(repo: &Repo, naming: &[State]) -> Result<HashSet<String>> {
    let mut batches = HashSet::new();
    for state in naming {
        for file in state.files(repo)? {
            for line in repo.read_blob(file.oid)?.split(|byte| *byte == b'\n') {
                // Most lines are no batch, and need not be read for this.
                if memchr::memmem::find(line, b"\"batch\"").is_none() {
                    continue;
                }
                let event = Event::parse(line).ok().filter(|event| event.op == "batch");
                batches.extend(event.and_then(|event| event.text("evidence").map(str::to_owned)));
            }
        }
    }
    Ok(batches)
}

/// The list of what was taken out, so that it does not come back from another remote. Only what such a
/// remote was seen to have is listed: of what nobody has, the digest would help to guess the secret.
fn pruned<'d>(
    repo: &Repo,
    remote: &str,
    digests: impl Iterator<Item = &'d String>,
) -> Result<Vec<(String, Oid)>> {
    let mut elsewhere = HashSet::new();
    for other in repo.remote_names().iter().filter(|other| *other != remote) {
        if let Some(there) = repo.read_ref(&sync::tracking(other, evidence::REFERENCE))? {
            elsewhere.extend(repo.files_under(there, "")?.into_iter().map(|file| file.path));
        }
    }
    let listed = digests.filter(|digest| elsewhere.contains(&evidence::path_of(digest)));
    let listed: Vec<&String> = listed.collect();
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let empty = repo.write_blob(b"")?;
    Ok(listed.into_iter().map(|digest| (evidence::pruned_path_of(digest), empty)).collect())
}
