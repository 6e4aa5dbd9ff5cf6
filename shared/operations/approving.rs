//! Signing off: approvals and revocations of intents as events, made, signed and verified.

mod standings;

use anyhow::{Context, Result, bail};

use crate::operations::filing::ground;
use crate::operations::recording;
use crate::storage::repo::{Oid, Repo};
use crate::storage::signing::{self, Key};
use crate::storage::{config, notes, places, remembered};
use crate::types::approval::{Approval, Kind, Signature, UNSIGNED};
use crate::types::config::{Approval as Policy, Config, parse::lay_over};
use crate::types::event::{Event, MAX_LINE_BYTES, by_slug};
use crate::types::hint::Hinted;
use crate::types::problem::Problems;

pub use standings::Approvals;

/// What a person signs off: an intent with `digest` as it stands in `commit`.
pub struct Subject<'s> {
    pub slug: &'s str,
    pub digest: &'s str,
    pub commit: Oid,
}

/// The approval of an intent, to be appended by the caller together with what it belongs to; it
/// hangs on `commit`. Without a key it is unsigned, and says so.
///
/// # Errors
/// A clone without the repository's first commit; a key that does not sign.
pub fn approve(repo: &Repo, subject: &Subject, key: Option<&Key>) -> Result<Event> {
    sign_off(repo, subject, Kind::Intent, None, key)
}

/// The withdrawal of all approvals of an intent so far.
///
/// # Errors
/// As [`approve`].
pub fn revoke(repo: &Repo, subject: &Subject, because: Option<&str>, key: Option<&Key>) -> Result<Event> {
    sign_off(repo, subject, Kind::Revocation, because, key)
}

fn sign_off(
    repo: &Repo,
    subject: &Subject,
    kind: Kind,
    because: Option<&str>,
    key: Option<&Key>,
) -> Result<Event> {
    let Subject { slug, digest, commit } = *subject;
    let lines = notes::read(repo, notes::INTENT)?;
    let events = by_slug(&lines).remove(slug).unwrap_or_default();
    let unsigned = Approval {
        id: String::new(),
        v: 0,
        t: String::new(),
        slug: slug.to_owned(),
        kind,
        op_fits: true,
        digest: digest.to_owned(),
        commit: commit.to_string(),
        tree: repo.tree_of(commit)?.to_string(),
        root: root(repo, commit)?.to_string(),
        previous: events.iter().rev().find_map(|event| Approval::read(event)).map(|approval| approval.id),
        because: because.map(str::to_owned),
        signature: Signature::Missing,
    };
    let event = unsigned.event(events.last().map(|event| event.id.as_str()));
    let Some(key) = key else { return Ok(event.with("signature", UNSIGNED)) };
    // Id and time came with the event, and are signed too.
    let payload = Approval::read(&event).context("an approval does not read as one")?.payload();
    let armour = key.sign(repo, &payload)?;
    let whole = event.clone().with("signature", armour.as_str());
    if whole.line().len() <= MAX_LINE_BYTES {
        return Ok(whole);
    }
    Ok(event.with(
        "signature_evidence",
        recording::keep(repo, &[ground::of(repo)?.redactor.bytes(armour.as_bytes())])?.swap_remove(0),
    ))
}

/// The first commit of the repository.
///
/// # Errors
/// A shallow clone, which does not have it.
fn root(repo: &Repo, commit: Oid) -> Result<Oid> {
    remembered::root_commit(repo, commit)?.ok_or_else(|| {
        Hinted::unverified("this clone does not have the repository's first commit, which approvals name")
            .hint("git fetch --unshallow")
            .into()
    })
}

/// What the committed configuration asks of approvals; `require-signed` holds also where only the
/// person's own configuration has it, so that a commit cannot switch it off. An edit nobody committed
/// opens no door.
pub fn policy(repo: &Repo, commit: Option<Oid>) -> Result<Policy> {
    let mut own = Config::default();
    if let Some(path) = places::config_file() {
        config::lay(&mut own, &path, &path.to_string_lossy())?;
    }
    let mut settings = Config::default();
    let committed = commit.map(|commit| repo.file_at(commit, config::FILE)).transpose()?.flatten();
    if let Some(bytes) = committed {
        lay_over(&mut settings, config::FILE, &bytes).map_err(Problems)?;
    }
    settings.approval.require_signed |= own.approval.require_signed;
    Ok(settings.approval)
}

/// The key to sign with, or `None` where there is none and none is asked for. Asked before anything
/// is changed, so that nothing stops half-way.
///
/// # Errors
/// No key where signatures are required; a clone in which no approval can be given.
pub fn signing_key(repo: &Repo, policy: &Policy, commit: Oid) -> Result<Option<Key>> {
    root(repo, commit)?;
    let key = Key::of(repo)?;
    if key.is_none() && policy.require_signed {
        bail!(
            Hinted::unverified("[approval] require-signed is set, and git's settings name no signing key")
                .hint(signing::TO_SIGN)
        );
    }
    Ok(key)
}
