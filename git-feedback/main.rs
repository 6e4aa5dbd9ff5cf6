//! `git feedback`: Keep what went wrong next to the code, and turn it into the next fixture.

mod add;
mod args;
mod candidates;
mod close;
mod editor;
mod expected;
mod facts;
mod first;
mod fixture;
mod import;
mod link;
mod list;
mod promote;
mod promote_check;
mod promote_draft;
mod promote_intent;
mod promote_style;
mod recover;
mod reopen;
mod run_command;
mod set;
mod show;
mod split;
mod stats;
mod stats_drawn;
mod store;
mod sync;
mod timeline;
mod why;

use clap::{CommandFactory, Parser};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;

use args::{Args, Command};

fn main() {
    completing::answer::<Args>();
    let args = Args::parse();
    let output = Output::as_git(&args.common, store::settings());
    let exit = run(args.command, &output).unwrap_or_else(|error| output.failure(&error));
    std::process::exit(exit.code());
}

fn run(command: Command, output: &Output) -> anyhow::Result<Exit> {
    match command {
        Command::Add(args) => add::run(args, output),
        Command::Run(args) => run_command::run(args, output),
        Command::Import(args) => import::run(args, output),
        Command::List(args) => list::run(args, output),
        Command::Show(args) => show::run(args, output),
        Command::Set(args) => set::run(args, output),
        Command::Link(args) => link::run(args, output),
        Command::Split(args) => split::run(args, output),
        Command::Promote(args) => promote::run(args, output),
        Command::Close(args) => close::run(args, output),
        Command::Reopen(args) => reopen::run(args, output),
        Command::Stats(args) => stats::run(args, output),
        Command::Sync(args) => sync::run(args, output),
        Command::Recover(args) => recover::run(args, output),
        Command::Manual(args) => factory::terminal::manual::write(Args::command(), &args),
    }
}
