//! placeholder

use factory::terminal::exit::Exit;
use factory::terminal::output::Output;

/// placeholder
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: Args, _output: &Output) -> anyhow::Result<Exit> {
    Ok(Exit::Holds)
}
