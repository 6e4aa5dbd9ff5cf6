//! Settings of one repository: `git fetch` brings the records too, and an amended commit keeps its feedback.

use std::process::Command;

use anyhow::{Context, Result};
use factory::storage::repo::Repo;
use factory::storage::{notes, sync};

use super::Step;
use super::manifest::{Manifest, Set};

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
            manifest.settings.push(Set {
                repository: repo.common_dir().to_owned(),
                key: key.clone(),
                value: value.clone(),
            });
            manifest.write()?;
            repo.git(&["config", "--local", "--add", &key, &value])?;
        }
        steps.push(Step::new("set", shown, repo.name()));
    }
    Ok(steps)
}

/// Take back each value that still stands where it was added.
pub fn remove(manifest: &mut Manifest, dry_run: bool) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for set in &manifest.settings {
        let shown = format!("{} = {}", set.key, set.value);
        let place = set.repository.display().to_string();
        let file = set.repository.join("config");
        if !file.exists() {
            steps.push(Step::new("leave", shown, format!("{place} is gone")));
            continue;
        }
        let git = |action: &str| {
            let mut command = Command::new("git");
            command.args(["config", "--file"]).arg(&file).args([
                "--fixed-value",
                action,
                &set.key,
                &set.value,
            ]);
            command.output().context("git config")
        };
        if !git("--get-all")?.status.success() {
            steps.push(Step::new("leave", shown, format!("no longer in {place}")));
            continue;
        }
        if !dry_run && !git("--unset-all")?.status.success() {
            steps.push(Step::new("leave", shown, format!("git could not take it out of {}", file.display())));
            continue;
        }
        steps.push(Step::new("unset", shown, place));
    }
    Ok(steps)
}
