//! Signing off: approvals of intents as events, found by digest.

use anyhow::Result;

use crate::storage::notes;
use crate::storage::repo::{Oid, Repo};
use crate::types::approval::{Approval, Standing, UNSIGNED, of_slug, standing};
use crate::types::event::{Event, in_order};

/// The approval of an intent with `digest` as it stands in `commit`, to be appended by the caller
/// together with what it belongs to; it hangs on `commit`.
pub fn approve(repo: &Repo, slug: &str, digest: &str, commit: Oid) -> Result<Event> {
    let lines = notes::read(repo, notes::INTENT)?;
    let events: Vec<&Event> = in_order(&lines).into_iter().map(|(event, _)| event).collect();
    let newest = events.iter().rev().find(|event| is_of(event, slug)).map(|event| event.id.as_str());
    let previous = of_slug(slug, events.iter().copied()).pop().map(|(id, _)| id);
    let approval = Approval {
        slug: slug.to_owned(),
        kind: "intent".to_owned(),
        digest: digest.to_owned(),
        commit: commit.to_string(),
        tree: repo.tree_of(commit)?.to_string(),
        root: repo.root_commit(commit)?.to_string(),
        previous,
        signature: UNSIGNED.to_owned(),
    };
    Ok(approval.event(newest))
}

/// How the intent with this digest stands in the repository whose history `commit` is in.
pub fn standing_of(repo: &Repo, slug: &str, digest: &str, commit: Oid) -> Result<Standing> {
    let lines = notes::read(repo, notes::INTENT)?;
    let approvals = of_slug(slug, in_order(&lines).into_iter().map(|(event, _)| event));
    Ok(standing(&approvals, &repo.root_commit(commit)?.to_string(), digest))
}

fn is_of(event: &Event, slug: &str) -> bool {
    event.is_about(crate::types::event::SubjectKind::Slug, slug)
}
