//! Keeping the work of an attempt: a commit on the change's branch, and the record of how it came about.

use anyhow::{Result, bail};
use factory::operations::recording;
use factory::operations::redacting::Redactor;
use factory::storage::notes;
use factory::storage::repo::Oid;
use factory::types::change::Attempt;
use factory::types::hint::Hinted;

use crate::prove::of_intent;

use super::record::{self, branch_of, digest_at};
use super::rounds::{Job, Worked};

/// Commit what was taken, move the branch, and record the attempt.
pub fn keep(job: &Job, worked: &Worked, redactor: &Redactor) -> Result<Attempt> {
    let (repo, slug) = (job.repo, job.intent.slug.as_str());
    let started = &job.worktree.started;
    let base: Oid = started.base.parse()?;
    let mut commit = None;
    if worked.taken.tree != repo.tree_of(base)? {
        let message = format!(
            "{}\n\nIntent: {slug}\nAttempt: {}\nAgent: {}\n",
            job.intent.title, started.attempt, started.agent
        );
        let tree = worked.taken.tree.to_string();
        let made = repo.git(&["commit-tree", &tree, "-p", &started.base, "-m", &message])?;
        commit = Some(made.trim().to_owned());
    }
    let attempt = Attempt {
        id: started.attempt.clone(),
        agent: started.agent.clone(),
        rounds: worked.rounds,
        base: started.base.clone(),
        tree: worked.taken.tree.to_string(),
        commit: commit.clone(),
        brief: worked.brief.clone(),
        intent: digest_at(repo, base, job.intent)?,
        counts: record::count(&worked.reports, worked.problems.len()),
        minutes: (worked.took.as_secs_f64() / 60.0 * 1000.0).round() / 1000.0,
        outside: worked.taken.outside.clone(),
        problems: worked.problems.clone(),
        fired: worked.fired.iter().cloned().collect(),
        boundary: job.runner.boundary().word().to_owned(),
        rationale: worked.closing.clone(),
        ..Attempt::default()
    };
    let (attempt, newest) = record::attempt(
        repo,
        slug,
        attempt,
        &worked.transcript,
        (&worked.reports, &worked.proofs),
        redactor,
    )?;
    if let Some(commit) = commit {
        let made: Oid = commit.parse()?;
        let digest = digest_at(repo, made, job.intent)?;
        let events = of_intent(slug, &digest, Some(&newest), &worked.proofs, redactor);
        let events: Vec<_> = events.into_iter().map(|event| (made, event)).collect();
        recording::append(repo, redactor, notes::INTENT, &events)?;
        let branch = branch_of(slug);
        let old = repo.read_ref(&branch)?;
        if !repo.swap_ref(&branch, commit.parse()?, old, "cargo intent build")? {
            bail!(
                Hinted::busy(format!("{branch} was moved by somebody else"))
                    .hint(format!("git branch -f intent/{slug} {commit}"))
            );
        }
    }
    Ok(attempt)
}
