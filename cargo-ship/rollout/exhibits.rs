//! What an edge kept of a canary that failed: requests, log lines, and a title that says it.

use std::path::Path;

use anyhow::Result;
use factory::operations::filing::attachment::Attachment;
use factory::storage::fs;
use factory::types::intent::Anchor;
use factory::types::release::Release;

use super::service;
use crate::context::Context;
use crate::edge::protocol::Failure;
use crate::pipeline::checks::intents_of;
use crate::pipeline::plan::Plan;

/// Failed requests that are attached, the newest.
const SHOWN: usize = 20;

/// What the edge kept of a canary that failed: a title that says it, and the files that show it.
pub fn exhibits(context: &Context, release: &Release) -> Result<(Option<String>, Vec<Attachment>)> {
    let place = service::edge_place(context)?;
    let mut exhibits = Vec::new();
    let mut title = None;
    let failures: Vec<Failure> = match service::edge(context)? {
        Some(mut edge) => edge.failures()?,
        None => Vec::new(),
    };
    let ours: Vec<&Failure> = failures.iter().filter(|failure| failure.release == release.id).collect();
    // A probe's failure says most; a request of a user the next most.
    if let Some(failure) =
        ours.iter().copied().max_by_key(|failure| (failure.check.is_some(), failure.body.is_some()))
    {
        title = Some(failure_title(failure));
        if let Some(body) =
            failure.body.as_ref().and_then(|body| body.bytes().ok()).filter(|body| !body.is_empty())
        {
            let name = format!("request.{}", extension(context, release, failure));
            exhibits.push(Attachment::recorded(name, body));
        }
        exhibits.push(Attachment::recorded("failure.json", serde_json::to_vec_pretty(failure)?));
    }
    if ours.len() > 1 {
        let newest = &ours[ours.len().saturating_sub(SHOWN)..];
        exhibits.push(Attachment::recorded("failures.json", serde_json::to_vec_pretty(newest)?));
    }
    // What was logged when the first one failed may have left the log's end long ago.
    if let Some(around) = ours.iter().find_map(|failure| failure.log.clone()) {
        exhibits.push(Attachment::recorded("log-at-failure.txt", around.into_bytes()));
    }
    if let Some(log) = fs::read_if_there(&place.log("canary"))? {
        let tail = &log[log.len().saturating_sub(16 * 1024)..];
        exhibits.push(Attachment::recorded("canary.log", tail.to_vec()));
    }
    Ok((title, exhibits))
}

fn failure_title(failure: &Failure) -> String {
    let answered = match failure.status {
        0 => "gives no answer".to_owned(),
        status => format!("answers {status}"),
    };
    format!("{} {} {answered}", failure.method, failure.path)
}

/// The ending of a request body's file: of the file the check names, else by its content type.
fn extension(context: &Context, release: &Release, failure: &Failure) -> String {
    let of_check = || {
        let (slug, id) = failure.check.as_deref()?.split_once('/')?;
        let intents = intents_of(context, &Plan::of(release).ok()?).ok()?;
        let intent = intents.iter().find(|intent| intent.slug == slug)?;
        let check = intent.acceptance.iter().find(|check| check.id == id)?;
        let Anchor::Http(http) = &check.anchor else { return None };
        let ending = Path::new(http.body.as_deref()?).extension()?.to_str()?;
        ending.chars().all(char::is_alphanumeric).then(|| ending.to_owned())
    };
    of_check().unwrap_or_else(|| by_content_type(failure).to_owned())
}

fn by_content_type(failure: &Failure) -> &'static str {
    let kind = failure.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match kind.map(|(_, value)| value.split(';').next().unwrap_or_default().trim()) {
        Some("application/json") => "json",
        Some("text/csv") => "csv",
        Some(text) if text.starts_with("text/") => "txt",
        _ => "bin",
    }
}
