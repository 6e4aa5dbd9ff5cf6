//! An item's whole story in time order: what feedback, intents and releases tell of it, one line each.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use factory::operations::releases;
use factory::storage::repo::Repo;
use factory::storage::{evidence, notes};
use factory::types::event::{Event, SubjectKind, in_order};
use factory::types::item::Item;
use serde_json::Value;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Of the event it is told by, which orders them; several moments of one event stay as they are.
    pub id: String,
    /// As reported.
    pub t: String,
    pub commit: String,
    /// `seen`, `promoted`, `check red`, `change`, `check green`, `release`, `closed` …
    pub what: &'static str,
    pub words: String,
}

impl Moment {
    fn new(event: &Event, commit: &str, what: &'static str, words: impl Into<String>) -> Self {
        Self {
            id: event.id.clone(),
            t: event.t.clone(),
            commit: commit.to_owned(),
            what,
            words: words.into(),
        }
    }
}

/// The story, oldest first.
pub fn of(repo: &Repo, item: &Item<'_>) -> Result<Vec<Moment>> {
    let mut moments = told(item);
    if !item.promotions.is_empty() {
        moments.extend(of_changes(repo, item)?);
    }
    if !item.promotions.is_empty() || item.resolved_in.is_some() {
        moments.extend(of_releases(repo, item)?);
    }
    moments.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(together(moments))
}

/// What the item's own events say.
fn told(item: &Item<'_>) -> Vec<Moment> {
    item.story.iter().map(|(event, commit)| moment(item, event, commit)).collect()
}

fn moment(item: &Item<'_>, event: &Event, commit: &str) -> Moment {
    let text = |field: &str| event.text(field).unwrap_or_default();
    let because = event.text("because").map_or(String::new(), |why| format!(": {why}"));
    let (what, words) = match event.op.as_str() {
        "add" | "seen" => ("seen", seen(event)),
        "set" => ("set", fields(event)),
        "attach" => ("evidence", text("name").to_owned()),
        "close" if text("as") == "ignored" => ("closed", format!("ignored{because}")),
        "close" => {
            let release = event.text("release").map_or(String::new(), |release| format!(" in {release}"));
            ("closed", format!("resolved{release}{because}"))
        }
        "reopen" => ("reopened", because.trim_start_matches(": ").to_owned()),
        "promoted" => ("promoted", promoted(event)),
        "link" if event.fields.get("proposed") == Some(&Value::Bool(true)) => {
            ("proposed", format!("it may be one with {}", text("to")))
        }
        "link" => ("linked", format!("{} is part of {}", about(event), text("to"))),
        "unlink" => ("unlinked", format!("{} and {} are two", about(event), text("to"))),
        "split" => {
            let by = ["source", "release", "environment"];
            let by = by.into_iter().filter_map(|field| Some(format!("{field} {}", event.text(field)?)));
            let by = by.chain(event.texts("events").into_iter().map(str::to_owned)).collect::<Vec<_>>();
            ("split", format!("{} went to {}", by.join(", "), text("into")))
        }
        // Kept as it is, under its own name.
        _ => ("unknown", format!("{} {}", event.op, fields(event))),
    };
    let of_part = about(event);
    let words = match of_part == item.id || ["linked", "unlinked"].contains(&what) {
        true => words,
        false => format!("{words} (of {of_part})"),
    };
    Moment::new(event, commit, what, words.trim())
}

fn about(event: &Event) -> &str {
    event.subject.as_ref().map_or("", |(_, item)| item.as_str())
}

fn seen(event: &Event) -> String {
    let count = event.count("count").unwrap_or(1);
    let part = |before: &str, field: &str| {
        event.text(field).map_or(String::new(), |value| format!(" {before} {value}"))
    };
    format!("{count}×{}{}{}", part("in", "release"), part("in", "environment"), part("from", "source"))
}

fn promoted(event: &Event) -> String {
    let text = |field: &str| event.text(field).unwrap_or_default();
    match event.text("lesson") {
        Some(lesson) => format!("to the lesson {lesson}"),
        None if text("check").is_empty() => format!("to the intent {}", text("intent")),
        None => format!("to the check {} of intent {}", text("check"), text("intent")),
    }
}

/// Names and values, but for the long ones.
fn fields(event: &Event) -> String {
    let long = ["body", "fingerprint", "stacktrace"];
    let told = event.fields.iter().filter(|(name, _)| !long.contains(&name.as_str()));
    let words = told.map(|(name, value)| {
        format!("{name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What became of the checks it was promoted to: changes built for them, and what a person said.
fn of_changes(repo: &Repo, item: &Item<'_>) -> Result<Vec<Moment>> {
    let since = item.story.iter().find(|(event, _)| event.op == "promoted").map(|(event, _)| &event.id);
    let lines = notes::read(repo, notes::INTENT)?;
    let mut moments = Vec::new();
    let mut attempts: BTreeSet<&str> = BTreeSet::new();
    for (event, commit) in in_order(&lines).into_iter().filter(|(event, _)| Some(&event.id) > since) {
        let Some((SubjectKind::Slug, slug)) = &event.subject else { continue };
        let checks: Vec<&str> =
            item.promotions.iter().filter(|p| p.intent == slug).map(|promotion| promotion.check).collect();
        let attempt = event.text("attempt").unwrap_or_default();
        match event.op.as_str() {
            _ if checks.is_empty() => {}
            "attempt" => {
                let told = of_attempt(repo, event, commit, &checks)?;
                if !told.is_empty() {
                    attempts.insert(attempt);
                }
                moments.extend(told);
            }
            "prove" => moments.extend(of_proof(event, commit, &checks)),
            "accept" if attempts.contains(attempt) => {
                let merged = short(event.text("commit").unwrap_or(commit));
                moments.push(Moment::new(event, commit, "accepted", format!("{attempt} as {merged}")));
            }
            "reject" if attempts.contains(attempt) => {
                let because = event.text("because").unwrap_or_default();
                moments.push(Moment::new(event, commit, "rejected", format!("{attempt}: {because}")));
            }
            _ => {}
        }
    }
    Ok(moments)
}

/// The item's checks in an attempt's reports: red before it, the change, and how they stand in it.
fn of_attempt(repo: &Repo, event: &Event, commit: &str, checks: &[&str]) -> Result<Vec<Moment>> {
    let text = |field: &str| event.text(field).unwrap_or_default();
    let Some(bytes) = event.text("reports").map(|digest| evidence::get(repo, digest)).transpose()?.flatten()
    else {
        return Ok(Vec::new());
    };
    let reports: Value = serde_json::from_slice(&bytes).context("the reports of an attempt")?;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for report in reports.as_array().into_iter().flatten() {
        let Some(check) = report["check"].as_str().filter(|check| checks.contains(check)) else { continue };
        let name = report["name"].as_str().unwrap_or(check);
        if let Some(red) = report["proof"]["red"].as_str().filter(|red| *red != "none") {
            let base = short(report["proof"]["base"].as_str().unwrap_or(text("base")));
            before.push(Moment::new(event, commit, "check red", format!("{check} on {base} ({red})")));
        }
        let verdict = report["verdict"].as_str().unwrap_or_default();
        let what = if verdict == "pass" { "check green" } else { "check red" };
        let words = match verdict {
            "pass" => format!("{name} in {}", text("attempt")),
            verdict => format!("{name} in {}: {verdict}", text("attempt")),
        };
        after.push(Moment::new(event, commit, what, words));
    }
    before.dedup_by(|a, b| a.words == b.words);
    if after.is_empty() {
        return Ok(Vec::new());
    }
    let change = Moment::new(event, commit, "change", format!("{} by {}", text("attempt"), text("agent")));
    Ok(before.into_iter().chain([change]).chain(after).collect())
}

/// The item's checks in a proof: whether they were red where they had to be.
fn of_proof(event: &Event, commit: &str, checks: &[&str]) -> Vec<Moment> {
    let all = event.fields.get("checks").and_then(Value::as_array);
    let ours =
        all.into_iter().flatten().filter(|one| one["check"].as_str().is_some_and(|c| checks.contains(&c)));
    let red = ours.filter_map(|one| {
        let red = one["red"].as_str().filter(|red| *red != "none")?;
        let base = short(one["base"].as_str().unwrap_or_default());
        Some(format!("{} on {base} ({red})", one["check"].as_str()?))
    });
    red.map(|words| Moment::new(event, commit, "check red", words)).collect()
}

/// Releases whose checks it was green in, and how they ended.
fn of_releases(repo: &Repo, item: &Item<'_>) -> Result<Vec<Moment>> {
    let lines = releases::lines(repo, &repo.common_dir().join("factory"))?;
    let is_ours = |origin: &str| origin == item.id || item.parts.contains(&origin);
    let mut green: BTreeSet<&str> = item.resolved_in.into_iter().collect();
    let mut moments = Vec::new();
    for (event, commit) in in_order(&lines) {
        let Some((SubjectKind::Release, release)) = &event.subject else { continue };
        if event.op == "step" && event.texts("green").into_iter().any(is_ours) {
            green.insert(release);
            let step = event.text("step").unwrap_or_default();
            moments.push(Moment::new(event, commit, "check green", format!("in {release} ({step})")));
        }
        if green.contains(release.as_str())
            && ["promoted", "rolled-back", "failed"].contains(&event.op.as_str())
        {
            let reason = event.text("reason").map_or(String::new(), |reason| format!(": {reason}"));
            moments.push(Moment::new(event, commit, "release", format!("{release} {}{reason}", event.op)));
        }
    }
    Ok(moments)
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// How many sightings in a row are told one by one; of more, the first and how many followed.
const SHOWN_SIGHTINGS: usize = 3;

/// Long runs of sightings as one line, so that a flood does not hide the story.
fn together(moments: Vec<Moment>) -> Vec<Moment> {
    let mut shown: Vec<Moment> = Vec::new();
    for run in moments.chunk_by(|a, b| a.what == "seen" && b.what == "seen") {
        match run {
            [first, .., last] if run.len() > SHOWN_SIGHTINGS => {
                let words = format!("{}, and {} more times until {}", first.words, run.len() - 1, last.t);
                shown.push(Moment { words, ..first.clone() });
            }
            run => shown.extend(run.iter().cloned()),
        }
    }
    shown
}
