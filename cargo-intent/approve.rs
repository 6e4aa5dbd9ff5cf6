//! `cargo intent approve`: a person signs off what an intent demands.

mod committed;
mod missing;
mod revoke;
mod verify;

use anyhow::{Result, bail};
use factory::operations::approving::{self, Approvals};
use factory::operations::filing::ground;
use factory::operations::meaning;
use factory::operations::recording;
use factory::storage::repo::Repo;
use factory::storage::signing::TO_SIGN;
use factory::storage::{intents, notes};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::approval::Approval;
use factory::types::event::Event;
use factory::types::hint::Hinted;
use factory::types::intent::Intent;
use factory::types::standing::{Standing, Verdict};
use serde_json::Map;

use crate::new::UNSAID;
use crate::{person, show};
use committed::Committed;

/// Sign off what an intent demands, take it back, or verify what was signed off
///
/// An approval is bound to the digest of the committed intent, so it outlives comments and layout and
/// not a weakened check. It is signed with the key git signs your commits with (gpg.format,
/// user.signingKey, gpg.ssh.allowedSignersFile); without one it is recorded as unsigned.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent approve csv2json
  cargo intent approve csv2json --revoke --because \"the bound is too weak\"
  cargo intent approve --verify              every intent; for CI, needs no terminal

`--verify` ends with 0 when all are approved, 1 when one is not (unapproved, stale, revoked, tampered, \
by an unknown signer), 3 when one could not be verified. A signature proves a key; only a key that \
needs a touch proves a person.")]
pub struct Args {
    /// The intent; with --verify any number, all of them where none is named
    #[arg(value_name = "SLUG", required_unless_present = "verify", add = completing::slugs())]
    slugs: Vec<String>,
    /// Verify approvals and sign nothing
    #[arg(long, conflicts_with_all = ["revoke", "because", "yes"])]
    verify: bool,
    /// Take back all approvals of the intent
    #[arg(long)]
    revoke: bool,
    /// Why it is taken back
    #[arg(long, value_name = "TEXT", requires = "revoke")]
    because: Option<String>,
    /// Do not ask again
    #[arg(long)]
    yes: bool,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    if args.verify {
        return verify::run(&repo, &args.slugs, output);
    }
    let [slug] = args.slugs.as_slice() else {
        bail!(
            Hinted::usage("one intent is approved at a time: each yes stands for one thing read")
                .hint(format!("cargo intent approve {}", args.slugs[0]))
        );
    };
    if args.revoke {
        return revoke::run(&repo, slug, args.because.as_deref(), args.yes, output);
    }
    approve(&repo, slug, args.yes, output)
}

fn approve(repo: &Repo, slug: &str, yes: bool, output: &Output) -> Result<Exit> {
    let head = repo.require_head()?;
    let committed = Committed::find(repo, head, slug)?;
    says_something(&committed.side.intent)?;
    let policy = approving::policy(repo, Some(head))?;
    let key = approving::signing_key(repo, &policy, head)?;
    let approvals = Approvals::read(repo, Some(head), policy.require_signed)?;
    let before = approvals.standing(slug, &committed.digest)?;
    if matches!(&before, Standing::Approved { by, overtaken: None } if by.is_some() || key.is_none()) {
        output.note(format!("nothing to do: {slug} is {}", crate::standing::sentence(&before)));
        if output.is_json() {
            output.json(document(slug, &committed, &before, None));
        }
        return Ok(Exit::Holds);
    }
    if person::is_asked(&policy, "approving", "")? && !yes {
        let since = approvals.newest(slug)?;
        let mut shown = difference(repo, &committed, since.as_ref(), output)?;
        if before.is_approved() {
            shown.push(format!("it is {} already", crate::standing::sentence(&before)));
        }
        shown.push(match &key {
            Some(key) => format!("to be signed with {}", safe::line(&key.shown())),
            None => "not to be signed: git's settings name no key".to_owned(),
        });
        if !person::says_yes(&shown, &format!("Approve {slug} as it stands in {}?", head.short()), output)? {
            output.note("nothing was changed");
            return Ok(Exit::Unverified);
        }
    }
    let subject = approving::Subject { slug, digest: &committed.digest, commit: head };
    let event = approving::approve(repo, &subject, key.as_ref())?;
    let verdict = worth(&approvals, &event)?;
    let after = counted(&verdict, policy.require_signed)?;
    recording::append(repo, &ground::of(repo)?.redactor, notes::INTENT, &[(head, event.clone())])?;
    tell_doubt(&verdict, output);
    if output.is_json() {
        output.json(document(slug, &committed, &after, Some(&event)));
    } else {
        output.line(format!("{slug} is {}", crate::standing::sentence(&after)));
    }
    Ok(if after.is_approved() { Exit::Holds } else { Exit::Unverified })
}

/// # Errors
/// An intent whose outcome nobody wrote yet: there is nothing to say yes to.
pub fn says_something(intent: &Intent) -> Result<()> {
    if intent.outcome.trim() != UNSAID {
        return Ok(());
    }
    let file = intents::file_of(&intent.slug);
    bail!(
        Hinted::usage(format!(
            "{} says nothing yet that could be approved: its outcome is to be said",
            intent.slug
        ))
        .hint(format!("edit {file}, then: git commit -m \"Want {}\" {file}", intent.slug))
    )
}

/// Show what changed in meaning since the last approval that counts, or the whole intent where there
/// was none; and what the yes stands for.
fn difference(
    repo: &Repo,
    committed: &Committed,
    since: Option<&Approval>,
    output: &Output,
) -> Result<Vec<String>> {
    let now = &committed.side;
    let before = since.map(|approval| committed::approved(repo, approval)).transpose()?.flatten();
    let changes = before.as_ref().map(|before| meaning::between(Some(before), Some(now)));
    if !output.is_json() {
        match &changes {
            Some(changes) => crate::meaning::print(changes, output),
            None => show::print(&now.intent, &now.entries, output),
        }
    }
    let since = match (since.map(|approval| approval.commit.get(..10).unwrap_or_default()), &changes) {
        (Some(commit), Some(changes)) if meaning::is_informative(changes) => {
            format!("what it demands is as it was approved in {commit}")
        }
        (Some(commit), Some(changes)) => {
            let weaker = changes.iter().filter(|change| change.is_weaker()).count();
            let weaker = if weaker > 0 { format!(", {weaker} weaker") } else { String::new() };
            format!("{} change(s) since it was approved in {commit}{weaker}", changes.len())
        }
        (Some(commit), None) => format!("it was approved before, in {commit}, which is not here any more"),
        (None, _) => "it was never approved before".to_owned(),
    };
    let mut shown = vec![format!("{}: {}", now.intent.slug, safe::line(&now.intent.title)), since];
    shown.extend(missing::lines(&now.entries));
    Ok(shown)
}

/// What the signature just made is worth to whoever verifies it here.
pub fn worth(approvals: &Approvals, event: &Event) -> Result<Verdict> {
    match Approval::read(event) {
        Some(approval) => approvals.verify(&approval),
        None => bail!(Hinted::unverified("an approval does not read as one")),
    }
}

/// How the intent stands by it.
///
/// # Errors
/// Where only what is signed and can be verified counts, and this is not.
pub fn counted(verdict: &Verdict, require_signed: bool) -> Result<Standing> {
    let approved = |by| Standing::Approved { by, overtaken: None };
    let (standing, mend) = match verdict {
        Verdict::Signed(who) => return Ok(approved(Some(who.clone()))),
        Verdict::Unsigned if !require_signed => return Ok(approved(None)),
        Verdict::Unsigned => (Standing::Unsigned, TO_SIGN.to_owned()),
        Verdict::UnknownSigner(why) => {
            (Standing::UnknownSigner(why.clone()), crate::standing::TO_LET_IN.to_owned())
        }
        Verdict::Tampered(why) => (Standing::Tampered(why.clone()), TO_SIGN.to_owned()),
        Verdict::CannotVerify(found) => (Standing::CannotVerify(found.clone()), found.mend.clone()),
    };
    if require_signed || matches!(verdict, Verdict::Tampered(_)) {
        let why = standing.reason().unwrap_or_default();
        bail!(
            Hinted::unverified(format!("the approval would not count, and was not recorded: {why}"))
                .hint(mend)
        );
    }
    Ok(standing)
}

/// Say why it does not count yet, or not as signed.
pub fn tell_doubt(verdict: &Verdict, output: &Output) {
    match verdict {
        Verdict::Signed(_) | Verdict::Tampered(_) => {}
        Verdict::Unsigned => output.note(format!("it is not signed; to sign: {TO_SIGN}")),
        Verdict::UnknownSigner(why) => {
            output.warn(format!("it does not count here yet: {}", safe::line(why)))
        }
        Verdict::CannotVerify(found) => {
            output.warn(format!("it cannot be verified here: {}", safe::line(&found.why)));
            output.note(format!("  to mend it: {}", safe::line(&found.mend)));
        }
    }
}

fn document(
    slug: &str,
    committed: &Committed,
    standing: &Standing,
    event: Option<&Event>,
) -> Map<String, serde_json::Value> {
    let mut object = Map::new();
    object.insert("slug".into(), slug.into());
    object.insert("digest".into(), committed.digest.clone().into());
    object.insert("event".into(), event.map(|event| event.id.clone()).into());
    crate::standing::put(&mut object, standing);
    object
}
