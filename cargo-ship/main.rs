//! `cargo ship`: build, check and ship a commit, and roll it back when it is worse than what serves.

mod abort;
mod answer;
mod args;
mod canary;
mod context;
mod edge;
mod log;
mod logs;
mod pipeline;
mod plot;
mod promote;
mod recorded;
mod resume;
mod rollback;
mod rollout;
mod ship;
mod show;
mod start;
mod status;
mod stop;
mod target;
mod view;
mod words;

use anyhow::Result;
use clap::{CommandFactory, Parser};
use factory::terminal::arguments::without_cargo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;

use args::{Args, Command};
use context::Context;

fn main() {
    factory::terminal::completing::answer::<Args>();
    let args = Args::parse_from(without_cargo("ship"));
    let output = Output::new(&args.common);
    let exit = run(args, &output).unwrap_or_else(|error| output.failure(&error));
    std::process::exit(exit.code());
}

fn run(args: Args, output: &Output) -> Result<Exit> {
    let environment = args.environment.as_deref();
    let command = match args.command {
        Some(Command::Edge(args)) => return edge::supervisor::run(args),
        Some(Command::Edges(args)) => return edge::edges::run(&args, output),
        Some(Command::EdgeWorker(args)) => return edge::worker::run(args),
        Some(Command::Manual(args)) => return factory::terminal::manual::write(Args::command(), &args),
        command => command,
    };
    let context = Context::open(environment)?;
    match command {
        None => ship::run(&context, &args.ship, output),
        Some(Command::Status(args)) => status::run(&context, &args, output),
        Some(Command::Log(args)) => log::run(&context, &args, output),
        Some(Command::Show(args)) => show::run(&context, &args, output),
        Some(Command::Promote(args)) => promote::run(&context, &args, output),
        Some(Command::Rollback(args)) => rollback::run(&context, &args, output),
        Some(Command::Resume(args)) => resume::run(&context, &args, output),
        Some(Command::Abort(args)) => abort::run(&context, &args, output),
        Some(Command::Start(args)) => start::run(&context, &args, output),
        Some(Command::Stop(args)) => stop::run(&context, &args, output),
        Some(Command::Logs(args)) => logs::run(&context, &args, output),
        Some(Command::Edge(_) | Command::Edges(_) | Command::EdgeWorker(_) | Command::Manual(_)) => {
            Ok(Exit::Holds)
        }
    }
}
