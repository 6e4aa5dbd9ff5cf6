//! `cargo intent tour`: the whole line on a small example, with the real binaries.

pub mod agent;
mod example;
mod stage;
mod story;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use factory::storage::{fs, interrupt};
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::hint::Hinted;

use stage::Stage;

/// Walk the whole line on a small example: intent, change, canary, rollback, feedback, fix
///
/// Everything is real and happens in a new folder: the repository, the builds, a service on a free
/// port of this machine, its failing canary. Only the agent is not: it applies edits that were
/// prepared beforehand. Nothing outside the folder is written, and no process is left behind.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent tour
  cargo intent tour --pause --dir ~/tour   one step for each Enter, in a folder of your choice")]
pub struct Args {
    /// Wait for Enter before each command
    #[arg(long)]
    pause: bool,
    /// Where to make it; a folder that is not there yet, or is empty [default: a new temporary one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    if output.is_json() {
        bail!(Hinted::usage("the tour is for people and has no JSON").hint("cargo intent tour"));
    }
    // Held, so that Ctrl-C ends the command that runs, and we still stop the service.
    let held = interrupt::hold()?;
    let stage = Stage::set(folder(args.dir)?, args.pause, output)?;
    let told = story::tell(&stage);
    let stopped = story::leave(&stage);
    drop(held);
    let place = stage.repository.display();
    match &told {
        Ok(()) => output.line(format!("\nThe repository is yours to look around in: {place}")),
        Err(_) => output.note(format!("\nthe tour stopped; what it made is in {place}")),
    }
    output.line("Its state lies beside it; to use the tools there as the tour did:");
    let folder = stage.folder.display();
    output.line(format!("  cd {place} && export XDG_STATE_HOME={folder}/state XDG_RUNTIME_DIR={folder}/run"));
    output.line(format!("To forget it: rm -r {folder}"));
    told.and(stopped).map(|()| Exit::Holds)
}

/// A new folder, or the empty one that was named; its real path, since some tools refuse others.
fn folder(named: Option<PathBuf>) -> Result<PathBuf> {
    let folder = match named {
        None => tempfile::Builder::new().prefix("factory-tour-").tempdir()?.keep(),
        Some(folder) => {
            fs::create_dir_all(&folder)?;
            let shown = folder.display().to_string();
            if std::fs::read_dir(&folder).context(shown.clone())?.next().is_some() {
                bail!(Hinted::usage(format!("{shown} is not empty")).hint("--dir with a new folder"));
            }
            folder
        }
    };
    folder.canonicalize().with_context(|| folder.display().to_string())
}
