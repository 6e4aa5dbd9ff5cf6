//! The rounds of an attempt: the agent works, we take the tree, the checks decide, failures go back.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use factory::operations::checking::{self, Subject};
use factory::operations::lessons;
use factory::storage::fs;
use factory::storage::process::Runner;
use factory::storage::repo::{Oid, Repo};
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::check::{Report, Verdict};
use factory::types::id::sha256_hex;
use factory::types::intent::Intent;
use factory::types::lesson::Lesson;
use factory::types::proof::Proof;

use super::fence::Fence;
use super::paths::Rules;
use super::proof;
use super::record::count;
use super::taking::{Taken, differences, take};
use super::worktree::Worktree;
use crate::agent::brief::{Brief, Case, Failure};
use crate::agent::command::limit;
use crate::agent::{Agent, Ran, Task};
use crate::harness;

/// How long an attempt may go on.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    pub rounds: u32,
    pub minutes: f64,
}

/// What is worked on.
pub struct Job<'a> {
    pub repo: &'a Repo,
    pub intent: &'a Intent,
    pub cases: &'a [Case],
    pub worktree: &'a Worktree,
    pub agent: &'a Agent,
    pub runner: Runner,
    /// Why earlier work was rejected.
    pub reasons: Vec<String>,
    /// As the base has them.
    pub lessons: &'a [Lesson],
}

/// What came of it.
pub struct Worked {
    pub rounds: u64,
    pub taken: Taken,
    pub reports: Vec<Report>,
    /// Lessons whose rule caught something in any round.
    pub fired: BTreeSet<String>,
    /// What is proven of the checks; empty where not all of them pass.
    pub proofs: Vec<Proof>,
    /// What the attempt itself did wrong.
    pub problems: Vec<String>,
    pub transcript: Vec<u8>,
    pub closing: Option<String>,
    pub brief: String,
    pub took: Duration,
}

/// Work until everything that can be asked passes, or the budget ends.
pub fn work(job: &Job, budget: Budget, mut failures: Vec<Failure>, output: &Output) -> Result<Worked> {
    let started = Instant::now();
    let rules = Rules::of(job.intent)?;
    let base: Oid = job.worktree.started.base.parse()?;
    let base_tree = job.repo.tree_of(base)?;
    let mut worked = Worked {
        rounds: 0,
        taken: Taken { tree: base_tree, outside: Vec::new(), refused: Vec::new() },
        reports: Vec::new(),
        fired: BTreeSet::new(),
        proofs: Vec::new(),
        problems: Vec::new(),
        transcript: Vec::new(),
        closing: None,
        brief: String::new(),
        took: Duration::ZERO,
    };
    let rounds = if job.agent.can_try_again() { budget.rounds.max(1) } else { 1 };
    for round in 1..=rounds {
        let left = limit(budget.minutes).saturating_sub(started.elapsed());
        if round > 1 && left.is_zero() {
            break;
        }
        worked.rounds = round.into();
        output.note(format!("round {round} of {rounds}: {} begins", safe::line(&job.agent.name)));
        let fence = Fence::of(job.repo)?;
        let ran = run_agent(job, &failures, left, &mut worked)?;
        worked.problems.clear();
        let crossed = fence.crossed(job.repo)?;
        if !crossed.is_empty() {
            // Nothing of git is run on a repository whose settings somebody else chose.
            worked.problems = crossed
                .iter()
                .map(|name| format!(".git/{name} changed while the agent ran; look at it before you run git"))
                .collect();
            break;
        }
        let may_write = |path: &str| rules.refuses(path, true).is_none();
        worked.problems.extend(harness::refresh(&job.worktree.path, job.repo, base, job.intent, may_write)?);
        let before = worked.taken.tree;
        worked.taken = take(job.repo, job.worktree, &rules)?;
        worked.problems.extend(worked.taken.refused.iter().cloned());
        if worked.taken.tree == base_tree {
            worked.reports.clear();
            worked.proofs.clear();
            if worked.problems.is_empty() {
                worked.problems.push(nothing(&worked.taken, &ran));
            }
        } else if worked.taken.tree != before || worked.reports.is_empty() {
            (worked.reports, worked.proofs) = decide(job, worked.taken.tree, output)?;
            worked.fired.extend(lessons::fired(&worked.reports));
        }
        if ran.timed_out {
            worked.problems.push(format!("the agent was ended when its {} ran out", minutes(budget.minutes)));
        }
        let counts = count(&worked.reports, worked.problems.len());
        output.note(format!("round {round} of {rounds}: {}", counts.words()));
        if counts.holds() || ran.timed_out {
            break;
        }
        failures = told(&worked);
    }
    proof::forget(job)?;
    worked.took = started.elapsed();
    Ok(worked)
}

fn run_agent(job: &Job, failures: &[Failure], left: Duration, worked: &mut Worked) -> Result<Ran> {
    let (intent, cases, reasons, lessons) = (job.intent, job.cases, &job.reasons, job.lessons);
    let brief = Brief { intent, cases, failures, reasons, lessons }.markdown();
    let scratch = &job.worktree.scratch;
    let brief_file = scratch.join("brief.md");
    fs::write(&brief_file, &brief)?;
    worked.brief = sha256_hex(brief.as_bytes());
    let task = Task {
        intent: job.intent,
        worktree: &job.worktree.path,
        scratch,
        brief: &brief,
        brief_file: &brief_file,
        limit: left,
    };
    let ran = job.agent.run(job.runner, &task)?;
    if !ran.transcript.is_empty() {
        let title = format!("--- round {}, {} ---\n", worked.rounds, ran.ended);
        worked.transcript.extend_from_slice(title.as_bytes());
        worked.transcript.extend_from_slice(&ran.transcript);
        worked.transcript.push(b'\n');
    }
    worked.closing = ran.closing.clone().or(worked.closing.take());
    Ok(ran)
}

/// Run the checks and the lessons on a clean checkout of `tree`, with a build folder nobody else wrote;
/// and where all of them pass, prove the checks.
fn decide(job: &Job, tree: Oid, output: &Output) -> Result<(Vec<Report>, Vec<Proof>)> {
    let (checkout, target) =
        (job.worktree.scratch.join("decide"), job.worktree.scratch.join("decide-target"));
    forget(&checkout, &target)?;
    job.repo.checkout_tree(tree, &checkout)?;
    let subject = Subject::new(&checkout, vec![job.intent.clone()])
        .target_dir(target.clone())
        .history(job.repo.git_dir())
        .runner(job.runner);
    let decided = checking::check(&subject, |_| {}).and_then(|mut reports| {
        // What the change left as it was is not the agent's to answer for.
        let base: Oid = job.worktree.started.base.parse()?;
        let changed = differences(job.repo, base, tree)?.into_iter().map(|file| file.path).collect();
        let taught = lessons::check(&checkout, job.lessons, Some(&changed))?;
        let proofs = match count(&reports, 0).holds() && count(&taught, 0).holds() {
            true => proof::prove(job, &subject, tree, &mut reports, output)?,
            false => Vec::new(),
        };
        reports.extend(taught);
        Ok((reports, proofs))
    });
    forget(&checkout, &target)?;
    decided
}

fn forget(checkout: &Path, target: &Path) -> Result<()> {
    fs::remove_dir_all(checkout)?;
    fs::remove_dir_all(target)?;
    let index = checkout.with_extension("index");
    if index.exists() { fs::remove_file(&index) } else { Ok(()) }
}

fn nothing(taken: &Taken, ran: &Ran) -> String {
    let ended = if ran.ended.is_empty() { String::new() } else { format!(" ({})", ran.ended) };
    match taken.outside.is_empty() {
        true => format!("the agent changed nothing{ended}"),
        false => format!("nothing that the agent changed is its to change{ended}"),
    }
}

/// What the next round is told.
fn told(worked: &Worked) -> Vec<Failure> {
    let of_attempt = |reason: &String| Failure {
        name: "the work itself".to_owned(),
        reason: reason.clone(),
        detail: String::new(),
    };
    let of_check = |report: &Report| Failure {
        name: report.name(),
        reason: format!("{}: {}", report.verdict.word(), report.reason),
        detail: report.detail.clone(),
    };
    let failed = |report: &&Report| report.verdict.is_finding() || report.verdict == Verdict::Unverified;
    let mut failures: Vec<Failure> = worked.problems.iter().map(of_attempt).collect();
    failures.extend(worked.taken.outside.iter().map(|path| of_attempt(&format!("not taken: {path}"))));
    failures.extend(worked.reports.iter().filter(failed).map(of_check));
    failures
}

fn minutes(minutes: f64) -> String {
    if minutes < 1.0 { format!("{:.0} seconds", minutes * 60.0) } else { format!("{minutes:.0} minutes") }
}
