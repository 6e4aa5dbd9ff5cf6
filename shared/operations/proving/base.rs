//! Which commit a check must be red on, where nobody says.

use anyhow::Result;

use super::Base;
use crate::operations::meaning::{renamed_from, side_at};
use crate::storage::intents;
use crate::storage::repo::{Oid, Repo};

/// Where HEAD left the main line: its upstream, else `origin/HEAD`, `main` or `master`. `None` where
/// HEAD is on that line itself.
pub fn left_main(repo: &Repo, head: Oid) -> Result<Option<Oid>> {
    let own = repo.branch()?.map(|name| format!("refs/heads/{name}"));
    for line in ["refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master"] {
        let name = line.to_owned();
        if Some(&name) == own.as_ref() {
            continue;
        }
        let Ok(tip) = repo.resolve(line) else { continue };
        let Ok(found) = repo.git(&["merge-base", &tip.to_string(), &head.to_string()]) else { continue };
        let base: Oid = found.trim().parse()?;
        return Ok((base != head).then_some(base));
    }
    Ok(None)
}

/// The base of a check where nobody names one. A check written since HEAD left the main line: where it
/// left. An older one: the commit before the one that first wrote it. One not committed yet: where
/// HEAD left the main line, else HEAD.
pub fn usual(repo: &Repo, head: Oid, left: Option<Oid>, slug: &str, check: &str) -> Result<Base> {
    let Some((commit, parent)) = first_written(repo, head, slug, check)? else {
        return Ok(Ok(left.unwrap_or(head)));
    };
    if let Some(left) = left
        && !repo.is_ancestor(commit, left)?
    {
        return Ok(Ok(left));
    }
    Ok(parent.ok_or_else(|| {
        format!("it is as old as the repository ({}): there is no base; name one: --base REV", commit.short())
    }))
}

/// The commit that first wrote this check into its intent, under whatever slug it had then, and that
/// commit's first parent.
fn first_written(repo: &Repo, head: Oid, slug: &str, check: &str) -> Result<Option<(Oid, Option<Oid>)>> {
    let Some((commit, parent)) = first_under(repo, head, slug, check)? else { return Ok(None) };
    let found = Ok(Some((commit, parent)));
    // Where the file was there before, only the check came.
    let Some(before) = parent else { return found };
    if repo.file_at(before, &intents::file_of(slug))?.is_some() {
        return found;
    }
    let Some(Ok(side)) = side_at(repo, commit, slug)? else { return found };
    match renamed_from(repo, before, commit, &side)? {
        Some(older) => Ok(first_written(repo, before, &older.intent.slug, check)?.or(Some((commit, parent)))),
        None => found,
    }
}

/// The same under this slug alone. Each version is read: the id's text alone may have stood there
/// before, as `compare = "json"` or in a constraint.
fn first_under(repo: &Repo, head: Oid, slug: &str, check: &str) -> Result<Option<(Oid, Option<Oid>)>> {
    let (file, head) = (intents::file_of(slug), head.to_string());
    let args = ["log", "--format=%H %P", "--no-ext-diff", "--no-textconv", &head, "--", &file];
    let told = repo.git(&args)?;
    // The oldest stands last.
    for line in told.lines().rev() {
        let mut commits = line.split(' ').filter(|name| !name.is_empty()).map(str::parse);
        let Some(commit) = commits.next().transpose()? else { continue };
        let Some(bytes) = repo.file_at(commit, &file)? else { continue };
        let read = intents::read(slug, &bytes).read;
        if read.is_ok_and(|parsed| parsed.intent.acceptance.iter().any(|found| found.id == check)) {
            return Ok(Some((commit, commits.next().transpose()?)));
        }
    }
    Ok(None)
}
