//! Proof of what an attempt made: against the commit it began from.

use anyhow::Result;
use factory::operations::checking::{Report, Subject, cases};
use factory::operations::digest::{AtCommit, Digester, Entries};
use factory::operations::proving::{self, Question};
use factory::storage::fs;
use factory::storage::repo::Oid;
use factory::terminal::output::Output;
use factory::types::change::Decision;
use factory::types::check::Verdict;
use factory::types::intent::{Acceptance, Anchor, Intent};
use factory::types::proof::{Answer, Proof};

use super::record::changes;
use super::rounds::Job;

/// Prove the checks of `tree`, which passed, and put what is found into their reports.
pub fn prove(
    job: &Job,
    subject: &Subject,
    tree: Oid,
    reports: &mut [Report],
    output: &Output,
) -> Result<Vec<Proof>> {
    let base: Oid = job.worktree.started.base.parse()?;
    let place = job.worktree.scratch.join("prove");
    let question =
        Question { repo: job.repo, subject, head: tree, place: &place, base_of: &|_, _| Ok(Ok(base)) };
    let mut proofs = proving::prove(&question, reports, &|what| output.note(format!("proving: {what} …")))?;
    held_before(job, subject, tree, &mut proofs)?;
    for proof in proofs.iter().filter(|proof| proof.answer.is_finding()) {
        for report in reports.iter_mut().filter(|report| report.check == proof.check && !report.is_contract) {
            report.verdict = match proof.answer {
                Answer::Flaky => Verdict::Flaky,
                Answer::Vacuous => Verdict::Vacuous,
                _ => Verdict::Fail,
            };
            report.reason = proof.reason.clone();
        }
    }
    Ok(proofs)
}

/// Remove the checkouts and builds of proofs.
pub fn forget(job: &Job) -> Result<()> {
    fs::remove_dir_all(&job.worktree.scratch.join("prove"))
}

/// What an accepted change brought passes on every later base: a check that was not edited since then
/// is not blamed for it.
fn held_before(job: &Job, subject: &Subject, tree: Oid, proofs: &mut [Proof]) -> Result<()> {
    if proofs.iter().all(|proof| proof.answer != Answer::Vacuous) {
        return Ok(());
    }
    let past = changes(job.repo, &job.intent.slug)?;
    let accepted = past.attempts.iter().rev().find_map(|(_, decision)| match decision {
        Some(Decision::Accepted { commit }) => Some(commit.as_str()),
        _ => None,
    });
    let Some(accepted) = accepted.and_then(|commit| commit.parse::<Oid>().ok()) else { return Ok(()) };
    // A commit that a shallow or rewritten history lost says nothing.
    if !job.repo.has(accepted) {
        return Ok(());
    }
    let found = factory::storage::intents::all_at(job.repo, accepted)?;
    let then =
        found.into_iter().find(|found| found.slug == job.intent.slug).and_then(|found| found.read.ok());
    let Some(then) = then.map(|parsed| parsed.intent) else { return Ok(()) };
    let entries = |at: Oid, intent: &Intent| Digester::new(&AtCommit::new(job.repo, at)).entries(intent);
    let (before, now) = (entries(accepted, &then)?, entries(tree, job.intent)?);
    for proof in proofs.iter_mut().filter(|proof| proof.answer == Answer::Vacuous) {
        let check = job.intent.acceptance.iter().find(|check| check.id == proof.check);
        let Some(check) = check.filter(|_| proof.mutants.is_none()) else { continue };
        if own(subject, job.intent, check, &before)? == own(subject, job.intent, check, &now)? {
            proof.answer = Answer::Held;
            proof.reason = "held before this change".to_owned();
        }
    }
    Ok(())
}

/// What the digest holds of one check: its keys, its test, the fixtures it runs on.
fn own(subject: &Subject, intent: &Intent, check: &Acceptance, all: &Entries) -> Result<Entries> {
    let mut prefixes = vec![format!("acceptance/{}/", check.id)];
    if let Anchor::Fixtures(fixtures) = &check.anchor {
        let cases = cases(&subject.root, intent, fixtures)?;
        prefixes.extend(cases.into_iter().map(|case| format!("fixture/{}/", case.name)));
    }
    let of_check = |path: &&String| prefixes.iter().any(|prefix| path.starts_with(prefix));
    Ok(all
        .iter()
        .filter(|(path, _)| of_check(path))
        .map(|(path, value)| (path.clone(), value.clone()))
        .collect())
}
