//! `cargo intent accept`: a person says yes, and the change goes into the current branch.

mod merging;

use anyhow::{Context, Result, bail};
use factory::operations::approving::{self, Approvals};
use factory::operations::filing::ground;
use factory::operations::recording;
use factory::storage::repo::{Oid, Repo};
use factory::storage::signing::Key;
use factory::storage::{intents, notes};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::change::accept_event;
use factory::types::config::Approval as Policy;
use factory::types::event::Event;
use factory::types::hint::Hinted;
use factory::types::intent::parse;
use factory::types::problem::Problems;
use factory::types::standing::Verdict;
use serde_json::Map;

use crate::review::{judged, standing};
use crate::work::by_hand;
use crate::work::record::digest_at;
use crate::work::waiting::Waiting;
use crate::work::worktree::Claim;
use crate::{approve, person};
use merging::Place;

/// Approve the intent and merge its change into the current branch
///
/// This is a person's decision: it needs a terminal, or `[approval] terminal = false` in the
/// factory.toml of the commit the change was built from. Hooks do not run.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent accept csv2json
  cargo intent accept csv2json --despite-failures   what fails was seen and is taken in")]
pub struct Args {
    /// The intent whose change to accept
    #[arg(add = completing::slugs())]
    slug: String,
    /// Do not ask again
    #[arg(long)]
    yes: bool,
    /// Accept although not all checks pass
    #[arg(long)]
    despite_failures: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let head = repo.require_head()?;
    let claim = Claim::take(&repo, &args.slug)?;
    let waiting = Waiting::find(&repo, &args.slug)?;
    let place = Place::of(&repo, &waiting, head)?;
    approve::says_something(&waiting.intent)?;
    // As the person's own tree has it, from before the agent worked; what was made stricter since holds.
    let mut policy = approving::policy(&repo, Some(waiting.base))?;
    policy.require_signed |= approving::policy(&repo, Some(head))?.require_signed;
    let asks = person::is_asked(&policy, "accepting", " before the build")?;
    let key = approving::signing_key(&repo, &policy, head)?;
    let moved = waiting.intent_moved(&repo, head)?;
    let wrong = what_is_wrong(&waiting, &moved);
    if !wrong.is_empty() && !args.despite_failures {
        let again = if moved.is_empty() { " --resume" } else { "" };
        bail!(Hinted::finding(format!("{} does not hold: {}", args.slug, wrong.join("; "))).hint(format!(
            "cargo intent build {0}{again}, or cargo intent accept {0} --despite-failures",
            args.slug
        )));
    }
    place.takes(&repo, &waiting)?;
    let mut shown: Vec<String> = wrong.iter().map(|what| format!("despite: {}", safe::line(what))).collect();
    shown.extend(place.unchecked(&repo, &waiting)?);
    if !asks || args.yes {
        shown.iter().for_each(|line| output.note(line));
    } else if !said_yes(&waiting, &standing(&repo, &waiting)?, shown, output)? {
        output.note("nothing was changed");
        return Ok(Exit::Unverified);
    }
    let by_hand = by_hand::edited(&repo, &waiting)?;
    let merged = place.merge_commit(&repo, &waiting)?;
    let record = Record::made(&repo, &waiting, merged, &policy, key.as_ref())?;
    place.merge(&repo, merged)?;
    record.keep(&repo, &waiting, !wrong.is_empty(), output)?;
    let digest = record.digest;
    let lesson = Some(by_hand).filter(|paths| !paths.is_empty()).map(|paths| by_hand::command(&paths));
    claim.remove(&repo)?;
    if output.is_json() {
        let mut object = Map::new();
        object.insert("slug".into(), args.slug.into());
        object.insert("attempt".into(), waiting.attempt.id.into());
        object.insert("change".into(), waiting.commit.to_string().into());
        object.insert("commit".into(), merged.to_string().into());
        object.insert("digest".into(), digest.into());
        object.insert("lesson".into(), lesson.into());
        output.json(object);
    } else {
        let branch = safe::line(&place.branch);
        output.line(format!("{} is accepted: {} on {branch}", args.slug, merged.short()));
        if let Some(lesson) = lesson {
            output.note(format!(
                "you edited what the agent left; so that the next one knows: {}",
                safe::line(&lesson)
            ));
        }
        output.note("next: cargo ship");
    }
    Ok(Exit::Holds)
}

/// `moved` says how what is wanted changed since the build.
fn what_is_wrong(waiting: &Waiting, moved: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    if !waiting.attempt.counts.holds() {
        wrong.push(waiting.attempt.counts.words());
    }
    wrong.extend(waiting.attempt.problems.iter().cloned());
    wrong.extend(waiting.secrets.iter().cloned());
    if !moved.is_empty() {
        wrong.push(format!("the intent changed since this was built ({})", moved.join(", ")));
    }
    wrong
}

/// One question that names everything the yes stands for; `more` is what speaks against it.
fn said_yes(waiting: &Waiting, standing: &str, more: Vec<String>, output: &Output) -> Result<bool> {
    let files = waiting.files.len();
    let mut shown = vec![format!("{}: {}", waiting.slug, safe::line(&waiting.intent.title))];
    shown.push(format!("{files} file(s), {}", waiting.attempt.counts.words()));
    shown.push(format!("intent: {standing}"));
    shown.extend(more);
    shown.extend(waiting.edited_checks.iter().map(|path| format!("edited check: {}", safe::line(path))));
    shown.extend(judged(waiting).into_iter().map(|what| format!("you judge it good: {what}")));
    person::says_yes(&shown, "Approve this intent and merge its change?", output)
}

/// What is written of an accepted change: it is an approved intent, signed like any other approval.
struct Record {
    merged: Oid,
    approved: Event,
    digest: String,
    verdict: Verdict,
}

impl Record {
    /// Signed before anything is merged, so that what would not count stops here.
    fn made(repo: &Repo, waiting: &Waiting, merged: Oid, policy: &Policy, key: Option<&Key>) -> Result<Self> {
        let file = intents::file_of(&waiting.slug);
        let bytes =
            repo.file_at(merged, &file)?.with_context(|| format!("{file} is not in {}", merged.short()))?;
        let intent = parse::parse(&waiting.slug, &file, &bytes).map_err(Problems)?.intent;
        let digest = digest_at(repo, merged, &intent)?;
        let subject = approving::Subject { slug: &waiting.slug, digest: &digest, commit: merged };
        let approved = approving::approve(repo, &subject, key)?;
        let approvals = Approvals::read(repo, Some(merged), policy.require_signed)?;
        let verdict = approve::worth(&approvals, &approved)?;
        approve::counted(&verdict, policy.require_signed)?;
        Ok(Self { merged, approved, digest, verdict })
    }

    /// Both in one write.
    fn keep(&self, repo: &Repo, waiting: &Waiting, despite: bool, output: &Output) -> Result<()> {
        let commit = waiting.commit.to_string();
        let accepted =
            accept_event(&waiting.slug, &waiting.attempt, &commit, despite, Some(&self.approved.id));
        let events = [(self.merged, self.approved.clone()), (waiting.commit, accepted)];
        let redactor = ground::of(repo)?.redactor;
        recording::append(repo, &redactor, notes::INTENT, &events)
            .context("the change is merged but not recorded; mend this and run the same command again")?;
        if self.verdict != Verdict::Unsigned {
            approve::tell_doubt(&self.verdict, output);
        }
        Ok(())
    }
}
