//! `cargo ship`: build, check and canary a release, then promote it or roll it back.

mod canary;
mod edge;

use clap::{Parser, Subcommand};
use factory::terminal::arguments::without_cargo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{Common, Output};

#[derive(Debug, Parser)]
#[command(name = "cargo-ship", bin_name = "cargo ship", version)]
struct Args {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(hide = true)]
    Edge(edge::supervisor::Args),
    #[command(hide = true)]
    EdgeWorker(edge::worker::Args),
}

fn main() {
    let args = Args::parse_from(without_cargo("ship"));
    let output = Output::new(&args.common);
    let exit = run(args.command).unwrap_or_else(|error| output.failure(&error));
    std::process::exit(exit.code());
}

fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Edge(args) => edge::supervisor::run(args),
        Command::EdgeWorker(args) => edge::worker::run(args),
    }
}
