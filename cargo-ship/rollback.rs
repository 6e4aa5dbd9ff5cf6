//! `cargo ship rollback`: an unfinished canary goes; else the release before serves again.

use anyhow::{Result, bail};
use factory::operations::effect::effect;
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::{GOOD, Output};
use factory::types::config::Kind;
use factory::types::hint::Hinted;
use factory::types::release::{Phase, Release};
use serde_json::json;

use crate::abort::withdraw;
use crate::answer::answer;
use crate::context::{Context, find, unfinished};
use crate::pipeline::drive::settle;
use crate::pipeline::plan::Plan;
use crate::pipeline::record::{self, Recorder};
use crate::pipeline::{catch_up, lock};
use crate::rollout::service;
use crate::target::local::Local;
use crate::target::{Slot, Target};

/// Take the canary out, or put the release before back in service
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release to go back to, or the beginning of its id [default: the one before]
    #[arg(long, value_name = "ID", add = completing::release_ids())]
    to: Option<String>,
}

pub fn run(context: &Context, args: &Args, output: &Output) -> Result<Exit> {
    let lock = lock::take(context)?;
    catch_up::run(context, &lock, output)?;
    if let Some(exit) = resume(context, output)?.filter(|_| args.to.is_none()) {
        // A kill had left this very rollback half done; going back again would go one too far.
        return Ok(exit);
    }
    if let Some(release) = unfinished(context)?.filter(|_| args.to.is_none()) {
        withdraw(context, &release, "rolled back by hand", output)?;
        settle(context, &release.id)?;
        return say(context, &release.id, None, output);
    }
    let releases = context.here()?;
    let target = Local::new(context.folder());
    let Some(now) = target.observe()?.stable else {
        bail!(Hinted::usage(format!("nothing serves in {}", context.environment)).hint("cargo ship"));
    };
    let to = match &args.to {
        Some(prefix) => find(&releases, Some(prefix))?,
        None => before(&releases, &now)?,
    };
    if to.id == now {
        bail!(Hinted::usage(format!("{} serves already", to.id)).hint("cargo ship log"));
    }
    go_back(context, to, &now, output)
}

/// The release that served before `now`.
fn before<'r>(releases: &'r [Release], now: &str) -> Result<&'r Release> {
    let current = releases.iter().find(|release| release.id == now);
    let previous = current.map(|release| release.text("previous")).filter(|id| !id.is_empty());
    let found = previous.and_then(|id| releases.iter().find(|release| release.id == id));
    found.ok_or_else(|| {
        Hinted::usage(format!("no release served before {now}"))
            .hint("cargo ship rollback --to ID; cargo ship log")
            .into()
    })
}

/// Put `to` in the place of `now`. Recorded on `to`, whose journal lets `resume` finish it.
fn go_back(context: &Context, to: &Release, now: &str, output: &Output) -> Result<Exit> {
    let target = Local::new(context.folder());
    let plan = Plan::of(to)?;
    if !target.has(&to.id, &to.artifacts)? {
        bail!(
            Hinted::usage(format!("{} is no longer on the target", to.id))
                .hint(format!("git switch --detach {} && cargo ship", plan.commit.short()))
        );
    }
    let mut recorder = Recorder::open(&context.repo, &context.places, &to.id, plan.commit, Some(to))?;
    let event = recorder.event("promoted").with("instead_of", now).with("by", "rollback");
    let act = || match plan.kind {
        Kind::Service => {
            let slot = service::slot(context, &plan, &target);
            service::edge_started(context)?.start(slot, Some(service::pointer(&target, &to.id))).map(|_| ())
        }
        _ => target.route(Slot::Stable, Some(&to.id)),
    };
    effect(
        &mut recorder,
        "rollback",
        &json!({"from": now, "environment": context.environment}),
        act,
        || Ok(None),
        |()| event,
    )?;
    recorder.publish()?;
    record_end(context, now, &to.id)?;
    recorder.close()?;
    say(context, now, Some(&to.id), output)
}

/// Record on the release that was taken out of service that it was.
fn record_end(context: &Context, id: &str, to: &str) -> Result<()> {
    let releases = context.releases()?;
    let Some(release) = releases.iter().find(|release| release.id == id) else { return Ok(()) };
    if release.phase == Some(Phase::RolledBack) {
        return Ok(());
    }
    let commit = release.commit().parse()?;
    let mut recorder = Recorder::open(&context.repo, &context.places, id, commit, Some(release))?;
    let event = recorder
        .event("rolled-back")
        .with("reason", "rolled back by hand")
        .with("by", "person")
        .with("to", to);
    recorder.add(event)?;
    recorder.close()
}

/// Finish a rollback that a kill interrupted.
pub fn resume(context: &Context, output: &Output) -> Result<Option<Exit>> {
    let Some((id, from)) = record::open_rollback(&context.places, &context.environment)? else {
        return Ok(None);
    };
    let releases = context.releases()?;
    let to = find(&releases, Some(&id))?;
    go_back(context, to, &from, output).map(Some)
}

fn say(context: &Context, out: &str, back: Option<&str>, output: &Output) -> Result<Exit> {
    let serving = Local::new(context.folder()).observe()?.stable;
    let now = back.map(str::to_owned).or_else(|| serving.clone());
    let serves = now.map_or("nothing serves".into(), |id| format!("{id} serves"));
    let sentence = format!("{out} {}; {serves}", output.paint(GOOD, "rolled back"));
    answer(output, &sentence, &[("rolled-back", out.into()), ("serving", serving.into())]);
    Ok(Exit::Holds)
}
