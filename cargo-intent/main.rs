//! `cargo intent`: Say what is wanted, know whether it holds, and have an agent build it.

mod accept;
mod agent;
mod approve;
mod args;
mod build;
mod capture;
mod check;
mod diff;
mod doctor;
mod drafting;
mod harness;
mod lesson;
mod list;
mod log;
mod meaning;
mod new;
mod next;
mod person;
mod prove;
mod reject;
mod remarks;
mod review;
mod schema;
mod setup;
mod show;
mod standing;
mod tour;
mod words;
mod work;

use clap::{CommandFactory, Parser};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;

use args::{Args, Command};

fn main() {
    factory::terminal::completing::answer::<Args>();
    let args = Args::parse_from(factory::terminal::arguments::without_cargo("intent"));
    let output = Output::new(&args.common);
    let exit = run(args.command, &output).unwrap_or_else(|error| output.failure(&error));
    std::process::exit(exit.code());
}

fn run(command: Command, output: &Output) -> anyhow::Result<Exit> {
    match command {
        Command::Next(args) => next::run(args, output),
        Command::New(args) => new::run(args, output),
        Command::List(args) => list::run(args, output),
        Command::Show(args) => show::run(args, output),
        Command::Check(args) => check::run(args, output),
        Command::Diff(args) => diff::run(args, output),
        Command::Log(args) => log::run(args, output),
        Command::Approve(args) => approve::run(args, output),
        Command::Build(args) => build::run(args, output),
        Command::Review(args) => review::run(args, output),
        Command::Accept(args) => accept::run(args, output),
        Command::Reject(args) => reject::run(args, output),
        Command::Lesson(args) => lesson::run(args, output),
        Command::Schema(args) => schema::run(args, output),
        Command::Tour(args) => tour::run(args, output),
        Command::Doctor(args) => doctor::run(args, output),
        Command::Setup(args) => setup::run(args, output),
        Command::Manual(args) => factory::terminal::manual::write(Args::command(), &args),
        Command::TourAgent(args) => tour::agent::run(args, output),
    }
}
