//! Proof: each check is run where it must fail, before it is believed where it passes.
//!
//! On the base commit, a check that hangs on a command is asked with today's fixtures, and one that
//! hangs on a test is compiled apart with today's test target. It must fail there for the reason the
//! intent declares. What cannot be carried there is proven by an edit that must turn it red.

mod added;
mod base;
mod carrying;
mod commands;
mod generated;
mod ground;
mod manifest;
mod mutant;
mod settling;
mod strip;
mod tests;

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::operations::checking::{self, Report, Subject};
use crate::storage::fs;
use crate::storage::repo::{Oid, Repo};
use crate::types::check::Verdict;
use crate::types::hint::Hinted;
use crate::types::intent::{Acceptance, Anchor, Intent};
use crate::types::proof::{Answer, Proof};

pub use base::{left_main, usual};

/// The commit a check must be red on, or why there is none.
pub type Base = Result<Oid, String>;

/// What is to be proven.
pub struct Question<'a> {
    pub repo: &'a Repo,
    /// The checks as they were run where they must pass.
    pub subject: &'a Subject,
    /// The same files as a commit or tree.
    pub head: Oid,
    /// Where checkouts and build folders lie; what is there is reused.
    pub place: &'a Path,
    /// The base of a check, by slug and id.
    pub base_of: &'a dyn Fn(&str, &str) -> Result<Base>,
}

/// One check, with its intent.
#[derive(Clone, Copy)]
struct Asked<'a> {
    intent: &'a Intent,
    check: &'a Acceptance,
}

impl Asked<'_> {
    fn proof(&self, answer: Answer, reason: impl Into<String>) -> Proof {
        Proof::new(&self.intent.slug, &self.check.id, answer, reason)
    }

    fn key(&self) -> (String, String) {
        (self.intent.slug.clone(), self.check.id.clone())
    }
}

/// Prove what `first`, the reports of the subject, say passes. `say` is told what takes time.
/// Nothing outside `place` is written, but for what the checks themselves write.
///
/// # Errors
/// Another proof in the same place; an interrupt; git or cargo missing.
pub fn prove(question: &Question, first: &[Report], say: &dyn Fn(&str)) -> Result<Vec<Proof>> {
    let _lock = claim(question.place)?;
    let asked: Vec<Asked> = question
        .subject
        .intents
        .iter()
        .flat_map(|intent| intent.acceptance.iter().map(move |check| Asked { intent, check }))
        .collect();
    say("a second run, to see whether it differs");
    let second = again(question.subject)?;
    let mut proofs: BTreeMap<(String, String), Proof> = BTreeMap::new();
    let mut groups: BTreeMap<Oid, Vec<Asked>> = BTreeMap::new();
    for one in &asked {
        match before_the_base(one, first, &second) {
            Some(proof) => drop(proofs.insert(one.key(), proof)),
            None => match (question.base_of)(&one.intent.slug, &one.check.id)? {
                Ok(base) => groups.entry(base).or_default().push(*one),
                Err(why) => drop(proofs.insert(one.key(), one.proof(Answer::Unverified, why))),
            },
        }
    }
    for (base, checks) in groups {
        say(&format!("{} check(s) on the base {}", checks.len(), base.short()));
        for (one, proof) in checks.iter().zip(on_base(question, base, &checks)?) {
            proofs.insert(one.key(), proof);
        }
    }
    let passing = |one: &&Asked| before_the_base(one, first, &second).is_none();
    for one in asked.iter().filter(|one| one.check.mutant.is_some()).filter(passing) {
        say(&format!("the mutant of {}/{}", one.intent.slug, one.check.id));
        let mutated = mutant::run(question, one)?;
        if let Some(proof) = proofs.remove(&one.key()) {
            proofs.insert(one.key(), settling::with_mutant(proof, mutated));
        }
    }
    Ok(asked.iter().filter_map(|one| proofs.remove(&one.key())).collect())
}

/// How long a place nobody proves anything in keeps its checkouts and build folders.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Remove what proofs left in `place`, which the next one would use again, once the last one was more
/// than a week ago; whether there was something.
///
/// # Errors
/// What cannot be removed.
pub fn tidy(place: &Path) -> Result<bool> {
    let file = place.join("lock");
    let age = std::fs::metadata(&file).ok().and_then(|found| found.modified().ok()?.elapsed().ok());
    let left: Vec<PathBuf> = LEFT.iter().map(|name| place.join(name)).filter(|path| path.exists()).collect();
    if age.is_none_or(|age| age < KEPT) || left.is_empty() {
        return Ok(false);
    }
    let lock = File::open(&file).with_context(|| file.display().to_string())?;
    if lock.try_lock().is_err() {
        return Ok(false);
    }
    left.iter().try_for_each(|path| fs::remove_dir_all(path))?;
    Ok(true)
}

/// What proofs leave in their place.
const LEFT: [&str; 4] = ["base", "base-target", "copy", "copy-target"];

/// One proof at a time in one place.
fn claim(place: &Path) -> Result<File> {
    fs::create_private_dir(place)?;
    let file = place.join("lock");
    let lock = File::create(&file).with_context(|| file.display().to_string())?;
    match lock.try_lock() {
        Ok(()) => {
            // Its age is that of the last proof.
            lock.set_modified(SystemTime::now()).with_context(|| file.display().to_string())?;
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => {
            bail!(Hinted::busy("another proof of this repository is running").hint("wait for it to end"))
        }
        Err(TryLockError::Error(error)) => Err(error).context(file.display().to_string()),
    }
}

/// Run what was built once more; nothing is asked of what runs elsewhere.
fn again(subject: &Subject) -> Result<Vec<Report>> {
    let runs = |slug: &str, id: &str| {
        let intent = subject.intents.iter().find(|intent| intent.slug == slug);
        let check = intent.and_then(|intent| intent.acceptance.iter().find(|check| check.id == id));
        check.is_some_and(|check| runs(&check.anchor))
    };
    checking::check_only(subject, runs)
}

fn runs(anchor: &Anchor) -> bool {
    matches!(anchor, Anchor::Test { .. } | Anchor::Run(_) | Anchor::Fixtures(_))
}

/// What is known of a check without its base; `None` where it passed twice and is to be asked there.
fn before_the_base(one: &Asked, first: &[Report], second: &[Report]) -> Option<Proof> {
    match &one.check.anchor {
        Anchor::Missing => return Some(one.proof(Answer::Unverified, "it asserts nothing")),
        Anchor::Http(_) => return Some(one.proof(Answer::Waiting, "asked of what runs, not of a commit")),
        Anchor::Signal { .. } => return Some(one.proof(Answer::Waiting, "judged by a canary")),
        Anchor::Inspect { .. } => return Some(one.proof(Answer::Waiting, "a person answers")),
        _ => {}
    }
    let of_check = |report: &&Report| {
        report.slug == one.intent.slug && report.check == one.check.id && !report.is_contract
    };
    // Named from the file alone and never run, so there is no first run to differ from.
    if let Some(report) = first.iter().filter(of_check).find(|r| r.verdict == Verdict::Vacuous) {
        return Some(one.proof(Answer::Vacuous, report.reason.clone()));
    }
    for before in first.iter().filter(of_check) {
        let after = second.iter().find(|report| report.name() == before.name());
        let after = after.map_or(Verdict::Unverified, |report| report.verdict);
        if after != before.verdict {
            let case = before.case.iter().map(|case| format!(" of {case}")).collect::<String>();
            let reason = format!("two runs{case} differ: {}, then {}", before.verdict.word(), after.word());
            return Some(one.proof(Answer::Flaky, reason));
        }
    }
    let verdict = |wanted: Verdict| first.iter().filter(of_check).find(move |r| r.verdict == wanted);
    let other =
        first.iter().filter(of_check).find(|r| !matches!(r.verdict, Verdict::Pass | Verdict::Waiting));
    match (other, verdict(Verdict::Pass)) {
        (None, Some(_)) => None,
        (None, None) => Some(one.proof(Answer::Waiting, "it waits, so there is nothing to prove")),
        (Some(report), _) => {
            let reason = format!(
                "it does not pass here ({}: {}), so there is nothing to prove",
                report.verdict.word(),
                report.reason
            );
            Some(one.proof(Answer::Unverified, reason))
        }
    }
}

/// The proofs of these checks, which all have this base, in their order.
fn on_base(question: &Question, base: Oid, checks: &[Asked]) -> Result<Vec<Proof>> {
    let mut ground = ground::Ground::lay(question, base)?;
    let mut seen: BTreeMap<(String, String), settling::Seen> = BTreeMap::new();
    let (tests, commands): (Vec<Asked>, Vec<Asked>) =
        checks.iter().partition(|one| matches!(one.check.anchor, Anchor::Test { .. }));
    // Commands first: what tests bring along changes what is built.
    for found in [commands::ask(&ground, &commands)?, tests::ask(&mut ground, &tests)?] {
        seen.extend(found);
    }
    let proof = |one: &Asked| match seen.remove(&one.key()) {
        Some(seen) => settling::settle(one, base, seen),
        None => one.proof(Answer::Unverified, "it was not asked"),
    };
    Ok(checks.iter().map(proof).collect())
}
