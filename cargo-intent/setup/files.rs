//! Files of ours in folders of the person: written where nothing of theirs is, removed where unchanged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use factory::storage::fs;
use factory::types::hint::Hinted;
use factory::types::id::sha256_hex;

use super::manifest::{Manifest, Written};
use super::{KEPT, Step};

/// The tools that say themselves what their pages and completions are.
pub const TOOLS: [&str; 3] = ["cargo-intent", "cargo-ship", "git-feedback"];

/// What the tools beside this one make: `man1/cargo-intent.1` and its bytes.
pub fn made() -> Result<BTreeMap<String, Vec<u8>>> {
    let own = std::env::current_exe().context("where this program lies")?;
    let tools = own.parent().context("this program lies in no folder")?;
    let folder = tempfile::tempdir().context("a temporary folder")?;
    for tool in TOOLS {
        let program = tools.join(tool);
        let ran = Command::new(&program).arg("manual").arg("--into").arg(folder.path()).output();
        let said = match ran {
            Ok(output) if output.status.success() => continue,
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        bail!(
            Hinted::outside(format!("{} does not write its manual: {said}", program.display()))
                .hint("install all three together: cargo install --path . --locked")
        );
    }
    let mut made = BTreeMap::new();
    for part in std::fs::read_dir(folder.path())? {
        let part = part?;
        for file in std::fs::read_dir(part.path())? {
            let file = file?;
            let name =
                format!("{}/{}", part.file_name().to_string_lossy(), file.file_name().to_string_lossy());
            made.insert(name, fs::read(&file.path())?);
        }
    }
    Ok(made)
}

/// The files of one part, in the folder they belong into.
pub fn part(made: &BTreeMap<String, Vec<u8>>, part: &str, into: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let of_part =
        made.iter().filter_map(|(name, bytes)| Some((name.strip_prefix(part)?.strip_prefix('/')?, bytes)));
    of_part.map(|(name, bytes)| (into.join(name), bytes.clone())).collect()
}

pub fn install(manifest: &mut Manifest, path: &Path, bytes: &[u8], dry_run: bool) -> Result<Step> {
    let shown = path.display().to_string();
    let place = manifest.files.iter().position(|file| file.path == path);
    let there = fs::read_if_there(path)?;
    let is_ours = match (&there, place) {
        (None, _) => true,
        (Some(there), Some(place)) => manifest.files[place].is(there),
        (Some(_), None) => false,
    };
    if !is_ours {
        return Ok(Step::new("leave", shown, "it is yours, or was changed; move it away to have ours"));
    }
    if there.as_deref() == Some(bytes) {
        return Ok(Step::new("keep", shown, ""));
    }
    if !dry_run {
        if let Some(place) = place {
            manifest.files.remove(place);
        }
        // The file first in the manifest, as it is to be and as it is, then in its place.
        let before = there.as_deref().map(sha256_hex);
        manifest.files.push(Written { path: path.to_owned(), sha256: sha256_hex(bytes), before });
        manifest.write()?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write_atomic(path, bytes)?;
        manifest.files.iter_mut().for_each(|file| file.before = None);
    }
    Ok(Step::new("write", shown, ""))
}

/// Remove what is still as it was written; what could not be removed stays in the manifest.
pub fn remove(manifest: &mut Manifest, dry_run: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    manifest.files.retain(|file| {
        let step = taken_back(file, dry_run);
        let is_kept = step.as_ref().is_some_and(|step| step.verb == KEPT);
        steps.extend(step);
        is_kept
    });
    steps
}

fn taken_back(file: &Written, dry_run: bool) -> Option<Step> {
    let shown = file.path.display().to_string();
    let kept = |error: anyhow::Error| Some(Step::new(KEPT, shown.clone(), format!("{error:#}")));
    match fs::read_if_there(&file.path) {
        Err(error) => kept(error),
        Ok(None) => None,
        Ok(Some(there)) if !file.is(&there) => {
            Some(Step::new("leave", shown, "changed since it was written, so it is yours now"))
        }
        Ok(Some(_)) if dry_run => Some(Step::new("remove", shown, "")),
        Ok(Some(_)) => match fs::remove_file(&file.path) {
            Ok(()) => Some(Step::new("remove", shown, "")),
            Err(error) => kept(error),
        },
    }
}
