//! `cargo ship abort`: give up a release that is not finished; what serves goes on serving.

use anyhow::{Result, bail};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::config::Kind;
use factory::types::hint::Hinted;
use factory::types::release::Release;

use crate::context::{Context, unfinished};
use crate::pipeline::drive::settle;
use crate::pipeline::record::Recorder;
use crate::pipeline::{catch_up, lock};
use crate::rollout::service;
use crate::target::local::Local;
use crate::target::{Slot, Target};

/// Give up the release that is not finished
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _: &Args, output: &Output) -> Result<Exit> {
    let _lock = lock::take(context)?;
    catch_up::run(context, output)?;
    let Some(release) = unfinished(context)? else {
        bail!(Hinted::usage("no release is unfinished").hint("cargo ship log"));
    };
    withdraw(context, &release, "aborted by hand", output)?;
    let ended = settle(context, &release.id)?;
    output.line(format!("{} {}: {}", release.id, ended.release.phase_word(), ended.release.text("reason")));
    Ok(Exit::Holds)
}

/// Take an unfinished release out again: its traffic first, then its record.
pub fn withdraw(context: &Context, release: &Release, reason: &str, output: &Output) -> Result<()> {
    let running = match release.text("kind") == Kind::Service.word() {
        true => service::edge(context)?,
        false => None,
    };
    if let Some(mut edge) = running
        && edge.status()?.plan.is_some_and(|plan| plan.release == release.id && !plan.is_over())
    {
        edge.rollback(reason)?;
        return service::watch(context, &release.id, &mut edge, output);
    }
    let target = Local::new(context.folder());
    let commit = release.commit().parse()?;
    let mut recorder = Recorder::open(&context.repo, &context.places, &release.id, commit, Some(release))?;
    if target.observe()?.canary.as_deref() == Some(release.id.as_str()) {
        target.route(Slot::Canary, None)?;
    }
    let op = if release.has("staged") { "rolled-back" } else { "failed" };
    recorder.add(recorder.event(op).with("reason", reason).with("by", "person"))?;
    recorder.publish()
}
