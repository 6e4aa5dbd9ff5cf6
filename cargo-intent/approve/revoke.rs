//! `cargo intent approve --revoke`: a person takes an approval back.

use anyhow::{Result, bail};
use factory::operations::approving::{self, Approvals};
use factory::operations::filing::ground;
use factory::operations::recording;
use factory::storage::notes;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::approval::Kind;
use factory::types::hint::Hinted;
use factory::types::standing::Verdict;
use serde_json::Map;

use super::{counted, tell_doubt, worth};
use crate::person;

/// The longest reason, so that a signed line stays below its limit.
const LONGEST_REASON: usize = 1000;

pub fn run(repo: &Repo, slug: &str, because: Option<&str>, yes: bool, output: &Output) -> Result<Exit> {
    let head = repo.require_head()?;
    if because.is_some_and(|text| text.len() > LONGEST_REASON) {
        bail!(
            Hinted::usage(format!("the reason is longer than {LONGEST_REASON} bytes"))
                .hint("shorten it: the rest belongs into the intent's rationale")
        );
    }
    // Before it is signed: what is signed is what is written.
    let redactor = ground::of(repo)?.redactor;
    let because = because.map(|text| redactor.redact(text).text);
    let because = because.as_deref();
    let policy = approving::policy(repo, Some(head))?;
    let approvals = Approvals::read(repo, Some(head), policy.require_signed)?;
    let said = approvals.of(slug);
    let last = match said.last() {
        Some(last) if last.kind != Kind::Revocation => last,
        Some(_) => bail!(Hinted::usage(format!("the approval of {slug} was revoked already"))),
        None => {
            bail!(Hinted::usage(format!("{slug} was never approved")).hint("cargo intent approve --verify"))
        }
    };
    let asked = person::is_asked(&policy, "revoking an approval", "")?;
    let key = approving::signing_key(repo, &policy, head)?;
    if asked && !yes {
        let because = because.map_or("no reason given".to_owned(), |text| safe::line(text).into_owned());
        let given =
            format!("given in {} on {}", last.commit.get(..10).unwrap_or_default(), safe::line(&last.t));
        if !person::says_yes(&[given, because], &format!("Revoke the approval of {slug}?"), output)? {
            output.note("nothing was changed");
            return Ok(Exit::Unverified);
        }
    }
    let subject = approving::Subject { slug, digest: &last.digest, commit: head };
    let event = approving::revoke(repo, &subject, because, key.as_ref())?;
    let verdict = worth(&approvals, &event)?;
    counted(&verdict, policy.require_signed)?;
    recording::append(repo, &redactor, notes::INTENT, &[(head, event.clone())])?;
    match verdict {
        // To sign would take the same again, which a revocation does not.
        Verdict::Unsigned => output.note("it is not signed"),
        _ => tell_doubt(&verdict, output),
    }
    if output.is_json() {
        let mut object = Map::new();
        object.insert("slug".into(), slug.into());
        object.insert("event".into(), event.id.into());
        object.insert("approval".into(), "revoked".into());
        output.json(object);
    } else {
        output.line(format!("the approval of {slug} is revoked"));
    }
    Ok(Exit::Holds)
}
