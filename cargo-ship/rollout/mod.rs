//! Putting a staged release into service, and taking it out again, for each kind.

pub mod cli;
mod exhibits;
mod promises;
pub mod service;
pub mod watching;

use anyhow::Result;
use factory::operations::filing::attachment::Attachment;
use factory::types::config::Kind;
use factory::types::release::Release;

use crate::context::Context;
use crate::pipeline::finish::file_item;
use crate::target::local::Local;
use crate::target::{Slot, Target, program};
use crate::words;

/// Records of a canary that are attached, at most.
const KEPT_RECORDS: usize = 200;

/// Where a person finds what a release put in service.
pub fn place(context: &Context, release: &Release) -> String {
    let local = Local::new(context.folder());
    if release.text("kind") == Kind::Service.word() {
        return service::address(context);
    }
    let name = release.text("binary");
    let stable = target_points_at(&local, &release.id);
    let path = if stable {
        local.link(Slot::Stable).join("bin").join(name)
    } else {
        program(&local, &release.id, name)
    };
    path.display().to_string()
}

fn target_points_at(target: &impl Target, release: &str) -> bool {
    target.observe().is_ok_and(|observed| observed.stable.as_deref() == Some(release))
}

/// File what a rolled-back release taught, with the evidence there is; `None` where a person did it.
pub fn file(context: &Context, release: &Release) -> Result<Option<String>> {
    if release.text("by") == "person" {
        return Ok(None);
    }
    let reason = release.text("reason");
    let mut exhibits = Vec::new();
    let mut title = format!("{} rolled back: {reason}", release.text("package"));
    if release.text("kind") == Kind::Service.word() {
        let (shown, found) = exhibits::exhibits(context, release)?;
        exhibits = found;
        if let Some(shown) = shown {
            title = shown;
        }
    }
    let counts = decision_records(release);
    if !counts.is_empty() {
        exhibits.push(Attachment::recorded("decision.jsonl", counts.into_bytes()));
    }
    let numbers = release.events.iter().rfind(|event| event.op == "rolled-back").and_then(words::numbers);
    let mut body =
        format!("Release {} of {} was rolled back by itself: {reason}", release.id, release.commit());
    numbers.into_iter().for_each(|numbers| body.push_str(&format!("\n{numbers}")));
    file_item(context, release, title, body, exhibits).map(Some)
}

/// The events of the canary, as evidence: anyone can decide again from them.
fn decision_records(release: &Release) -> String {
    let telling = ["canary", "weight", "probed", "measured", "ticks", "slot-exited", "rolled-back"];
    let telling = release.events.iter().filter(|event| telling.contains(&event.op.as_str()));
    let lines: Vec<String> = telling.map(|event| format!("{}\n", event.line())).collect();
    // The first say what was planned, the last what was decided.
    let cut = lines.len().saturating_sub(KEPT_RECORDS);
    let (first, rest) = lines.split_at(lines.len().min(KEPT_RECORDS / 4));
    let rest = &rest[cut.min(rest.len())..];
    [first, rest].concat().concat()
}
