//! Attached files, stored by content: blobs named by SHA-256 in the tree of one reference.

use anyhow::{Result, bail};

use super::notes::retry;
use super::repo::Repo;
use crate::types::hint::Hinted;
use crate::types::id::sha256_hex;

pub const REFERENCE: &str = "refs/factory/evidence";

/// The folder of the list of pieces that were taken out.
pub const PRUNED: &str = "pruned/";

/// The most bytes one piece of evidence may have.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// `ab/<sha256>`: where a piece of evidence lies in the tree.
pub fn path_of(digest: &str) -> String {
    format!("{}/{digest}", digest.get(..2).unwrap_or("xx"))
}

/// Keep pieces, all in one commit; the SHA-256 of each. Keeping one twice keeps it once.
///
/// # Errors
/// More than 10 MB, or a repository that cannot be written.
pub fn put_all(repo: &Repo, pieces: &[&[u8]]) -> Result<Vec<String>> {
    let mut digests = Vec::new();
    let mut files = Vec::new();
    for bytes in pieces {
        if bytes.len() > MAX_BYTES {
            bail!(
                Hinted::usage(format!("evidence of {} bytes is over the limit of {MAX_BYTES}", bytes.len()))
                    .hint("attach an excerpt: tail -c 1000000 FILE > excerpt")
            );
        }
        let digest = sha256_hex(bytes);
        files.push((path_of(&digest), repo.write_blob(bytes)?));
        digests.push(digest);
    }
    if files.is_empty() {
        return Ok(digests);
    }
    retry(REFERENCE, |_| {
        let base = repo.read_ref(REFERENCE)?;
        let old = match base {
            Some(commit) => repo.tree_of(commit)?,
            None => repo.empty_tree()?,
        };
        let new = repo.tree_with(old, &files)?;
        if base.is_some() && new == old {
            return Ok(true);
        }
        let parents: Vec<_> = base.into_iter().collect();
        let commit = repo.write_commit(new, &parents, "Keep evidence")?;
        repo.swap_ref(REFERENCE, commit, base, "keep evidence")
    })?;
    Ok(digests)
}

/// `pruned/ab/<sha256>`: says that the piece was taken out; a union leaves it out.
pub fn pruned_path_of(digest: &str) -> String {
    format!("{PRUNED}{}", path_of(digest))
}

/// The bytes of a piece of evidence; `None` where it is not (or no longer) here.
///
/// # Errors
/// Bytes that do not have the digest they are stored under.
pub fn get(repo: &Repo, digest: &str) -> Result<Option<Vec<u8>>> {
    let Some(commit) = repo.read_ref(REFERENCE)? else { return Ok(None) };
    let Some(bytes) = repo.file_at(commit, &path_of(digest))? else { return Ok(None) };
    if sha256_hex(&bytes) != digest {
        bail!(Hinted::unverified(format!("evidence {digest} has other bytes than its name says")));
    }
    Ok(Some(bytes))
}
