//! `cargo ship stop`: end the service and its edge; nothing of it runs on.

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;

use crate::answer::answer;
use crate::context::Context;
use crate::pipeline::{catch_up, lock};
use crate::rollout::service;

/// Stop the service and its edge
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _: &Args, output: &Output) -> Result<Exit> {
    let lock = lock::take(context)?;
    let running = service::edge(context)?;
    let sentence = match &running {
        Some(_) => format!("{} is stopped", context.environment),
        None => format!("nothing runs in {}", context.environment),
    };
    let ran = running.is_some();
    if let Some(edge) = running {
        edge.stop()?;
    }
    answer(output, &sentence, &[("environment", context.environment.as_str().into()), ("ran", ran.into())]);
    catch_up::run(context, &lock, output)?;
    Ok(Exit::Holds)
}
