//! `cargo ship promote`: put a canary that waits for a person into service.

use anyhow::{Result, bail};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::config::Kind;
use factory::types::hint::Hinted;
use factory::types::release::Phase;

use crate::context::{Context, unfinished};
use crate::pipeline::drive::settle;
use crate::pipeline::plan::Plan;
use crate::pipeline::record::Recorder;
use crate::pipeline::{catch_up, lock};
use crate::rollout::{cli, service, watching};
use crate::target::local::Local;

/// Put the canary in service now, whether it is held or still being weighed
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _: &Args, output: &Output) -> Result<Exit> {
    let lock = lock::take(context)?;
    catch_up::run(context, &lock, output)?;
    let Some(release) = unfinished(context)? else {
        bail!(Hinted::usage("no canary waits to be promoted").hint("cargo ship --canary"));
    };
    let plan = Plan::of(&release)?;
    // A service that is watched after the flip passes.
    let watched = plan.kind == Kind::Service && release.phase == Some(Phase::Promoting);
    if !watched && !matches!(release.phase, Some(Phase::Held | Phase::Canary)) {
        bail!(
            Hinted::busy(format!("{} is {}, and not a canary yet", release.id, release.phase_word()))
                .hint("cargo ship resume")
        );
    }
    let target = Local::new(context.folder());
    let mut recorder =
        Recorder::open(&context.repo, &context.places, &release.id, plan.commit, Some(&release))?;
    if plan.kind == Kind::Service {
        let mut edge = service::edge_started(context)?;
        edge.promote()?;
        watching::watch(context, &release.id, &mut edge, output)?;
        recorder.publish()?;
    } else {
        cli::promote(&plan, &target, &release.artifacts, &mut recorder)?;
    }
    crate::ship::report(context, &settle(context, &release.id)?, output)
}
