//! `cargo ship stop`: end the service and its edge; nothing of it runs on.

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;

use crate::context::Context;
use crate::pipeline::{catch_up, lock};
use crate::rollout::service;

/// Stop the service and its edge
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _: &Args, output: &Output) -> Result<Exit> {
    let _lock = lock::take(context)?;
    match service::edge(context)? {
        Some(mut edge) => {
            edge.stop_all()?;
            output.line(format!("{} is stopped", context.environment));
        }
        None => output.line(format!("nothing runs in {}", context.environment)),
    }
    catch_up::run(context, output)?;
    Ok(Exit::Holds)
}
