//! `cargo intent accept`: a person says yes, and the change goes into the current branch.

use anyhow::{Context, Result, bail};
use factory::operations::approving::{self, Approvals};
use factory::storage::repo::{Oid, Repo};
use factory::storage::signing::Key;
use factory::storage::{intents, notes};
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
    // As the person's own tree has it, from before the agent worked.
    let policy = approving::policy(&repo, Some(waiting.base))?;
    let asks = person::is_asked(&policy, "accepting", " before the build")?;
    let key = approving::signing_key(&repo, &policy, head)?;
    let wrong = what_is_wrong(&repo, &waiting, head)?;
    if !wrong.is_empty() && !args.despite_failures {
        bail!(Hinted::finding(format!("{} does not hold: {}", args.slug, wrong.join("; "))).hint(format!(
            "cargo intent build {0} --resume, or cargo intent accept {0} --despite-failures",
            args.slug
        )));
    }
    mergeable(&repo, &waiting, head)?;
    if asks && !args.yes && !said_yes(&waiting, &standing(&repo, &waiting)?, &wrong, output)? {
        output.note("nothing was changed");
        return Ok(Exit::Unverified);
    }
    let by_hand = by_hand::edited(&repo, &waiting)?;
    let merged = merge_commit(&repo, &waiting, head)?;
    let record = Record::made(&repo, &waiting, merged, &policy, key.as_ref())?;
    merge(&repo, merged, head)?;
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
        let branch = repo.branch()?.unwrap_or_else(|| "HEAD".to_owned());
        output.line(format!("{} is accepted: {} on {}", args.slug, merged.short(), safe::line(&branch)));
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

fn what_is_wrong(repo: &Repo, waiting: &Waiting, head: Oid) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    if !waiting.attempt.counts.holds() {
        wrong.push(waiting.attempt.counts.words());
    }
    wrong.extend(waiting.attempt.problems.iter().cloned());
    wrong.extend(waiting.secrets.iter().cloned());
    if waiting.intent_moved(repo, head)? {
        wrong.push("the intent changed since this was built".to_owned());
    }
    Ok(wrong)
}

/// One question that names everything the yes stands for.
fn said_yes(waiting: &Waiting, standing: &str, wrong: &[String], output: &Output) -> Result<bool> {
    let files = waiting.files.len();
    let mut shown = vec![format!("{}: {}", waiting.slug, safe::line(&waiting.intent.title))];
    shown.push(format!("{files} file(s), {}", waiting.attempt.counts.words()));
    shown.push(format!("intent: {standing}"));
    shown.extend(wrong.iter().map(|what| format!("despite: {}", safe::line(what))));
    shown.extend(waiting.edited_checks.iter().map(|path| format!("edited check: {}", safe::line(path))));
    shown.extend(judged(waiting).into_iter().map(|what| format!("you judge it good: {what}")));
    person::says_yes(&shown, "Approve this intent and merge its change?", output)
}

/// Find out, without touching anything, whether the change can go in.
fn mergeable(repo: &Repo, waiting: &Waiting, head: Oid) -> Result<()> {
    let edited = |path: &&String| waiting.files.iter().any(|file| file.path == **path);
    let dirty = repo.dirty_paths()?;
    let in_the_way: Vec<&String> = dirty.iter().filter(edited).collect();
    if let Some(first) = in_the_way.first() {
        bail!(
            Hinted::usage(format!("{first} has uncommitted edits, and the change edits it too"))
                .hint("commit them, or: git stash -u")
        );
    }
    if repo.is_ancestor(head, waiting.commit)? || repo.is_ancestor(waiting.commit, head)? {
        return Ok(());
    }
    let staged = repo.git_command().args(["diff-index", "--cached", "--quiet", "HEAD", "--"]).status();
    if !staged.context("git diff-index")?.success() {
        // Git refuses a merge then, and would say so only after the person's yes.
        bail!(
            Hinted::usage("something is staged, and the branch has moved on since the build")
                .hint("commit it, or: git stash -u")
        );
    }
    let (ours, theirs) = (head.to_string(), waiting.commit.to_string());
    let tried = repo
        .git_command()
        .args(["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", &ours, &theirs])
        .output()
        .context("git merge-tree")?;
    if tried.status.success() {
        return Ok(());
    }
    if tried.status.code() != Some(1) {
        let said = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
        bail!(Hinted::outside(format!("git merge-tree: {said}")).hint("git 2.38 or newer is needed"));
    }
    let listed = String::from_utf8_lossy(&tried.stdout).into_owned();
    let paths: Vec<&str> = listed.split('\0').skip(1).filter(|path| !path.is_empty()).collect();
    Err(Hinted::finding(format!(
        "the change conflicts with HEAD in {}; nothing was changed",
        paths.join(", ")
    ))
    .hint(format!("cargo intent build {} to build it anew from HEAD", waiting.slug))
    .into())
}

/// The commit that the current branch will be at: the change's own where it can go forward to it, else
/// a merge of both, which nothing points to yet.
fn merge_commit(repo: &Repo, waiting: &Waiting, head: Oid) -> Result<Oid> {
    if repo.is_ancestor(waiting.commit, head)? {
        return Ok(head);
    }
    if repo.is_ancestor(head, waiting.commit)? {
        return Ok(waiting.commit);
    }
    let (ours, theirs) = (head.to_string(), waiting.commit.to_string());
    let tree = repo.git(&["merge-tree", "--write-tree", "--no-messages", &ours, &theirs])?;
    let message = format!("Accept {}: {}", waiting.slug, waiting.intent.title);
    let mut args = vec!["commit-tree", "-p", &ours, "-p", &theirs, "-m", &message];
    // As `git merge` would.
    args.extend(repo.flag("commit.gpgSign").then_some("-S"));
    args.push(tree.trim());
    repo.git(&args)?.trim().parse()
}

/// Move the current branch forward, without hooks.
fn merge(repo: &Repo, merged: Oid, head: Oid) -> Result<()> {
    if merged != head {
        let commit = merged.to_string();
        repo.git(&[
            "-c",
            "core.hooksPath=/dev/null",
            "merge",
            "--ff-only",
            "--no-verify",
            "--quiet",
            &commit,
        ])?;
    }
    Ok(())
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
        notes::append(repo, notes::INTENT, &events)
            .context("the change is merged but not recorded; mend this and run the same command again")?;
        if self.verdict != Verdict::Unsigned {
            approve::tell_doubt(&self.verdict, output);
        }
        Ok(())
    }
}
