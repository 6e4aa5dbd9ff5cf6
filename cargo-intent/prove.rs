//! `cargo intent check --prove`: whether what passes was red before, shown and kept.

use std::collections::BTreeMap;

use anyhow::Result;
use factory::operations::checking::{Report, Subject};
use factory::operations::digest::{AtCommit, Digester};
use factory::operations::filing::ground;
use factory::operations::proving::{self, Base, Question};
use factory::operations::recording;
use factory::operations::redacting::Redactor;
use factory::storage::notes;
use factory::storage::places::Places;
use factory::storage::repo::{Oid, Repo};
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, GOOD, Output, WAIT};
use factory::terminal::safe;
use factory::types::event::{Event, by_slug};
use factory::types::proof::{self, Answer, Proof, Proofs};
use serde_json::Value;

/// How many lines of what was said on the base are shown.
const SHOWN_LINES: usize = 12;

/// Prove the checks of the work tree; `revision` is the base of all of them, where one was named.
pub fn prove(
    repo: &Repo,
    subject: &Subject,
    reports: &[Report],
    revision: Option<&str>,
    output: &Output,
) -> Result<Vec<Proof>> {
    let head = repo.require_head()?;
    let captured = repo.capture_tree(&subject.root, head)?.tree;
    let clean = captured == repo.tree_of(head)?;
    let named = revision.map(|revision| repo.resolve_commit(revision)).transpose()?;
    let left = proving::left_main(repo, head)?;
    let base_of = |slug: &str, check: &str| -> Result<Base> {
        match named {
            Some(base) => Ok(Ok(base)),
            None => proving::usual(repo, head, left, slug, check),
        }
    };
    let place = Places::of(repo)?.state.join("prove");
    let question = Question { repo, subject, head: captured, place: &place, base_of: &base_of };
    let proofs = proving::prove(&question, reports, &|what| output.note(format!("proving: {what} …")))?;
    if clean {
        let redactor = ground::of(repo)?.redactor;
        keep(repo, subject, head, &proofs, &redactor)?;
    } else {
        output.note("the proof is not kept: it hangs on a commit, and the work tree has uncommitted edits");
    }
    Ok(proofs)
}

fn keep(repo: &Repo, subject: &Subject, head: Oid, proofs: &[Proof], redactor: &Redactor) -> Result<()> {
    let lines = notes::read(repo, notes::INTENT)?;
    let (by_slug, committed) = (by_slug(&lines), AtCommit::new(repo, head));
    let digester = Digester::new(&committed);
    let mut events = Vec::new();
    for intent in &subject.intents {
        let newest = by_slug.get(intent.slug.as_str()).and_then(|events| events.last());
        let newest = newest.map(|event| event.id.as_str());
        events.extend(of_intent(&intent.slug, &digester.digest(intent)?, newest, proofs, redactor));
    }
    let events: Vec<_> = events.into_iter().map(|event| (head, event)).collect();
    recording::append(repo, redactor, notes::INTENT, &events)
}

/// The events that keep the proofs of one intent, after the `newest` about it; they belong on the
/// commit they were asked of.
pub fn of_intent(
    slug: &str,
    digest: &str,
    newest: Option<&str>,
    proofs: &[Proof],
    redactor: &Redactor,
) -> Vec<Event> {
    let redacted = |proof: &Proof| Proof { reason: redactor.redact(&proof.reason).text, ..proof.clone() };
    let own: Vec<Proof> = proofs.iter().filter(|proof| proof.slug == slug).map(redacted).collect();
    if own.is_empty() { Vec::new() } else { proof::events(slug, digest, &own, newest) }
}

/// One line for each proof, and what was said where it is no proof.
pub fn print(proofs: &[Proof], output: &Output) {
    for proof in proofs {
        let mut text = format!("{}  {}  {}\n", word(proof, output), safe::line(&proof.name()), words(proof));
        if proof.answer != Answer::Proven {
            for line in proof.detail.lines().take(SHOWN_LINES) {
                text.push_str(&format!("    {}\n", safe::line(line)));
            }
        }
        output.raw(text.as_bytes());
    }
}

fn words(proof: &Proof) -> String {
    safe::line(&proof.words()).into_owned()
}

fn word(proof: &Proof, output: &Output) -> String {
    let style = match proof.answer {
        Answer::Proven | Answer::Held => GOOD,
        Answer::Unverified | Answer::Waiting => WAIT,
        _ => BAD,
    };
    output.paint(style, &format!("{:<10}", proof.answer.word()))
}

/// Counts of the answers, as the summary says them.
pub fn counts(proofs: &[Proof]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for proof in proofs {
        *counts.entry(proof.answer.word()).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    if parts.is_empty() { "nothing to prove".to_owned() } else { parts.join(", ") }
}

/// Make room where nothing was proven for long.
pub fn tidy(repo: &Repo, output: &Output) -> Result<()> {
    let place = Places::of(repo)?.state.join("prove");
    if proving::tidy(&place)? {
        output.note("build folders of proofs more than a week ago are removed");
    }
    Ok(())
}

/// The worst wins; what waits leaves the code alone unless `strict`.
pub fn exit(proofs: &[Proof], strict: bool) -> Exit {
    let of_proof = |proof: &Proof| match proof.answer {
        Answer::Proven | Answer::Held => Exit::Holds,
        Answer::Waiting if !strict => Exit::Holds,
        Answer::Waiting | Answer::Unverified => Exit::Unverified,
        Answer::Vacuous | Answer::Flaky | Answer::Fail => Exit::Finding,
    };
    proofs.iter().map(of_proof).max().unwrap_or(Exit::Holds)
}

pub fn to_json(proofs: &[Proof]) -> Value {
    let one = |proof: &Proof| {
        let mut object = proof.to_json();
        object.shift_insert(0, "slug".to_owned(), proof.slug.clone().into());
        object.insert("detail".to_owned(), proof.detail.clone().into());
        Value::Object(object)
    };
    proofs.iter().map(one).collect::<Vec<_>>().into()
}

/// What is proven of the checks of the intent with this digest.
pub fn known(repo: &Repo, slug: &str, digest: &str) -> Result<Proofs> {
    let lines = notes::read(repo, notes::INTENT)?;
    Ok(proof::fold(slug, digest, by_slug(&lines).remove(slug).unwrap_or_default()))
}

/// What is known of an intent's checks, for `show`: a name and what was seen; or one line that says
/// that it is stale.
pub fn rows(proofs: &Proofs, slug: &str) -> Vec<(String, String)> {
    if proofs.stale {
        let reason = format!("stale: something it depends on changed; cargo intent check {slug} --prove");
        return vec![("proof".to_owned(), reason)];
    }
    let row = |proof: &Proof| (proof.check.clone(), format!("{}  {}", proof.answer.word(), proof.words()));
    proofs.current.iter().map(row).collect()
}
