//! Exchange of notes and evidence with a remote: fetched by git, united here, pushed without force.
//!
//! `git notes merge` moves its reference without looking at the value it had, so an event added at
//! that moment would be lost; here every move is a compare-and-swap.

mod union;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};

use super::repo::{Oid, Repo};
use super::{evidence, notes};
use crate::types::hint::Hinted;
use crate::types::id;

pub use union::Difference;

/// Everything that is carried; evidence first, so that no note names what is not there yet.
pub const REFERENCES: [&str; 4] = [evidence::REFERENCE, notes::FEEDBACK, notes::INTENT, notes::SHIP];

/// How often somebody else may push in between.
const ATTEMPTS: u32 = 10;

/// What became of one reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    pub reference: &'static str,
    /// Lines, or pieces of evidence, that came from the remote.
    pub received: usize,
    /// Lines, or pieces of evidence, that the remote did not have.
    pub sent: usize,
}

/// The remote to talk to: the named one, that of the branch, `origin`, or the only one.
///
/// # Errors
/// None is there, or it cannot be told which, with the command that adds one.
pub fn choose_remote(repo: &Repo, named: Option<&str>) -> Result<String> {
    let listed = repo.git(&["remote"])?;
    let remotes: Vec<&str> = listed.lines().collect();
    if let Some(named) = named {
        let address = named.contains('/') || named.contains(':');
        if named.starts_with('-') || !(address || remotes.contains(&named)) {
            return Err(Hinted::usage(format!("there is no remote {named:?}"))
                .hint(format!(
                    "git remote add {} <url>",
                    if named.starts_with('-') { "origin" } else { named }
                ))
                .into());
        }
        return Ok(named.to_owned());
    }
    if let Some(branch) = repo.branch()?
        && let Ok(remote) = repo.git(&["config", "--get", &format!("branch.{branch}.remote")])
        && remotes.contains(&remote.trim())
    {
        return Ok(remote.trim().to_owned());
    }
    match remotes.as_slice() {
        [] => Err(Hinted::usage("the repository has no remote to sync with")
            .hint("git remote add origin <url>")
            .into()),
        [only] => Ok((*only).to_owned()),
        several if several.contains(&"origin") => Ok("origin".to_owned()),
        several => Err(Hinted::usage(format!("which remote of {}?", several.join(", ")))
            .hint(format!("git feedback sync {}", several[0]))
            .into()),
    }
}

/// Where each reference stands on the remote; one that is not there is left out.
pub fn remote_heads(repo: &Repo, remote: &str) -> Result<BTreeMap<&'static str, Oid>> {
    let mut args = vec!["ls-remote", "--quiet", remote];
    args.extend(REFERENCES);
    let listed = repo.git(&args).map_err(|error| {
        error.context(
            Hinted::outside(format!("{remote} cannot be reached")).hint(format!("git ls-remote {remote}")),
        )
    })?;
    let mut heads = BTreeMap::new();
    for row in listed.lines() {
        let Some((oid, name)) = row.split_once('\t') else { continue };
        if let Some(known) = REFERENCES.into_iter().find(|known| *known == name) {
            heads.insert(known, oid.parse()?);
        }
    }
    Ok(heads)
}

/// Fetch, unite and push until the remote holds all that is here; nothing is ever forced.
///
/// # Errors
/// The remote cannot be reached or refuses to be written, or others pushed again and again.
pub fn run(repo: &Repo, remote: &str) -> Result<Vec<Synced>> {
    let mut total: BTreeMap<&'static str, Difference> = BTreeMap::new();
    for attempt in 0..ATTEMPTS {
        let heads = remote_heads(repo, remote)?;
        fetch(repo, remote, &heads)?;
        let mut push = Vec::new();
        for reference in REFERENCES {
            let (mine, difference) = unite(repo, reference, heads.get(reference).copied())?;
            let sum = total.entry(reference).or_default();
            sum.received += difference.received;
            sum.sent = sum.sent.max(difference.sent);
            push.extend(mine.filter(|mine| Some(mine) != heads.get(reference)).map(|mine| (reference, mine)));
        }
        if push_all(repo, remote, &push)? {
            let synced = |reference| {
                let Difference { received, sent } = total.get(reference).copied().unwrap_or_default();
                Synced { reference, received, sent }
            };
            return Ok(REFERENCES.into_iter().map(synced).collect());
        }
        std::thread::sleep(Duration::from_millis(id::random_below(50 << attempt.min(6))));
    }
    bail!(
        Hinted::busy(format!("others pushed to {remote} each of {ATTEMPTS} times"))
            .hint("git feedback sync: everything is kept here, run it again")
    )
}

/// Where one reference stands on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub reference: &'static str,
    pub here: Option<Oid>,
    pub there: Option<Oid>,
}

/// What a sync would start from; nothing is fetched.
pub fn preview(repo: &Repo, remote: &str) -> Result<Vec<Standing>> {
    let heads = remote_heads(repo, remote)?;
    let standing = |reference| {
        Ok(Standing { reference, here: repo.read_ref(reference)?, there: heads.get(reference).copied() })
    };
    REFERENCES.into_iter().map(standing).collect()
}

/// Where a remote's reference is kept here.
pub fn tracking(remote: &str, reference: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let folder = if remote.chars().all(plain) {
        remote.to_owned()
    } else {
        format!("at-{}", &id::sha256_hex(remote.as_bytes())[..12])
    };
    let name = reference.rsplit('/').next().unwrap_or(reference);
    format!("refs/notes-remotes/{folder}/{name}")
}

fn fetch(repo: &Repo, remote: &str, heads: &BTreeMap<&'static str, Oid>) -> Result<()> {
    if heads.is_empty() {
        return Ok(());
    }
    // The plus is for our copies alone: they follow the remote, whatever it did.
    let specs: Vec<String> =
        heads.keys().map(|reference| format!("+{reference}:{}", tracking(remote, reference))).collect();
    let mut args = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", remote];
    args.extend(specs.iter().map(String::as_str));
    repo.git(&args).map_err(|error| {
        error.context(
            Hinted::outside(format!("cannot fetch from {remote}")).hint(format!("git fetch {remote}")),
        )
    })?;
    Ok(())
}

/// Make our reference hold all that theirs does; where it stands then.
fn unite(repo: &Repo, reference: &'static str, theirs: Option<Oid>) -> Result<(Option<Oid>, Difference)> {
    let mut result = (None, Difference::default());
    notes::retry(reference, |_| {
        let ours = repo.read_ref(reference)?;
        let (new, difference) = match (ours, theirs) {
            (None, None) => return Ok(true),
            (ours, theirs) => union::of(repo, reference, ours, theirs)?,
        };
        result = (Some(new), difference);
        Ok(ours == Some(new) || repo.swap_ref(reference, new, ours, "sync: unite")?)
    })?;
    Ok(result)
}

/// A commit that holds all that `here` and `there` do.
pub fn united(repo: &Repo, reference: &str, here: Oid, there: Option<Oid>) -> Result<Oid> {
    union::of(repo, reference, Some(here), there).map(|(commit, _)| commit)
}

/// Remember that the remote has it; the next fetch corrects what could not be written.
fn seen_there(repo: &Repo, remote: &str, reference: &str, oid: Oid) {
    let tracking = tracking(remote, reference);
    if let Ok(old) = repo.read_ref(&tracking) {
        let _ = repo.swap_ref(&tracking, oid, old, "sync: pushed");
    }
}

/// Notes that are not as a remote they were exchanged with was last seen to have them; nothing is
/// fetched. Records that were never exchanged are nobody's but ours.
pub fn unshared(repo: &Repo) -> Result<Vec<&'static str>> {
    let mut unshared = Vec::new();
    for remote in repo.remote_names() {
        let seen: Vec<Option<Oid>> = REFERENCES
            .iter()
            .map(|reference| repo.read_ref(&tracking(&remote, reference)))
            .collect::<Result<_>>()?;
        if seen.iter().all(Option::is_none) {
            continue;
        }
        for (reference, seen) in REFERENCES.into_iter().zip(seen) {
            let here = repo.read_ref(reference)?;
            if reference != evidence::REFERENCE
                && here.is_some()
                && here != seen
                && !unshared.contains(&reference)
            {
                unshared.push(reference);
            }
        }
    }
    Ok(unshared)
}

/// Push each in order; `false` where the remote moved in between.
fn push_all(repo: &Repo, remote: &str, push: &[(&'static str, Oid)]) -> Result<bool> {
    for (reference, oid) in push {
        let spec = format!("{oid}:{reference}");
        let mut command = repo.git_command();
        if *reference != evidence::REFERENCE {
            // By size, the version before lies beside each version of a note; looking further costs time alone.
            command.args(["-c", "pack.window=1"]);
        }
        let output = command.args(["push", "--porcelain", "--quiet", remote, &spec]).output()?;
        if output.status.success() {
            seen_there(repo, remote, reference, *oid);
            continue;
        }
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        let rejected = said.lines().find(|row| row.starts_with('!')).unwrap_or_default();
        // Somebody else was faster, before our push or during it.
        let moved =
            ["fetch first", "non-fast-forward", "stale info", "cannot lock ref", "failed to update ref"];
        if moved.iter().any(|word| rejected.contains(word)) || why.contains("cannot lock ref") {
            return Ok(false);
        }
        bail!(
            anyhow::anyhow!("{}", if rejected.is_empty() { why.trim() } else { rejected }.to_owned())
                .context(
                    Hinted::outside(format!("{remote} did not take {reference}; everything is kept here"))
                        .hint(format!("git push {remote} {reference}"))
                )
        );
    }
    Ok(true)
}
