//! `cargo ship log`: every release, newest first.

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, GOOD, Output, WAIT};
use factory::terminal::safe;
use factory::types::release::{Phase, Release};
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::pipeline::catch_up;

/// List releases, newest first
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show at most this many
    #[arg(short = 'n', long, value_name = "N")]
    max: Option<usize>,
}

pub fn run(context: &Context, args: &Args, output: &Output) -> Result<Exit> {
    catch_up::look(context, output)?;
    let releases = context.here()?;
    let shown = releases.iter().rev().take(args.max.unwrap_or(usize::MAX));
    if output.is_json() {
        let mut document = Map::new();
        document.insert("releases".into(), shown.map(summary).collect::<Vec<Value>>().into());
        output.json(document);
        return Ok(Exit::Holds);
    }
    if releases.is_empty() {
        output.note("nothing was shipped yet: cargo ship");
    }
    for release in shown {
        let word = format!("{:<11}", release.phase_word());
        let style = match release.phase {
            Some(Phase::Promoted) => GOOD,
            Some(Phase::RolledBack | Phase::Failed) => BAD,
            _ => WAIT,
        };
        let commit: String = release.commit().chars().take(10).collect();
        let name = format!("{} {}", release.text("package"), release.text("version"));
        let reason = safe::line(release.text("reason"));
        let time = release.times().0.get(..16).unwrap_or_default().replace('T', " ");
        let row = format!(
            "{}  {}  {time}  {commit}  {}  {reason}",
            release.id,
            output.paint(style, &word),
            safe::line(&name)
        );
        output.line(row.trim_end());
    }
    Ok(Exit::Holds)
}

/// A release as JSON, without its events.
pub fn summary(release: &Release) -> Value {
    let (begun, changed) = release.times();
    let artifacts: Vec<Value> = release.artifacts.iter().map(|artifact| artifact.to_json()).collect();
    json!({
        "release": release.id,
        "phase": release.phase_word(),
        "commit": release.commit(),
        "environment": release.environment(),
        "kind": release.text("kind"),
        "package": release.text("package"),
        "version": release.text("version"),
        "reason": release.text("reason"),
        "begun": begun,
        "changed": changed,
        "artifacts": artifacts,
    })
}
