//! What happened while nobody watched: the edge's journal into the notes, ended releases settled.
//!
//! Every command of `cargo ship` begins with this, so that a canary which ended with the laptop closed
//! is recorded, closes its items or files one, whichever command comes next.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use factory::storage::repo::Oid;
use factory::storage::{evidence, fs, journal, notes};
use factory::terminal::output::Output;
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::release::Phase;
use serde_json::Value;

use super::drive::settle;
use super::record;
use crate::context::Context;
use crate::rollout::service;

/// Bring the record up to what happened, and settle what ended.
pub fn run(context: &Context, output: &Output) -> Result<()> {
    service::publish(context)?;
    let journals = record::open_journals(&context.places)?;
    if journals.is_empty() {
        return Ok(());
    }
    // A rollback under way keeps its journal until `resume` has finished it.
    let rollback = record::open_rollback(&context.places)?.map(|(to, _)| to);
    for release in context.here()? {
        let open = journals.iter().any(|(name, _)| *name == release.id && rollback.as_ref() != Some(name));
        if !open || !release.phase.is_some_and(Phase::is_over) {
            continue;
        }
        let ended = settle(context, &release.id)?;
        output.note(format!("{} ended as {} since the last look", release.id, release.phase_word()));
        for item in ended.closed {
            output.note(format!("{item} closed: its check is green in {}", release.id));
        }
        if let Some(item) = ended.filed {
            output.note(format!("filed {item}: git feedback show {item}"));
        }
    }
    Ok(())
}

/// Publish the records of an edge's journal that are not in the notes yet. Ticks are many: they go
/// into one piece of evidence for each release that has ended.
pub fn publish_edge(context: &Context, path: &Path) -> Result<()> {
    let marker = path.with_extension("published");
    let published: u64 = fs::read_if_there(&marker)?
        .and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse().ok())
        .unwrap_or(0);
    let records = journal::read(path)?.records;
    let last = records.iter().filter_map(number).max().unwrap_or(0);
    if last <= published {
        return Ok(());
    }
    let commits = commits(context)?;
    let mut events: Vec<(Oid, Event)> = Vec::new();
    for record in records.iter().filter(|record| number(record).is_some_and(|n| n > published)) {
        let Value::Object(fields) = record else { continue };
        let Ok(event) = Event::from_object(fields.clone()) else { continue };
        let Some((SubjectKind::Release, release)) = &event.subject else { continue };
        let Some(commit) = commits.get(release).filter(|_| event.op != "tick") else { continue };
        if Phase::from_word(&event.op).is_some_and(Phase::is_over)
            && let Some(ticks) = ticks(context, &records, release, &event)?
        {
            events.push((*commit, ticks));
        }
        events.push((*commit, event));
    }
    notes::append(&context.repo, notes::SHIP, &events)?;
    fs::write_atomic(&marker, last.to_string().as_bytes())
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

/// All ticks of a release as evidence, and the event that names it. Its id follows from what it names,
/// so that publishing again says the same.
fn ticks(context: &Context, records: &[Value], release: &str, end: &Event) -> Result<Option<Event>> {
    let text = |record: &Value, key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut lines = String::new();
    let mut count = 0;
    for record in records {
        if text(record, "op").as_deref() == Some("tick")
            && text(record, "release").as_deref() == Some(release)
        {
            lines.push_str(&format!("{record}\n"));
            count += 1;
        }
    }
    if count == 0 {
        return Ok(None);
    }
    let digest = evidence::put(&context.repo, lines.as_bytes())?;
    let id =
        id::derived_event_id(id::time_ms(&end.id).unwrap_or_default().saturating_sub(1), digest.as_bytes());
    let event = Event { id, op: "ticks".into(), fields: serde_json::Map::new(), ..end.clone() };
    Ok(Some(event.with("evidence", digest).with("count", count)))
}
