//! What happened while nobody watched: the edge's journal into the notes, ended releases settled.
//!
//! Every command of `cargo ship` begins with this, so that a canary which ended with the laptop closed
//! is recorded, closes its items or files one, whichever command comes next.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use factory::operations::filing::ground;
use factory::operations::recording;
use factory::operations::releases;
use factory::storage::repo::Oid;
use factory::storage::{evidence, fs, journal};
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::release::{Phase, Release};
use serde_json::Value;

use super::drive::settle;
use super::lock::{self, EnvironmentLock};
use super::record;
use crate::context::Context;
use crate::rollout::service;

/// Records of the edge that stay in its journal: what was counted, second by second.
const COUNTED: [&str; 2] = ["tick", "watched"];

/// Bring the record up to what happened, and settle what ended. What cannot be recorded now is said
/// and left to the next command: taking a release out must not wait for its record.
pub fn run(context: &Context, _lock: &EnvironmentLock, output: &Output) -> Result<()> {
    tell(output, published_now(context, output));
    let ended = ended(context)?;
    tell(output, ended.iter().try_for_each(|release| settled(context, release, output)));
    Ok(())
}

/// The same for a command that only looks: while a ship holds the lock, settling is that ship's.
pub fn look(context: &Context, output: &Output) -> Result<()> {
    tell(output, published_now(context, output));
    if !ended(context)?.is_empty()
        && let Some(lock) = lock::take_if_free(context)?
    {
        run(context, &lock, output)?;
    }
    Ok(())
}

fn published_now(context: &Context, output: &Output) -> Result<()> {
    service::publish(context)?.iter().for_each(|remark| output.warn(remark));
    Ok(())
}

fn tell(output: &Output, result: Result<()>) {
    if let Err(error) = result {
        output.warn(format!("what happened since the last look could not be recorded: {error:#}"));
    }
}

/// Releases of this environment that ended and whose journal is still open.
fn ended(context: &Context) -> Result<Vec<Release>> {
    let journals = releases::open_journals(&context.places.common)?;
    if journals.is_empty() {
        return Ok(Vec::new());
    }
    // A rollback under way keeps its journal until `resume` has finished it.
    let rollback = record::open_rollback(&context.places, &context.environment)?.map(|(to, _)| to);
    let mut releases = context.here()?;
    releases.retain(|release| {
        journals.iter().any(|(name, _)| *name == release.id && rollback.as_ref() != Some(name))
            && release.phase.is_some_and(Phase::is_over)
    });
    Ok(releases)
}

fn settled(context: &Context, release: &Release, output: &Output) -> Result<()> {
    let ended = settle(context, &release.id)?;
    output.note(format!("{} ended as {} since the last look", release.id, release.phase_word()));
    for item in ended.closed {
        output.note(format!("{item} closed: its check is green in {}", release.id));
    }
    if let Some(item) = ended.filed {
        output.note(format!("filed {item}: git feedback show {item}"));
    }
    Ok(())
}

/// Publish the records of an edge's journal that are not in the notes yet. Ticks are many: they go
/// into one piece of evidence for each release that has ended. The number of the last record that is in
/// the notes, and what a person should know.
pub fn publish_edge(context: &Context, path: &Path) -> Result<(Option<u64>, Vec<String>)> {
    let marker = path.with_extension("published");
    let (published, seen_bytes) = published(&marker)?;
    let nothing = (None, Vec::new());
    let Ok(found) = std::fs::metadata(path) else { return Ok(nothing) };
    if found.len() == seen_bytes {
        return Ok(nothing);
    }
    let records = journal::read(path)?.records;
    let last = records.iter().filter_map(number).max().unwrap_or(0);
    let mark = |last: u64| fs::write_atomic(&marker, format!("{last} {}", found.len()).as_bytes());
    if last <= published {
        // It was trimmed.
        mark(published)?;
        return Ok(nothing);
    }
    let commits = commits(context)?;
    let mut events: Vec<(Oid, Event)> = Vec::new();
    for record in records.iter().filter(|record| number(record).is_some_and(|n| n > published)) {
        let Value::Object(fields) = record else { continue };
        let Ok(event) = Event::from_object(fields.clone()) else { continue };
        let Some((SubjectKind::Release, release)) = &event.subject else { continue };
        let Some(commit) = commits.get(release).filter(|_| !COUNTED.contains(&event.op.as_str())) else {
            continue;
        };
        if Phase::from_word(&event.op).is_some_and(Phase::is_over) {
            let ticks = ticks(context, &records, release, &event)?;
            events.extend(ticks.into_iter().map(|ticks| (*commit, ticks)));
        }
        events.push((*commit, record::told(&context.repo, event)?));
    }
    let remarks = events.iter().filter_map(|(_, event)| untold(event)).collect();
    record::append(&context.repo, events)?;
    mark(last)?;
    Ok((Some(last), remarks))
}

/// That somebody was to be told and was not.
fn untold(event: &Event) -> Option<String> {
    let trouble = event.text("trouble").filter(|_| event.op == "notified")?;
    let (_, release) = event.subject.as_ref()?;
    let of = event.text("of").unwrap_or_default();
    Some(format!("`notify` could not tell that {release} is {of}: {}", safe::line(trouble)))
}

/// The number of the last record published, and how long the journal was then.
fn published(marker: &Path) -> Result<(u64, u64)> {
    let text = fs::read_if_there(marker)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut numbers = text.split_whitespace().map(|word| word.parse().unwrap_or(0));
    Ok((numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
}

fn number(record: &Value) -> Option<u64> {
    record.get("n")?.as_u64()
}

fn commits(context: &Context) -> Result<BTreeMap<String, Oid>> {
    let releases = context.releases()?;
    Ok(releases
        .into_iter()
        .filter_map(|release| Some((release.id.clone(), release.commit().parse().ok()?)))
        .collect())
}

/// All ticks of a release as evidence, and the events that name it: several where a long canary has
/// more than one piece may hold. Their ids follow from what they name, so that publishing again says
/// the same.
fn ticks(context: &Context, records: &[Value], release: &str, end: &Event) -> Result<Vec<Event>> {
    let is = |record: &Value, key: &str, word: &str| record.get(key).and_then(Value::as_str) == Some(word);
    let mut pieces: Vec<(String, u64)> = Vec::new();
    for record in records.iter().filter(|record| is(record, "op", "tick") && is(record, "release", release)) {
        let line = format!("{record}\n");
        match pieces.last_mut().filter(|(piece, _)| piece.len() + line.len() <= evidence::MAX_BYTES) {
            Some((piece, count)) => {
                piece.push_str(&line);
                *count += 1;
            }
            None => pieces.push((line, 1)),
        }
    }
    let redactor = ground::of(&context.repo)?.redactor;
    let bytes: Vec<_> = pieces.iter().map(|(piece, _)| redactor.bytes(piece.as_bytes())).collect();
    let digests = recording::keep(&context.repo, &bytes)?;
    let time_ms = id::time_ms(&end.id).unwrap_or_default().saturating_sub(1);
    let event = |(digest, (_, count)): (String, (String, u64))| {
        let id = id::derived_event_id(time_ms, digest.as_bytes());
        let event = Event { id, op: "ticks".into(), fields: serde_json::Map::new(), ..end.clone() };
        event.with("evidence", digest).with("count", count)
    };
    Ok(digests.into_iter().zip(pieces).map(event).collect())
}
