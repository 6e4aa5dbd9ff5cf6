//! The union of two values of a reference: of notes by line, of evidence by piece.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;

use crate::storage::evidence;
use crate::storage::notes::{annotated, lines};
use crate::storage::repo::{Oid, Repo};
use crate::types::id::sha256_hex;

/// How many lines, or pieces of evidence, only one side had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub received: usize,
    pub sent: usize,
}

/// A commit that holds all of both, and what either lacked. Where one side lies in the history of the
/// other it is that other; else a commit with both as parents, so that pushing it is a fast-forward.
pub fn of(repo: &Repo, reference: &str, ours: Option<Oid>, theirs: Option<Oid>) -> Result<(Oid, Difference)> {
    let old = side(repo, reference, ours)?;
    let new = side(repo, reference, theirs)?;
    let difference = Difference { received: only_in(&new, &old), sent: only_in(&old, &new) };
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (Some(one), None) | (None, Some(one)) => return Ok((one, difference)),
        (None, None) => anyhow::bail!("{reference} is on neither side"),
    };
    if repo.is_ancestor(theirs, ours)? {
        return Ok((ours, difference));
    }
    if repo.is_ancestor(ours, theirs)? {
        return Ok((theirs, difference));
    }
    let tree = match reference {
        evidence::REFERENCE => evidence_tree(repo, ours, theirs)?,
        _ => notes_tree(repo, ours, theirs)?,
    };
    let commit = repo.write_commit(tree, &[ours, theirs], "Unite with what others wrote")?;
    Ok((commit, difference))
}

/// Blob by path of one side.
type Side = BTreeMap<String, BTreeSet<Vec<u8>>>;

/// What one side holds: for notes the lines of each annotated object, for evidence the pieces.
fn side(repo: &Repo, reference: &str, at: Option<Oid>) -> Result<Side> {
    let mut side = Side::new();
    let Some(at) = at else { return Ok(side) };
    for file in repo.files_under(at, "")? {
        if reference == evidence::REFERENCE {
            side.insert(file.path, BTreeSet::from([Vec::new()]));
            continue;
        }
        let name = annotated(&file.path).map_or(file.path, |object| object.to_string());
        let bytes = repo.read_blob(file.oid)?;
        side.entry(name).or_default().extend(lines(&bytes).map(<[u8]>::to_vec));
    }
    Ok(side)
}

fn only_in(a: &Side, b: &Side) -> usize {
    let none = BTreeSet::new();
    a.iter().map(|(name, lines)| lines.difference(b.get(name).unwrap_or(&none)).count()).sum()
}

fn notes_tree(repo: &Repo, ours: Oid, theirs: Oid) -> Result<Oid> {
    let mut tree = repo.notes_tree(Some(ours))?;
    let mut others = Vec::new();
    for file in repo.files_under(theirs, "")? {
        let Some(annotated) = annotated(&file.path) else {
            others.push((file.path, file.oid));
            continue;
        };
        match tree.get(annotated)? {
            Some(mine) if mine == file.oid => {}
            Some(mine) => {
                let united = unite_notes(&repo.read_blob(mine)?, &repo.read_blob(file.oid)?);
                tree.set(annotated, repo.write_blob(&united)?)?;
            }
            None => tree.set(annotated, file.oid)?,
        }
    }
    let root = tree.write()?;
    // Files that are no notes: whoever put them there may want them.
    let mine: HashSet<String> = repo.files_under(ours, "")?.into_iter().map(|file| file.path).collect();
    others.retain(|(path, _)| !mine.contains(path));
    if others.is_empty() { Ok(root) } else { repo.tree_with(root, &others) }
}

/// Every line of both, each once. Events are sorted; a note somebody wrote into by hand keeps its
/// order and gets what is new behind it.
pub fn unite_notes(ours: &[u8], theirs: &[u8]) -> Vec<u8> {
    let mut all: Vec<&[u8]> = ours.strip_suffix(b"\n").unwrap_or(ours).split(|byte| *byte == b'\n').collect();
    let known: HashSet<&[u8]> = all.iter().copied().collect();
    let mut new = HashSet::new();
    all.extend(lines(theirs).filter(|line| !known.contains(line) && new.insert(*line)));
    all.retain(|line| !line.is_empty() || !ours.is_empty());
    if all.iter().all(|line| line.starts_with(b"{\"id\":\"")) {
        all.sort_unstable();
        all.dedup();
    }
    let mut bytes = all.join(&b'\n');
    bytes.push(b'\n');
    bytes
}

/// The pieces of both, without those that either side has pruned.
fn evidence_tree(repo: &Repo, ours: Oid, theirs: Oid) -> Result<Oid> {
    let mut mine: BTreeMap<String, Oid> = BTreeMap::new();
    for file in repo.files_under(ours, "")? {
        mine.insert(file.path, file.oid);
    }
    let mut add = Vec::new();
    for file in repo.files_under(theirs, "")? {
        match mine.get(&file.path) {
            Some(have) if *have == file.oid => continue,
            // Under one name the bytes that have it stay.
            Some(have) if is_named_so(repo, &file.path, *have)? => continue,
            _ => {}
        }
        mine.insert(file.path.clone(), file.oid);
        add.push((file.path, file.oid));
    }
    let united = repo.tree_with(repo.tree_of(ours)?, &add)?;
    let pruned: Vec<String> = mine
        .keys()
        .filter_map(|path| path.strip_prefix(evidence::PRUNED))
        .filter_map(|path| path.rsplit('/').next())
        .map(evidence::path_of)
        .filter(|path| mine.contains_key(path))
        .collect();
    repo.tree_without(united, &pruned)
}

fn is_named_so(repo: &Repo, path: &str, blob: Oid) -> Result<bool> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(path.starts_with(evidence::PRUNED) || sha256_hex(&repo.read_blob(blob)?) == name)
}

#[cfg(test)]
mod tests {
    use super::unite_notes;

    #[test]
    fn events_are_united_sorted_and_once() {
        let (a, b, c) = (&b"{\"id\":\"01A\"}\n"[..], &b"{\"id\":\"01B\"}\n"[..], &b"{\"id\":\"01C\"}\n"[..]);
        let (ours, theirs) = ([a, c].concat(), [b, c].concat());
        assert_eq!(unite_notes(&ours, &theirs), [a, b, c].concat());
        assert_eq!(unite_notes(&theirs, &ours), [a, b, c].concat());
        assert_eq!(unite_notes(b"", a), a);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_kept_on_either_side() {
        assert_eq!(unite_notes(b"zz\xff\n\nb", b"aa\xfe\nb\n"), b"zz\xff\n\nb\naa\xfe\n");
    }
}
