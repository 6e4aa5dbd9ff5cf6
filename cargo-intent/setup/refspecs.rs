//! Settings of one repository: `git fetch` brings the records too, and an amended commit keeps its feedback.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result};
use factory::storage::repo::Repo;
use factory::storage::{notes, sync};

use super::manifest::{Manifest, Set};
use super::{KEPT, Step};

/// Values to add for each remote. The star is there because git fails where a reference without one
/// is not on the remote. No push settings: they would take the place of what plain `git push` does.
fn wanted(repo: &Repo) -> Vec<(String, String)> {
    let mut wanted = Vec::new();
    for remote in repo.remote_names() {
        for reference in sync::REFERENCES {
            let value = format!("+{reference}*:{}*", sync::tracking(&remote, reference));
            wanted.push((format!("remote.{remote}.fetch"), value));
        }
    }
    if !wanted.is_empty() {
        // Feedback alone: an amended commit must not look approved or released.
        wanted.push(("notes.rewriteRef".to_owned(), notes::FEEDBACK.to_owned()));
    }
    wanted
}

/// How many of them the repository has not.
pub fn missing(repo: &Repo) -> usize {
    wanted(repo).iter().filter(|(key, value)| !has(repo, key, value)).count()
}

fn has(repo: &Repo, key: &str, value: &str) -> bool {
    let there = repo.git(&["config", "--local", "--get-all", key]).unwrap_or_default();
    there.lines().any(|line| line == value)
}

pub fn install(manifest: &mut Manifest, repo: &Repo, dry_run: bool) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (key, value) in wanted(repo) {
        let shown = format!("{key} = {value}");
        if has(repo, &key, &value) {
            steps.push(Step::new("keep", shown, ""));
            continue;
        }
        if !dry_run {
            let set =
                Set { repository: repo.common_dir().to_owned(), key: key.clone(), value: value.clone() };
            // One that is written down already was to be set when something ended it.
            manifest.settings.retain(|known| *known != set);
            manifest.settings.push(set);
            manifest.write()?;
            repo.git(&["config", "--local", "--add", &key, &value])?;
        }
        steps.push(Step::new("set", shown, repo.name()));
    }
    Ok(steps)
}

/// Take back each value that still stands where it was added; what could not be taken out stays in
/// the manifest.
pub fn remove(manifest: &mut Manifest, dry_run: bool) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let mut kept = Vec::new();
    for set in std::mem::take(&mut manifest.settings) {
        let step = taken_out(&set, dry_run)?;
        if step.verb == KEPT {
            kept.push(set);
        }
        steps.push(step);
    }
    manifest.settings = kept;
    Ok(steps)
}

fn taken_out(set: &Set, dry_run: bool) -> Result<Step> {
    let shown = format!("{} = {}", set.key, set.value);
    let place = set.repository.display().to_string();
    let file = set.repository.join("config");
    if !file.exists() {
        // A disk that is not here takes the folders around the repository along.
        let around = set.repository.ancestors().nth(2);
        return Ok(match around.is_some_and(Path::exists) {
            true => Step::new("leave", shown, format!("{place} is gone")),
            false => Step::new(KEPT, shown, format!("{place} is not here")),
        });
    }
    let git = |action: &str| {
        let mut command = Command::new("git");
        command.args(["config", "--file"]).arg(&file);
        command.args(["--fixed-value", action, &set.key, &set.value]).output().context("git config")
    };
    let failed = |output: &Output| {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("git config failed").to_owned();
        Ok(Step::new(KEPT, shown.clone(), format!("git could not take it out of {}: {said}", file.display())))
    };
    let found = git("--get-all")?;
    match found.status.code() {
        Some(0) => {}
        // Git's code for a value that is not there.
        Some(1) => return Ok(Step::new("leave", shown, format!("no longer in {place}"))),
        _ => return failed(&found),
    }
    if !dry_run {
        let unset = git("--unset-all")?;
        if !unset.status.success() {
            return failed(&unset);
        }
    }
    Ok(Step::new("unset", shown, place))
}
