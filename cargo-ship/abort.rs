//! `cargo ship abort`: give up a release that is not finished; what serves goes on serving.

use anyhow::{Result, bail};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::config::Kind;
use factory::types::hint::Hinted;
use factory::types::release::Release;

use crate::answer::answer;
use crate::context::{Context, unfinished};
use crate::pipeline::drive::settle;
use crate::pipeline::record::Recorder;
use crate::pipeline::{catch_up, lock};
use crate::rollout::{service, watching};
use crate::target::local::Local;
use crate::target::{Slot, Target};

/// Give up the release that is not finished
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _: &Args, output: &Output) -> Result<Exit> {
    let lock = lock::take(context)?;
    catch_up::run(context, &lock, output)?;
    let Some(release) = unfinished(context)? else {
        bail!(Hinted::usage("no release is unfinished").hint("cargo ship log"));
    };
    withdraw(context, &release, "aborted by hand", output)?;
    let ended = settle(context, &release.id)?;
    let (phase, reason) = (ended.release.phase_word(), ended.release.text("reason"));
    let fields = [
        ("release", release.id.as_str().into()),
        ("phase", phase.into()),
        ("reason", reason.into()),
        ("filed", ended.filed.clone().into()),
    ];
    answer(output, &format!("{} {phase}: {reason}", release.id), &fields);
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
        // Traffic first; the record of who did it after.
        edge.rollback(reason)?;
        let commit = release.commit().parse()?;
        let mut recorder =
            Recorder::open(&context.repo, &context.places, &release.id, commit, Some(release))?;
        recorder.add(recorder.event("withdrawn").with("by", "person"))?;
        recorder.publish()?;
        return watching::watch(context, &release.id, &mut edge, output);
    }
    let target = Local::new(context.folder());
    let commit = release.commit().parse()?;
    let mut recorder = Recorder::open(&context.repo, &context.places, &release.id, commit, Some(release))?;
    let observed = target.observe()?;
    if observed.canary.as_deref() == Some(release.id.as_str()) {
        target.route(Slot::Canary, None)?;
    }
    // The pointer is the truth: a kill after the flip leaves an unfinished release serving.
    if observed.stable.as_deref() == Some(release.id.as_str()) {
        let previous = Some(release.text("previous")).filter(|id| target.folder(id).join("bin").is_dir());
        target.route(Slot::Stable, previous)?;
    }
    let op = if release.has("staged") { "rolled-back" } else { "failed" };
    recorder.add(recorder.event(op).with("reason", reason).with("by", "person"))?;
    recorder.publish()
}
