//! `cargo intent reject`: a person says no, and why; the next brief begins with it.

use anyhow::{Result, bail};
use factory::operations::filing::ground;
use factory::operations::recording;
use factory::operations::redacting::Redactor;
use factory::storage::notes;
use factory::storage::repo::{Oid, Repo};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::change::{Attempt, Changes, Counts, reject_event};
use factory::types::hint::Hinted;
use serde_json::Map;

use crate::work::record::{self, branch_of, changes};
use crate::work::waiting::none_waits;
use crate::work::worktree::Claim;

/// Say no to a change, and why; the reason goes into the next brief
///
/// The branch and the worktree stay, so that `build --resume` can go on from them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent reject csv2json --because \"it reads the whole file into memory\"
  cargo intent build csv2json --resume")]
pub struct Args {
    /// The intent whose change to reject
    #[arg(add = completing::slugs())]
    slug: String,
    /// What is wrong with it, in words the agent will read
    #[arg(long, value_name = "TEXT")]
    because: String,
    /// Delete the branch and the worktree too
    #[arg(long)]
    delete: bool,
}

/// The longest reason that fits into an event.
const REASON_BYTES: usize = 2_000;

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    repo.require_head()?;
    let redactor = ground::of(&repo)?.redactor;
    let because = redactor.redact(args.because.trim()).text;
    if because.is_empty() || because.len() > REASON_BYTES {
        bail!(
            Hinted::usage(format!("the reason has 1 to {REASON_BYTES} bytes")).hint("--because \"too slow\"")
        );
    }
    let claim = Claim::take(&repo, &args.slug)?;
    let attempt = undecided(&repo, &claim, &args.slug, &redactor)?;
    let concerns: Oid = attempt.commit.as_deref().unwrap_or(&attempt.base).parse()?;
    let newest = changes(&repo, &args.slug)?.newest;
    let event = reject_event(&args.slug, &attempt, &because, newest.as_deref());
    recording::append(&repo, &redactor, notes::INTENT, &[(concerns, event)])?;
    if args.delete {
        let branch = branch_of(&args.slug);
        if let Some(tip) = repo.read_ref(&branch)?.filter(|tip| Some(tip.to_string()) == attempt.commit) {
            repo.delete_ref(&branch, tip)?;
        }
        claim.remove(&repo)?;
    }
    if output.is_json() {
        let mut object = Map::new();
        object.insert("slug".into(), args.slug.into());
        object.insert("attempt".into(), attempt.id.into());
        object.insert("because".into(), because.into());
        object.insert("deleted".into(), args.delete.into());
        output.json(object);
    } else {
        output.line(format!("{} of {} is rejected", attempt.id, args.slug));
        let resume = if args.delete { "" } else { " --resume" };
        output.note(format!("next: cargo intent build {}{resume}", args.slug));
    }
    Ok(Exit::Holds)
}

/// The attempt nobody decided about: a recorded one, or one that was interrupted, recorded now.
fn undecided(repo: &Repo, claim: &Claim, slug: &str, redactor: &Redactor) -> Result<Attempt> {
    let past: Changes = changes(repo, slug)?;
    let interrupted = claim.existing()?.filter(|worktree| !past.has_attempt(&worktree.started.attempt));
    if let Some(worktree) = interrupted {
        let base: Oid = worktree.started.base.parse()?;
        let attempt = Attempt {
            id: worktree.started.attempt.clone(),
            agent: worktree.started.agent.clone(),
            base: worktree.started.base.clone(),
            tree: repo.tree_of(base)?.to_string(),
            counts: Counts { findings: 1, ..Counts::default() },
            problems: vec!["it was not finished".to_owned()],
            boundary: "none".to_owned(),
            ..Attempt::default()
        };
        let (attempt, _) = record::attempt(repo, slug, attempt, b"", (&[], &[]), redactor)?;
        return Ok(attempt);
    }
    match past.waiting() {
        Some(attempt) => Ok(attempt.clone()),
        None => Err(none_waits(repo, slug, &past)?.into()),
    }
}
