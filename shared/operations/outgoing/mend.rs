//! Taking a secret out of what was never pushed: its lines and pieces are written anew without it, on
//! top of what the remote has, so that no older version goes along.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, bail};

use crate::operations::redacting::{Clean, Redactor};
use crate::storage::repo::{Oid, Repo};
use crate::storage::{evidence, notes, sync};
use crate::types::event::Event;
use crate::types::hint::Hinted;
use crate::types::id::sha256_hex;

/// Write the unpushed lines and pieces anew; how many were changed.
///
/// # Errors
/// Somebody wrote at the same moment; then nothing of that reference was changed.
pub fn mend(repo: &Repo, redactor: &Redactor, remote: &str) -> Result<usize> {
    let renamed = pieces(repo, redactor, remote)?;
    let mut changed = renamed.len();
    for reference in [notes::FEEDBACK, notes::INTENT, notes::SHIP] {
        changed += lines(repo, redactor, remote, reference, &renamed)?;
    }
    Ok(changed)
}

/// The evidence; new digest by old.
fn pieces(repo: &Repo, redactor: &Redactor, remote: &str) -> Result<BTreeMap<String, String>> {
    let mut renamed = BTreeMap::new();
    let Some(here) = repo.read_ref(evidence::REFERENCE)? else { return Ok(renamed) };
    let there = repo.read_ref(&sync::tracking(remote, evidence::REFERENCE))?;
    let pushed: HashSet<String> = match there {
        Some(there) => repo.files_under(there, "")?.into_iter().map(|file| file.path).collect(),
        None => HashSet::new(),
    };
    let (mut add, mut drop) = (Vec::new(), Vec::new());
    for file in repo.files_under(here, "")?.into_iter().filter(|file| !pushed.contains(&file.path)) {
        let bytes = repo.read_blob(file.oid)?;
        let clean = redactor.bytes(&super::unpacked(&bytes).unwrap_or(bytes));
        let old = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        if clean.is_certain() && !file.path.starts_with("pruned/") {
            let new = sha256_hex(clean.get());
            add.push((evidence::path_of(&new), repo.write_blob(clean.get())?));
            drop.push(file.path);
            renamed.insert(old, new);
        }
    }
    let tree = repo.tree_without(repo.tree_with(repo.tree_of(here)?, &add)?, &drop)?;
    swap(repo, evidence::REFERENCE, tree, here, there)?;
    Ok(renamed)
}

/// The lines of one reference; how many were changed.
fn lines(
    repo: &Repo,
    redactor: &Redactor,
    remote: &str,
    reference: &str,
    renamed: &BTreeMap<String, String>,
) -> Result<usize> {
    let Some(here) = repo.read_ref(reference)? else { return Ok(0) };
    let there = repo.read_ref(&sync::tracking(remote, reference))?;
    let mut pushed: HashSet<Vec<u8>> = HashSet::new();
    for (_, blob) in notes::entries(repo, there)? {
        pushed.extend(repo.read_blob(blob)?.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    let mut tree = repo.notes_tree(Some(here))?;
    let mut changed = 0;
    for (annotated, blob) in notes::entries(repo, Some(here))? {
        let old = repo.read_blob(blob)?;
        let mut new: Vec<Vec<u8>> = Vec::new();
        for line in old.split(|byte| *byte == b'\n') {
            let written = if pushed.contains(line) { line.to_vec() } else { clean(redactor, line, renamed) };
            changed += usize::from(written != line);
            new.push(written);
        }
        let new = new.join(&b'\n');
        if new != old {
            tree.set(annotated.parse()?, repo.write_blob(&new)?)?;
        }
    }
    let root = tree.write()?;
    swap(repo, reference, root, here, there)?;
    Ok(changed)
}

/// The line without its secret, naming evidence as it is called now.
fn clean(redactor: &Redactor, line: &[u8], renamed: &BTreeMap<String, String>) -> Vec<u8> {
    let found: Clean<Vec<u8>> = redactor.bytes(line);
    let mut text = match Event::parse(line) {
        _ if !found.is_certain() => String::from_utf8_lossy(line).into_owned(),
        Ok(event) => redactor.event(event).get().line(),
        Err(_) => return found.into_inner(),
    };
    if !found.is_certain() && std::str::from_utf8(line).is_err() {
        return line.to_vec();
    }
    for (old, new) in renamed {
        text = text.replace(old.as_str(), new);
    }
    text.into_bytes()
}

/// One commit on top of what the remote has, in place of everything since; the log of the reference,
/// which would keep the old one alive, begins anew.
fn swap(repo: &Repo, reference: &str, tree: Oid, here: Oid, there: Option<Oid>) -> Result<()> {
    let parents: Vec<Oid> = there.into_iter().collect();
    let commit = repo.write_commit(tree, &parents, "Take out what was redacted")?;
    if !repo.swap_ref(reference, commit, Some(here), "sync: redact")? {
        bail!(
            Hinted::busy(format!("{reference} was written at the same moment")).hint("run the command again")
        );
    }
    repo.git(&["reflog", "expire", "--expire=all", reference])?;
    Ok(())
}
