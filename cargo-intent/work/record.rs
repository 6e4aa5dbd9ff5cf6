//! What is remembered of the work on an intent: attempts and decisions, in the notes.

use anyhow::{Context, Result};
use factory::operations::digest::{AtCommit, Digester};
use factory::operations::recording;
use factory::operations::redacting::Redactor;
use factory::storage::repo::{Oid, Repo};
use factory::storage::{evidence, notes};
use factory::types::change::{Attempt, Changes, Counts};
use factory::types::check::{Report, Verdict};
use factory::types::event::{Event, MAX_LINE_BYTES, by_slug};
use factory::types::intent::Intent;
use factory::types::proof::Proof;
use serde_json::{Value, json};

use crate::agent::brief::tail;

/// The most of each list that goes into an event; the rest is counted.
const LISTED: usize = 12;
const LISTED_BYTES: usize = 120;

/// How much of a report's detail is kept.
const DETAIL_BYTES: usize = 4_000;

/// Everything that happened to the changes of `slug`.
pub fn changes(repo: &Repo, slug: &str) -> Result<Changes> {
    let lines = notes::read(repo, notes::INTENT)?;
    Ok(Changes::fold(slug, by_slug(&lines).remove(slug).unwrap_or_default()))
}

/// The digest of an intent as a commit has what it names.
pub fn digest_at(repo: &Repo, at: Oid, intent: &Intent) -> Result<String> {
    Digester::new(&AtCommit::new(repo, at)).digest(intent)
}

/// The name of the branch a change is on.
pub fn branch_of(slug: &str) -> String {
    format!("refs/heads/intent/{slug}")
}

/// What the reports come to; what the attempt itself did wrong counts as findings.
pub fn count(reports: &[Report], problems: usize) -> Counts {
    let count = |wanted: fn(Verdict) -> bool| reports.iter().filter(|r| wanted(r.verdict)).count() as u64;
    Counts {
        passed: count(|verdict| verdict == Verdict::Pass),
        findings: count(Verdict::is_finding) + problems as u64,
        unverified: count(|verdict| verdict == Verdict::Unverified),
        waiting: count(|verdict| verdict == Verdict::Waiting),
    }
}

/// Record an attempt on the commit it concerns, its transcript and reports as redacted evidence; with
/// the id of its event.
pub fn attempt(
    repo: &Repo,
    slug: &str,
    mut attempt: Attempt,
    transcript: &[u8],
    (reports, proofs): (&[Report], &[Proof]),
    redactor: &Redactor,
) -> Result<(Attempt, String)> {
    let kept = redactor.bytes(transcript).tail(evidence::MAX_BYTES);
    let is_empty = kept.get().is_empty();
    let reports = redactor.bytes(reports_json(reports, proofs).to_string().as_bytes());
    let digests = recording::keep(repo, &[kept, reports])?;
    let [transcript, reports] = &digests[..] else { anyhow::bail!("two pieces of evidence went in") };
    attempt.transcript = (!is_empty).then(|| transcript.clone());
    attempt.reports = Some(reports.clone());
    for text in attempt.rationale.iter_mut().chain(&mut attempt.problems).chain(&mut attempt.outside) {
        *text = redactor.redact(text).text;
    }
    attempt.outside = shortened(attempt.outside);
    attempt.problems = shortened(attempt.problems);
    let concerns: Oid = attempt.commit.as_deref().unwrap_or(&attempt.base).parse()?;
    let newest = changes(repo, slug)?.newest;
    let event = fitting(&attempt, slug, newest.as_deref());
    let id = event.id.clone();
    recording::append(repo, redactor, notes::INTENT, &[(concerns, event)])?;
    Ok((attempt, id))
}

/// The reports of an attempt as they were kept.
pub fn kept_reports(repo: &Repo, attempt: &Attempt) -> Result<Option<Vec<Value>>> {
    let Some(digest) = &attempt.reports else { return Ok(None) };
    let Some(bytes) = evidence::get(repo, digest)? else { return Ok(None) };
    let value: Value = serde_json::from_slice(&bytes).with_context(|| format!("evidence {digest}"))?;
    Ok(value.as_array().cloned())
}

/// Reports, each with the proof of its check where there is one.
pub fn reports_json(reports: &[Report], proofs: &[Proof]) -> Value {
    let proven = |report: &Report| {
        proofs.iter().find(|p| p.check == report.check && !report.is_contract).map(Proof::to_json)
    };
    let one = |report: &Report| {
        json!({
            "name": report.name(),
            "check": (!report.is_contract).then_some(&report.check),
            "contract": report.is_contract.then_some(&report.check),
            "case": report.case,
            "verdict": report.verdict.word(),
            "reason": report.reason,
            "detail": tail(&report.detail, DETAIL_BYTES),
            "seconds": report.took.as_secs_f64(),
            "proof": proven(report),
        })
    };
    reports.iter().map(one).collect::<Vec<_>>().into()
}

fn shortened(list: Vec<String>) -> Vec<String> {
    let more = list.len().saturating_sub(LISTED);
    let mut kept: Vec<String> =
        list.iter().take(LISTED).map(|text| text.chars().take(LISTED_BYTES).collect()).collect();
    if more > 0 {
        kept.push(format!("and {more} more"));
    }
    kept
}

/// An event that fits its line: the closing words, which are in the transcript too, give way.
fn fitting(attempt: &Attempt, slug: &str, newest: Option<&str>) -> Event {
    let event = attempt.event(slug, newest);
    if event.line().len() <= MAX_LINE_BYTES {
        return event;
    }
    let short = Attempt {
        rationale: None,
        outside: attempt.outside.iter().take(3).cloned().collect(),
        problems: attempt.problems.iter().take(3).cloned().collect(),
        ..attempt.clone()
    };
    short.event(slug, newest)
}
