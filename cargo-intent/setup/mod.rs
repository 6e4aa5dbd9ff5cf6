//! `cargo intent setup`: what makes the three tools at home on this machine, and taking it back.

mod completions;
mod files;
mod manifest;
mod pages;
mod refspecs;
mod unit;

use anyhow::Result;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use serde_json::{Map, Value, json};

pub use files::TOOLS;
use manifest::Manifest;
pub use refspecs::missing as missing_settings;

/// Install manual pages, completions and a user unit, and have `git fetch` bring the records
///
/// For the three tools together. What is done is remembered, so that --remove undoes exactly that and
/// leaves what you changed since. What could not be undone stays remembered: --remove can be run again.
/// The unit starts services again after a reboot; it is written where a systemd runs for you.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent setup --dry-run
  cargo intent setup
  cargo intent setup --remove

Inside a repository with a remote it adds fetch settings for the records to it; run it once in each.")]
pub struct Args {
    /// Undo what setup did
    #[arg(long)]
    remove: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// The verb of what could not be undone: it is remembered, and the next --remove tries again.
const KEPT: &str = "failed";

/// One thing done, or left.
pub struct Step {
    /// `write`, `keep`, `leave`, `skip`, `remove`, `set`, `unset`, `failed`.
    pub verb: &'static str,
    pub what: String,
    pub why: String,
}

impl Step {
    fn new(verb: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { verb, what: what.into(), why: why.into() }
    }
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let mut manifest = Manifest::read()?;
    let steps = if args.remove {
        remove(&mut manifest, args.dry_run)?
    } else {
        install(&mut manifest, args.dry_run)?
    };
    if output.is_json() {
        let told: Vec<Value> =
            steps.iter().map(|step| json!({"do": step.verb, "what": step.what, "why": step.why})).collect();
        output.json(Map::from_iter([("dry_run".into(), args.dry_run.into()), ("steps".into(), told.into())]));
        return Ok(exit(&steps));
    }
    for step in steps.iter().filter(|step| step.verb != "keep") {
        let why = if step.why.is_empty() { String::new() } else { format!("  ({})", step.why) };
        output.line(format!("{:<6}  {}{why}", step.verb, step.what));
    }
    if steps.iter().all(|step| matches!(step.verb, "keep" | "skip")) {
        output.note(if args.remove { "nothing of setup is here" } else { "everything is in place" });
    }
    if exit(&steps) != Exit::Holds {
        output.note("what failed is remembered; once it is mended: cargo intent setup --remove");
    }
    if !args.remove {
        for hint in [pages::hint()?, completions::hint(), unit::hint()].into_iter().flatten() {
            output.note(hint);
        }
    }
    Ok(exit(&steps))
}

fn exit(steps: &[Step]) -> Exit {
    if steps.iter().any(|step| step.verb == KEPT) { Exit::Outside } else { Exit::Holds }
}

fn install(manifest: &mut Manifest, dry_run: bool) -> Result<Vec<Step>> {
    let made = files::made()?;
    let mut steps = Vec::new();
    for (path, bytes) in pages::places(&made)?.into_iter().chain(completions::places(&made)?) {
        steps.push(files::install(manifest, &path, &bytes, dry_run)?);
    }
    steps.extend(unit::install(manifest, dry_run)?);
    // Outside a repository there is nothing of one to set.
    if let Ok(repo) = Repo::discover(&std::env::current_dir()?) {
        steps.extend(refspecs::install(manifest, &repo, dry_run)?);
    }
    if steps.iter().any(|step| step.verb == "write") && !dry_run {
        // Everything is in its place; what it replaced need not be known any more.
        manifest.write()?;
    }
    Ok(steps)
}

fn remove(manifest: &mut Manifest, dry_run: bool) -> Result<Vec<Step>> {
    let mut steps = unit::remove(manifest, dry_run)?;
    steps.extend(files::remove(manifest, dry_run));
    steps.extend(refspecs::remove(manifest, dry_run)?);
    if !dry_run {
        manifest.write_left()?;
    }
    Ok(steps)
}
