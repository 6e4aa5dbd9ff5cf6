//! `cargo ship show`: all that is known of one release.

use anyhow::Result;
use factory::storage::{evidence, journal};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, DIM, Output};
use factory::terminal::safe;
use factory::types::event::Event;
use factory::types::release::Release;
use serde_json::{Map, Value, json};

use crate::context::{Context, find};
use crate::log::summary;
use crate::pipeline::catch_up;
use crate::recorded::Course;
use crate::rollout::service;
use crate::rollout::watching::glyphs;
use crate::{plot, words};

/// Points of a course in the JSON document.
const POINTS: usize = 200;

/// Show everything that is known of a release
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A release, or the beginning of its id [default: the newest]
    #[arg(add = completing::release_ids())]
    release: Option<String>,
}

pub fn run(context: &Context, args: &Args, output: &Output) -> Result<Exit> {
    catch_up::look(context, output)?;
    let releases = context.releases()?;
    let release = find(&releases, args.release.as_deref())?;
    if output.is_json() {
        let Value::Object(mut document) = summary(release) else { return Ok(Exit::Holds) };
        let events: Vec<Value> =
            release.events.iter().filter_map(|e| serde_json::from_str(&e.line()).ok()).collect();
        document.insert("events".into(), events.into());
        document.insert("decided_by".into(), decided(release).and_then(words::numbers).into());
        document.insert("course".into(), points(&course(context, release, output)?));
        output.json(document);
        return Ok(Exit::Holds);
    }
    output.line(output.paint(BOLD, &format!("{} {}", release.id, release.phase_word())));
    for key in ["commit", "environment", "kind", "package", "version", "toolchain", "reason", "basis", "item"]
    {
        let value = release.text(key);
        if !value.is_empty() {
            output.line(format!("  {key:<12} {}", safe::line(value)));
        }
    }
    for artifact in &release.artifacts {
        let digest = artifact.sha256.get(..16).unwrap_or_default();
        output.line(format!(
            "  artifact     {} {} bytes sha256 {digest}…",
            safe::line(&artifact.name),
            artifact.size_bytes
        ));
    }
    if let Some(numbers) = decided(release).and_then(words::numbers) {
        output.line(format!("  {:<12} {}", "decided by", safe::line(&numbers)));
    }
    let course = course(context, release, output)?;
    let drawn = plot::draw(
        &course.points,
        course.bound(),
        output.width().unwrap_or(80).min(100).saturating_sub(2),
        glyphs(),
    );
    if !drawn.is_empty() {
        output.line("");
        drawn.iter().for_each(|line| output.line(format!("  {line}").trim_end()));
    }
    output.line("");
    for event in &release.events {
        let time = event.t.get(..19).unwrap_or(&event.t).replace('T', " ");
        output.line(format!("  {}  {}", output.paint(DIM, &safe::line(&time)), safe::line(&sentence(event))));
    }
    Ok(Exit::Holds)
}

/// The record that decided, or the last one that held it.
fn decided(release: &Release) -> Option<&Event> {
    let deciding = ["rolled-back", "promoting", "held"];
    release
        .events
        .iter()
        .rfind(|event| deciding.contains(&event.op.as_str()) && event.fields.contains_key("counts"))
}

/// What the canary went through, from the ticks in its evidence; from the edge's journal while it runs.
fn course(context: &Context, release: &Release, output: &Output) -> Result<Course> {
    let mut course = Course::new(&release.id);
    let mut take = |line: &str| {
        // A line that is no record says nothing; the evidence itself was verified by its digest.
        let _ = serde_json::from_str(line).map(|record: Value| course.take(&record));
    };
    release.events.iter().filter(|event| event.op != "ticks").for_each(|event| take(&event.line()));
    let digests = release.events.iter().filter(|event| event.op == "ticks");
    let digests: Vec<&str> = digests.filter_map(|event| event.text("evidence")).collect();
    for digest in &digests {
        match evidence::get(&context.repo, digest)? {
            Some(bytes) => String::from_utf8_lossy(&bytes).lines().for_each(&mut take),
            None => output.note("the counts of its canary are not here: git feedback sync"),
        }
    }
    if digests.is_empty() {
        let journal = service::edge_place(context)?.journal();
        journal::read(&journal)?.records.iter().for_each(|record| course.take(record));
    }
    Ok(course)
}

/// At most [`POINTS`] of them: time in milliseconds since 1970, `E`, `F`, the canary's weight in percent.
fn points(course: &Course) -> Value {
    let apart = course.points.len().div_ceil(POINTS).max(1);
    let newest_first = course.points.iter().rev().step_by(apart);
    let mut points: Vec<Value> = newest_first
        .map(|point| json!({"t_ms": point.t_ms, "e": point.log_e.exp(), "f": point.log_f.exp(), "percent": point.percent}))
        .collect();
    points.reverse();
    points.into()
}

/// An event in one line: the operation and its fields.
fn sentence(event: &Event) -> String {
    let fields: &Map<String, Value> = &event.fields;
    let shown = fields.iter().filter(|(key, _)| {
        !matches!(key.as_str(), "artifacts" | "n" | "binaries" | "tree" | "counts" | "signals" | "took")
    });
    let shown: Vec<String> = shown
        .map(|(key, value)| match value {
            Value::String(text) => format!("{key}={text}"),
            other => format!("{key}={other}"),
        })
        .collect();
    format!("{:<12} {}", event.op, shown.join(" ")).trim_end().to_owned()
}
