//! What the end of a release brings about in the other tools: items close, or a new one is filed.

use anyhow::Result;
use factory::operations::redacting::Redactor;
use factory::storage::repo::Oid;
use factory::storage::{evidence, notes};
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::item::fold::fold;
use factory::types::release::Release;
use serde_json::Value;

use crate::context::Context;

/// Close the open items whose checks this promoted release holds green; the ids closed.
pub fn close_items(context: &Context, release: &Release) -> Result<Vec<String>> {
    let green: Vec<&str> = release.events.iter().filter(|e| e.op == "step").flat_map(|e| e.texts("green")).collect();
    if green.is_empty() {
        return Ok(Vec::new());
    }
    let lines = notes::read(&context.repo, notes::FEEDBACK)?;
    let items = fold(&lines, id::now_ms());
    let commit: Oid = release.commit().parse()?;
    let mut events = Vec::new();
    let mut closed = Vec::new();
    for origin in green {
        let Some(item) = items.get(origin).filter(|item| item.status.is_open()) else { continue };
        let event = Event::now(SubjectKind::Item, origin, "close", item.newest)
            .with("release", release.id.as_str())
            .with("because", "its check is green in a promoted release");
        events.push((commit, event));
        closed.push(origin.to_owned());
    }
    notes::append(&context.repo, notes::FEEDBACK, &events)?;
    Ok(closed)
}

/// A file that shows what went wrong.
#[derive(Clone, Debug)]
pub struct Exhibit {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// File an item for a release that was rolled back by itself; its id. Filing twice files once.
pub fn file_item(context: &Context, release: &Release, title: &str, body: &str, exhibits: &[Exhibit]) -> Result<String> {
    let fingerprint = format!("1:canary:{}", release.id);
    let item = id::item_id("incident", &fingerprint);
    let lines = notes::read(&context.repo, notes::FEEDBACK)?;
    if fold(&lines, id::now_ms()).get(&item).is_some() {
        return Ok(item);
    }
    let redactor = Redactor::new(&[], &context.config.feedback.redact)?;
    let pieces: Vec<Vec<u8>> = exhibits.iter().map(|exhibit| redactor.redact_bytes(&exhibit.bytes).bytes).collect();
    let borrowed: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
    let digests = evidence::put_all(&context.repo, &borrowed)?;
    let commit: Oid = release.commit().parse()?;
    let add = Event::now(SubjectKind::Item, &item, "add", None)
        .with("kind", "incident")
        .with("severity", "error")
        .with("title", short(&redactor.redact(title).text, 200))
        .with("body", short(&redactor.redact(body).text, 2000))
        .with("fingerprint", fingerprint)
        .with("release", release.id.as_str())
        .with("commit", release.commit())
        .with("environment", release.environment());
    let mut newest = add.id.clone();
    let mut events = vec![(commit, add)];
    for ((exhibit, digest), piece) in exhibits.iter().zip(digests).zip(&pieces) {
        let event = Event::now(SubjectKind::Item, &item, "attach", Some(&newest))
            .with("evidence", digest)
            .with("name", exhibit.name.as_str())
            .with("size_bytes", Value::from(piece.len()));
        newest = event.id.clone();
        events.push((commit, event));
    }
    notes::append(&context.repo, notes::FEEDBACK, &events)?;
    Ok(item)
}

fn short(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    text.chars().take(characters).chain(['…']).collect()
}
