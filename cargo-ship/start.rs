//! `cargo ship start`: bring the service back after a stop or a reboot, at the release the pointer names.

use anyhow::{Result, bail};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::config::Kind;
use factory::types::hint::Hinted;

use crate::answer::answer;
use crate::context::{Context, find};
use crate::pipeline::plan::Plan;
use crate::pipeline::{catch_up, lock};
use crate::rollout::service;
use crate::target::Target;
use crate::target::local::Local;

/// Start the service at the release that was promoted last
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _: &Args, output: &Output) -> Result<Exit> {
    let lock = lock::take(context)?;
    catch_up::run(context, &lock, output)?;
    let target = Local::new(context.folder());
    let Some(stable) = target.observe()?.stable else {
        bail!(Hinted::usage(format!("nothing was promoted in {}", context.environment)).hint("cargo ship"));
    };
    let releases = context.releases()?;
    let plan = Plan::of(find(&releases, Some(&stable))?)?;
    if plan.kind != Kind::Service {
        bail!(
            Hinted::usage(format!("{} is a command, not a service: there is nothing to start", plan.package))
                .hint("cargo ship status shows where it lies")
        );
    }
    let mut edge = service::edge_started(context)?;
    let status = edge.status()?;
    if status.slot("stable").is_none_or(|slot| slot.release != stable) {
        edge.start(service::slot(context, &plan, &target), None)?;
    }
    let place = service::address(context);
    let sentence = format!("{stable} serves at {place}");
    answer(output, &sentence, &[("serving", stable.into()), ("place", place.into())]);
    Ok(Exit::Holds)
}
