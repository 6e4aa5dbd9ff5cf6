//! `cargo ship resume`: finish a release whose command was killed, from what the target shows.

use anyhow::Result;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use serde_json::Value;

use crate::answer::answer;
use crate::context::{Context, unfinished};
use crate::pipeline::drive::drive;
use crate::pipeline::plan::Plan;
use crate::pipeline::{catch_up, lock};
use crate::rollback;

/// Finish a release whose command ended before it did
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(context: &Context, _: &Args, output: &Output) -> Result<Exit> {
    let lock = lock::take(context)?;
    catch_up::run(context, &lock, output)?;
    if let Some(exit) = rollback::resume(context, output)? {
        return Ok(exit);
    }
    let Some(release) = unfinished(context)? else {
        answer(output, "nothing to resume: every release has ended", &[("release", Value::Null)]);
        return Ok(Exit::Holds);
    };
    output.note(format!("{} goes on from {}", release.id, release.phase_word()));
    let ended = drive(context, &Plan::of(&release)?, Some(&release), output)?;
    crate::ship::report(context, &ended, output)
}
