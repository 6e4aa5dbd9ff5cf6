//! `cargo ship status`: what serves, what waits, and where.

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BOLD, Output};
use factory::terminal::safe;
use factory::types::release::{Phase, Release};
use serde_json::{Map, Value};

use crate::context::{Context, unfinished};
use crate::edge::protocol::Status;
use crate::log::summary;
use crate::pipeline::catch_up;
use crate::rollout::watching::{self, Lines};
use crate::rollout::{place, service};
use crate::target::local::Local;
use crate::target::{Observed, Target};

/// Show what serves, and what waits
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Watch the canary until it is decided or held; Ctrl-C ends the watching alone
    #[arg(long)]
    watch: bool,
}

pub fn run(context: &Context, args: &Args, output: &Output) -> Result<Exit> {
    catch_up::look(context, output)?;
    if args.watch {
        watched(context, output)?;
        catch_up::look(context, output)?;
    }
    let observed = Local::new(context.folder()).observe()?;
    let releases = context.here()?;
    let waiting = unfinished(context)?;
    let edge = match service::edge(context)? {
        Some(mut edge) => Some(edge.status()?),
        None => None,
    };
    let stable = observed.stable.as_ref().and_then(|id| releases.iter().find(|release| release.id == *id));
    if output.is_json() {
        json(context, &observed, stable, waiting.as_ref(), edge.as_ref(), output)?;
    } else {
        text(context, &observed, stable, waiting.as_ref(), edge.as_ref(), output);
    }
    let held = waiting.is_some_and(|release| release.phase == Some(Phase::Held));
    Ok(match held {
        _ if is_gone(&observed) => Exit::Finding,
        true => Exit::Unverified,
        false => Exit::Holds,
    })
}

fn watched(context: &Context, output: &Output) -> Result<()> {
    let Some(mut edge) = service::edge(context)? else {
        output.note("no edge runs here, so there is nothing to watch");
        return Ok(());
    };
    match edge.status()?.plan.filter(|plan| !plan.is_over()) {
        Some(plan) => watching::watch_to(context, &plan.release, &mut edge, output, Lines::Results),
        None => {
            output.note("no canary runs");
            Ok(())
        }
    }
}

/// Whether the pointer leads to a release whose files are no longer there.
fn is_gone(observed: &Observed) -> bool {
    observed.stable.as_ref().is_some_and(|stable| !observed.staged.contains(stable))
}

fn text(
    context: &Context,
    observed: &Observed,
    stable: Option<&Release>,
    waiting: Option<&Release>,
    edge: Option<&Status>,
    output: &Output,
) {
    output.line(output.paint(BOLD, &context.environment));
    match (&observed.stable, stable) {
        (Some(id), Some(release)) => {
            let commit: String = release.commit().chars().take(10).collect();
            let name = format!("{} {}", release.text("package"), release.text("version"));
            output.line(format!("  stable  {id}  {name}  {commit}  {}", place(context, release)));
        }
        (Some(id), None) => {
            output.line(format!("  stable  {id}  (its record is not here: git feedback sync)"))
        }
        (None, _) => output.line("  nothing serves: cargo ship"),
    }
    if is_gone(observed) {
        output.line("  its files are gone: cargo ship builds them again");
    }
    if let Some(release) = waiting {
        let hint = match release.phase {
            Some(Phase::Held) => "cargo ship promote, or cargo ship rollback",
            _ => "cargo ship resume, or cargo ship abort",
        };
        output.line(format!(
            "  {}  {}  {}  {hint}",
            release.phase_word(),
            release.id,
            release.text("reason")
        ));
    }
    let Some(edge) = edge else { return };
    for slot in &edge.slots {
        let restarts =
            if slot.restarts > 0 { format!(", {} restarts", slot.restarts) } else { String::new() };
        let trouble = slot.trouble.as_ref().map_or(String::new(), |trouble| format!(", {trouble}"));
        let process = format!("process {} on port {}{restarts}{trouble}", slot.pid, slot.port);
        output.line(format!("  slot    {:<7} {}  {}, {process}", slot.slot, slot.release, slot.state));
    }
    output.line(format!("  edge    port {}, canary {} %", edge.port, edge.weight));
    if let Some(plan) = edge.plan.as_ref().filter(|plan| !plan.is_over()) {
        output.line(format!(
            "  plan    {}, for {} s  E {:.2}  F {:.2}",
            plan.words, plan.since_s, plan.e, plan.f
        ));
        if !plan.waits.is_empty() {
            output.line(format!("          {}", safe::line(&plan.waits)));
        }
        for differs in &plan.differs {
            output.line(format!("  differs {}", safe::line(differs)));
        }
    }
}

fn json(
    context: &Context,
    observed: &Observed,
    stable: Option<&Release>,
    waiting: Option<&Release>,
    edge: Option<&Status>,
    output: &Output,
) -> Result<()> {
    let mut document = Map::new();
    document.insert("environment".into(), context.environment.clone().into());
    document.insert("stable".into(), observed.stable.clone().into());
    document.insert("canary".into(), observed.canary.clone().into());
    document.insert("staged".into(), observed.staged.clone().into());
    document.insert("release".into(), stable.map_or(Value::Null, summary));
    document.insert("place".into(), stable.map_or(Value::Null, |release| place(context, release).into()));
    document.insert("unfinished".into(), waiting.map_or(Value::Null, summary));
    document.insert("edge".into(), serde_json::to_value(edge)?);
    output.json(document);
    Ok(())
}
