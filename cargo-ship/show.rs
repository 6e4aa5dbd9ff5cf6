//! `cargo ship show`: all that is known of one release.

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, DIM, Output};
use factory::terminal::safe;
use factory::types::event::Event;
use serde_json::{Map, Value};

use crate::context::{Context, find};
use crate::log::summary;
use crate::pipeline::catch_up;

/// Show everything that is known of a release
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A release, or the beginning of its id [default: the newest]
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
    output.line("");
    for event in &release.events {
        let time = event.t.get(..19).unwrap_or(&event.t).replace('T', " ");
        output.line(format!("  {}  {}", output.paint(DIM, &safe::line(&time)), safe::line(&sentence(event))));
    }
    Ok(Exit::Holds)
}

/// An event in one line: the operation and its fields.
fn sentence(event: &Event) -> String {
    let fields: &Map<String, Value> = &event.fields;
    let shown =
        fields.iter().filter(|(key, _)| !matches!(key.as_str(), "artifacts" | "n" | "binaries" | "tree"));
    let shown: Vec<String> = shown
        .map(|(key, value)| match value {
            Value::String(text) => format!("{key}={text}"),
            other => format!("{key}={other}"),
        })
        .collect();
    format!("{:<12} {}", event.op, shown.join(" ")).trim_end().to_owned()
}
