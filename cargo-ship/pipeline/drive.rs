//! Drives one release from where its record says it is to its end; a new one and a resumed one alike.

use anyhow::Result;
use factory::operations::effect::effect;
use factory::terminal::output::Output;
use factory::types::config::Kind;
use factory::types::hint::{Hinted, Trouble};
use factory::types::release::{Artifact, Phase, Release};
use serde_json::json;

use super::plan::Plan;
use super::record::Recorder;
use super::steps::Step;
use super::{build, checks, finish, lessons};
use crate::context::Context;
use crate::rollout;
use crate::target::Target;
use crate::target::local::Local;

/// How a release ended, or why it waits.
#[derive(Clone, Debug)]
pub struct Ended {
    pub release: Release,
    /// Feedback items that closed with it, or the one that was filed.
    pub closed: Vec<String>,
    pub filed: Option<String>,
}

/// Go on with a release until it ends or waits for a person.
///
/// # Errors
/// A finding ends the release as `failed`, and is returned; any other trouble leaves it to be
/// resumed or aborted.
pub fn drive(context: &Context, plan: &Plan, known: Option<&Release>, output: &Output) -> Result<Ended> {
    let mut recorder = Recorder::open(&context.repo, &context.places, &plan.release, plan.commit, known)?;
    if known.is_none() {
        recorder.add(plan.event(&recorder, &context.environment))?;
    }
    match go(context, plan, known, &mut recorder, output) {
        Ok(()) => {
            recorder.publish()?;
            settle(context, &plan.release)
        }
        Err(error) if is_finding(&error) => {
            let reason = format!("{error:#}");
            let first = reason.lines().next().unwrap_or_default();
            let ended = recorder
                .add(recorder.event("failed").with("reason", first))
                .and_then(|()| recorder.publish())
                .and_then(|()| settle(context, &plan.release));
            tell(output, ended);
            Err(error)
        }
        Err(error) => {
            tell(output, recorder.publish());
            output.note(format!("{} is not finished: cargo ship resume, or cargo ship abort", plan.release));
            Err(error)
        }
    }
}

fn go(
    context: &Context,
    plan: &Plan,
    known: Option<&Release>,
    recorder: &mut Recorder<'_>,
    output: &Output,
) -> Result<()> {
    let target = Local::new(context.folder());
    let staged = known.filter(|release| release.has("staged"));
    let checked = known.is_some_and(|release| release.has("checked"));
    let steps = if checked { Vec::new() } else { lessons::steps_of(context, plan)? };
    // What needs no build is said before a person has waited for one.
    let (quick, slow): (Vec<_>, Vec<_>) = steps.into_iter().partition(Step::needs_no_build);
    let toolchain = build::toolchain()?;
    if !checked {
        checks::run(context, plan, &quick, &toolchain, recorder, output)?;
    }
    let artifacts = build::build(context, plan, known, recorder, output)?;
    recorder.publish()?;
    if !checked {
        checks::run(context, plan, &slow, &toolchain, recorder, output)?;
        recorder.add(recorder.event("checked"))?;
        recorder.publish()?;
    }
    if staged.is_none() || !target.has(&plan.release, &artifacts)? {
        stage(context, plan, &target, &artifacts, recorder)?;
    }
    match plan.kind {
        Kind::Service => rollout::service::roll_out(context, plan, &target, recorder, output),
        _ => rollout::cli::roll_out(context, plan, &target, &artifacts, recorder, output),
    }
}

fn stage(
    context: &Context,
    plan: &Plan,
    target: &Local,
    artifacts: &[Artifact],
    recorder: &mut Recorder<'_>,
) -> Result<()> {
    let files: Vec<_> =
        artifacts.iter().map(|artifact| (artifact.clone(), build::store(context, artifact))).collect();
    let detail = json!({"artifacts": artifacts.iter().map(Artifact::to_json).collect::<Vec<_>>()});
    let event = recorder.event("staged").with("folder", format!("releases/{}", plan.release));
    let act = || target.stage(&plan.release, &files);
    let observe = || Ok(target.has(&plan.release, artifacts)?.then_some(()));
    effect(recorder, "stage", &detail, act, observe, |()| event)?;
    recorder.publish()?;
    // The staged copy is the release's own; the store only bridges a kill.
    build::discard(context, artifacts)
}

/// What stops the record must not hide what stopped the release.
fn tell<T>(output: &Output, result: Result<T>) {
    if let Err(error) = result {
        output.warn(format!("it could not be recorded yet: {error:#}"));
    }
}

/// Do what the end of a release brings about, once: its journal goes last, so that a kill before that
/// has the next command do it again, and doing it again changes nothing.
pub fn settle(context: &Context, id: &str) -> Result<Ended> {
    let release = context.releases()?.into_iter().find(|release| release.id == id);
    let release = release.ok_or_else(|| Hinted::unverified(format!("{id} left no record")))?;
    let mut ended = Ended { release, closed: Vec::new(), filed: None };
    match ended.release.phase {
        Some(Phase::Promoted) => {
            ended.closed = finish::close_items(context, &ended.release)?;
            let previous = ended.release.text("previous");
            Local::new(context.folder()).prune(context.config.ship.keep, previous)?;
        }
        Some(Phase::RolledBack) => ended.filed = rollout::file(context, &ended.release)?,
        _ => {}
    }
    if ended.release.phase.is_some_and(Phase::is_over) {
        build::discard(context, &ended.release.artifacts)?;
        let commit = ended.release.commit().parse()?;
        Recorder::open(&context.repo, &context.places, id, commit, Some(&ended.release))?.close()?;
    }
    Ok(ended)
}

fn is_finding(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Hinted>()
        .is_some_and(|hinted| matches!(hinted.trouble, Trouble::Finding | Trouble::Usage))
}
