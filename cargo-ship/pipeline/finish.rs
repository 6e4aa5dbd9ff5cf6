//! What the end of a release brings about in the other tools: items close, or a new one is filed.

use anyhow::Result;
use factory::operations::filing::attachment::Attachment;
use factory::operations::filing::{self, NewItem, ground};
use factory::operations::{recording, returning};
use factory::storage::notes;
use factory::storage::repo::Oid;
use factory::types::event::{Event, SubjectKind};
use factory::types::id;
use factory::types::item::fold::fold;
use factory::types::release::Release;

use crate::context::Context;

/// Close the open items whose checks this promoted release holds green; the ids closed.
pub fn close_items(context: &Context, release: &Release) -> Result<Vec<String>> {
    let green: Vec<&str> =
        release.events.iter().filter(|e| e.op == "step").flat_map(|e| e.texts("green")).collect();
    if green.is_empty() {
        return Ok(Vec::new());
    }
    let lines = notes::read(&context.repo, notes::FEEDBACK)?;
    let mut items = fold(&lines, id::now_ms());
    returning::settle(&context.repo, &mut items)?;
    let commit: Oid = release.commit().parse()?;
    let mut events = Vec::new();
    let mut closed = Vec::new();
    for origin in green {
        let Some(item) = items.get(origin).filter(|item| item.status.is_open()) else { continue };
        // Two checks of one item close it once, also where it is part of another by now.
        if closed.iter().any(|id| id == item.id) {
            continue;
        }
        let event = Event::now(SubjectKind::Item, item.id, "close", item.newest)
            .with("release", release.id.as_str())
            .with("because", "its check is green in a promoted release");
        events.push((commit, event));
        closed.push(item.id.to_owned());
    }
    recording::append(&context.repo, &ground::of(&context.repo)?.redactor, notes::FEEDBACK, &events)?;
    Ok(closed)
}

/// File an item for a release that was rolled back by itself; its id. Filing twice files once.
pub fn file_item(
    context: &Context,
    release: &Release,
    title: String,
    body: String,
    attachments: Vec<Attachment>,
) -> Result<String> {
    let fingerprint = format!("1:canary:{}", release.id);
    let item = id::item_id("incident", &fingerprint);
    let lines = notes::read(&context.repo, notes::FEEDBACK)?;
    if fold(&lines, id::now_ms()).get(&item).is_some() {
        return Ok(item);
    }
    let new = NewItem {
        kind: "incident".into(),
        severity: "error".into(),
        title,
        body,
        release: Some(release.id.clone()),
        commit: Some(release.commit().parse()?),
        environment: Some(release.environment().to_owned()),
        fingerprint: Some(fingerprint),
        attachments,
        ..NewItem::default()
    };
    Ok(filing::file(&context.repo, new)?.item)
}
