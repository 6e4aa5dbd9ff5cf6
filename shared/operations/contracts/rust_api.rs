//! `rust-api`: the public interface of a library, as `cargo public-api` lists it, is the one kept in a
//! file (exactly), or offers everything a baseline revision offers.
//!
//! For a baseline, `cargo semver-checks` judges where it is installed; else the listings of both are
//! compared, and what is gone or changed is drift, what is new is not. A tool that fails has said
//! nothing about the interface.

mod tool;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::{Answer, Ground, difference, kept};
use crate::storage::process::Runner;
use tool::{Failed, Tool};

/// What the contract asks for, and where it is looked for.
pub struct Wanted<'w> {
    pub package: Option<&'w str>,
    pub path: Option<&'w str>,
    pub baseline: Option<&'w str>,
    /// Folder of the cargo project.
    pub folder: &'w Path,
    pub target_dir: Option<&'w Path>,
    pub update: bool,
}

/// Makes a folder hold the project as of a revision: its cargo folder, or why there is none.
pub type Baseline<'b> = dyn Fn(&str, &Path) -> Result<Result<std::path::PathBuf, String>> + 'b;

/// # Errors
/// An interrupt, or a file that could not be written.
pub fn answer(ground: &Ground, runner: &Runner, wanted: &Wanted, baseline: &Baseline) -> Result<Answer> {
    if wanted.path.is_none() && wanted.baseline.is_none() {
        return Ok(Answer::unverified("is held against nothing: add `path` or `baseline`"));
    }
    let tool = Tool { runner, package: wanted.package, target_dir: wanted.target_dir };
    if let Some(path) = wanted.path {
        let now = match tool.listing(wanted.folder)? {
            Ok(lines) => lines,
            Err(failed) => return Ok(failed.answer()),
        };
        let answer = kept::against(ground, path, &now, wanted.update)?;
        let (note, revision) = match (answer, wanted.baseline) {
            (Answer::Holds(note), Some(revision)) => (note, revision),
            (answer, _) => return Ok(answer),
        };
        return Ok(since(&tool, wanted, revision, baseline)?.noted(&note));
    }
    match wanted.baseline {
        Some(revision) => since(&tool, wanted, revision, baseline),
        None => Ok(Answer::holds()),
    }
}

fn since(tool: &Tool, wanted: &Wanted, revision: &str, baseline: &Baseline) -> Result<Answer> {
    let scratch = tempfile::tempdir()?;
    let before = match baseline(revision, scratch.path())? {
        Ok(folder) => folder,
        Err(why) => return Ok(Answer::unverified(why)),
    };
    if let Some(answer) = tool.semver(wanted.folder, &before)? {
        return Ok(answer);
    }
    let (before, now) = match (tool.listing(&before)?, tool.listing(wanted.folder)?) {
        (Ok(before), Ok(now)) => (before, now),
        (Err(Failed::Tool { reason, detail }), _) => {
            return Ok(Answer::unverified(format!("{reason}, for {revision}")).detail(detail));
        }
        (Err(failed), _) | (_, Err(failed)) => return Ok(failed.answer()),
    };
    Ok(compared(revision, &before, &now))
}

/// Lines that are gone are drift; a changed line is one that is gone.
fn compared(revision: &str, before: &str, now: &str) -> Answer {
    let (before, now): (BTreeSet<&str>, BTreeSet<&str>) = (before.lines().collect(), now.lines().collect());
    let gone: Vec<String> = before.difference(&now).map(|line| format!("-{line}")).collect();
    let new: Vec<String> = now.difference(&before).map(|line| format!("+{line}")).collect();
    if gone.is_empty() {
        return match new.len() {
            0 => Answer::holds(),
            count => Answer::Holds(format!("{count} items are new since {revision}")),
        };
    }
    let reason = format!("{} items of {revision} are gone or changed", gone.len());
    Answer::drift(reason).detail(difference::shown(&[gone, new].concat().join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_since_the_baseline_is_drift_and_what_is_new_is_not() {
        assert_eq!(compared("v1", "a\nb\n", "a\nb\n"), Answer::holds());
        assert_eq!(compared("v1", "a\n", "a\nb\n"), Answer::Holds("1 items are new since v1".into()));
        let Answer::Drift { reason, detail } = compared("v1", "pub fn a(u8)\nb\n", "pub fn a(u16)\nb\n")
        else {
            panic!()
        };
        assert_eq!(reason, "1 items of v1 are gone or changed");
        assert_eq!(detail, "-pub fn a(u8)\n+pub fn a(u16)");
    }

    #[test]
    fn what_there_was_to_say_of_the_file_is_said_beside_the_baseline() {
        let note = "api.txt is written anew";
        assert_eq!(compared("v1", "a\n", "a\n").noted(note), Answer::Holds(note.into()));
        let both = "api.txt is written anew; 1 items are new since v1";
        assert_eq!(compared("v1", "a\n", "a\nb\n").noted(note), Answer::Holds(both.into()));
        let Answer::Drift { reason, .. } = compared("v1", "a\n", "b\n").noted(note) else { panic!() };
        assert_eq!(reason, "1 items of v1 are gone or changed; api.txt is written anew");
        assert_eq!(Answer::drift("x").noted(""), Answer::drift("x"));
    }
}
