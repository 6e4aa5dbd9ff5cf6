//! Tests for plain `cargo test`, written from an intent's fixtures: one test for each example.

mod names;
mod place;
mod render;

use std::path::Path;

use anyhow::Result;
use factory::storage::fs;
use factory::storage::repo::{Oid, Repo};
use factory::types::hint::Hinted;
use factory::types::intent::Intent;

pub use place::{Planned, behind, plan, programs};

/// What the first line of a file of ours begins with; without it a file is somebody else's.
const MARK: &str = "//! Written by `cargo intent build ";

/// Whether a file of this text is ours to write anew.
fn is_ours(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK.as_bytes())
}

/// Write the tests of `intent` into the folder, and remove ours that nothing asks for any more; the
/// paths that changed.
///
/// # Errors
/// A file of the same name that is not ours, or a link on the way to one, named; nothing is written
/// then.
pub fn write(root: &Path, intent: &Intent, planned: &[Planned]) -> Result<Vec<String>> {
    for file in planned {
        if let Some(link) = link_on_the_way(root, &file.path) {
            return Err(Hinted::usage(format!("{link} is a link, and tests are written through none"))
                .hint(format!("make {link} a folder of its own, then the same again"))
                .into());
        }
        if fs::read_if_there(&root.join(&file.path))?.is_some_and(|there| !is_ours(&there)) {
            return Err(Hinted::usage(format!("{} is there already, and nothing of ours", file.path))
                .hint(format!("git mv {} to another name; its tests stay yours", file.path))
                .into());
        }
    }
    let mut changed = Vec::new();
    for file in planned {
        if put(root, file)? {
            changed.push(file.path.clone());
        }
    }
    for path in place::ours(root, &intent.slug)? {
        if !planned.iter().any(|file| file.path == path) {
            fs::remove_file(&root.join(&path))?;
            changed.push(path);
        }
    }
    Ok(changed)
}

/// Put right what is ours in a worktree somebody worked in: these tests say what the intent says,
/// whatever was written into them, and follow its examples. Paths of files that were never written
/// are left alone, and those that `may_write` refuses. What could not be put right is told, a line each.
pub fn refresh(
    root: &Path,
    repo: &Repo,
    base: Oid,
    intent: &Intent,
    may_write: impl Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let name = names::file_name(&intent.slug);
    let in_base = repo.files_under(base, "")?.into_iter().filter(|file| place::is_test(&file.path, &name));
    let mut written = Vec::new();
    for file in in_base {
        if is_ours(&repo.read_blob(file.oid)?) {
            written.push(file.path);
        }
    }
    written.extend(place::ours(root, &intent.slug)?);
    if written.is_empty() {
        return Ok(Vec::new());
    }
    // A manifest that does not read is a finding of the checks, told there.
    let Ok(planned) = plan(root, intent) else { return Ok(Vec::new()) };
    let mut told = Vec::new();
    for file in planned.iter().filter(|file| written.contains(&file.path) && may_write(&file.path)) {
        match link_on_the_way(root, &file.path) {
            Some(link) => told.push(format!("{} was not written anew: {link} is a link", file.path)),
            None => drop(put(root, file)?),
        }
    }
    Ok(told)
}

/// What is a link on the way from the root to this path, itself included: it may lead anywhere.
fn link_on_the_way(root: &Path, path: &str) -> Option<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.map(|end| &path[..end]).find(|step| root.join(step).is_symlink()).map(str::to_owned)
}

/// Write the file where it differs.
fn put(root: &Path, file: &Planned) -> Result<bool> {
    let path = root.join(&file.path);
    if fs::read_if_there(&path)?.is_some_and(|there| there == file.text.as_bytes()) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, &file.text)?;
    Ok(true)
}
