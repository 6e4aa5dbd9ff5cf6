//! A change that waits for a person, with everything they should see before they decide.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use factory::operations::digest::{AtCommit, Digester};
use factory::operations::meaning::{Side, between};
use factory::storage::repo::{Oid, Repo};
use factory::storage::{intents, notes};
use factory::types::change::{Attempt, Changes};
use factory::types::event::{Event, by_slug};
use factory::types::hint::Hinted;
use factory::types::intent::{Anchor, Intent, parse};
use factory::types::problem::Problems;

use super::record::{branch_of, changes};
use super::secrets;
use super::taking::{differences, edited_checks};
use crate::meaning;

/// The change of one intent.
pub struct Waiting {
    pub slug: String,
    pub attempt: Attempt,
    pub base: Oid,
    pub commit: Oid,
    /// The intent it was built for.
    pub intent: Intent,
    pub files: Vec<Edited>,
    /// Paths that checks hang on, and were edited or are new.
    pub edited_checks: BTreeSet<String>,
    /// Files into which a certain secret came, each with its kind.
    pub secrets: Vec<String>,
}

/// A file of the change.
pub struct Edited {
    pub path: String,
    /// `None` for a binary file.
    pub lines: Option<(u64, u64)>,
}

impl Waiting {
    /// The change of `slug` that waits.
    ///
    /// # Errors
    /// Where none does, with what to do instead.
    pub fn find(repo: &Repo, slug: &str) -> Result<Self> {
        let past = changes(repo, slug)?;
        let Some(attempt) = past.waiting().cloned() else {
            return Err(none_waits(repo, slug, &past)?.into());
        };
        let Some(commit) = attempt.commit.as_deref() else {
            bail!(
                Hinted::finding(format!(
                    "attempt {} left nothing: {}",
                    attempt.id,
                    attempt.problems.join("; ")
                ))
                .hint(format!("cargo intent build {slug} --resume"))
            );
        };
        let (base, commit): (Oid, Oid) = (attempt.base.parse()?, commit.parse()?);
        unmoved(repo, slug, commit)?;
        let file = intents::file_of(slug);
        let bytes =
            repo.file_at(base, &file)?.with_context(|| format!("{file} is not in {}", base.short()))?;
        let intent = parse::parse(slug, &file, &bytes).map_err(Problems)?.intent;
        let differences = differences(repo, base, commit)?;
        let edited_checks = edited_checks(repo, (base, commit), &intent, &differences)?;
        let files = counted(repo, base, commit)?;
        let paths = files.iter().map(|file| file.path.as_str());
        let secrets = secrets::brought(repo, base, commit, paths)?;
        Ok(Self { slug: slug.to_owned(), attempt, base, commit, intent, files, edited_checks, secrets })
    }

    /// Constraints nothing checks: a person answers for them by saying yes.
    pub fn unheld(&self) -> Vec<(&str, &str)> {
        let all = self.intent.constraints.iter();
        all.filter(|c| c.check.is_none()).map(|c| (c.id.as_str(), c.text.as_str())).collect()
    }

    /// Questions only a person can answer.
    pub fn questions<'a>(&'a self) -> Vec<(&'a str, &'a str)> {
        let question = |anchor: &'a Anchor| match anchor {
            Anchor::Inspect { question } => Some(question.as_str()),
            _ => None,
        };
        let all = self.intent.acceptance.iter();
        all.filter_map(|check| Some((check.id.as_str(), question(&check.anchor)?))).collect()
    }

    /// What changed, by meaning, between what it was built for and what HEAD wants and holds it to: words,
    /// fixtures, contracts, bound tests. Empty where nothing did.
    pub fn intent_moved(&self, repo: &Repo, head: Oid) -> Result<Vec<String>> {
        let Some(now) = side(repo, head, &self.slug)? else {
            return Ok(vec![format!("{} is gone or cannot be read", intents::file_of(&self.slug))]);
        };
        // Where the change is in already, what it brought is no difference.
        let since = if repo.is_ancestor(self.commit, head)? { self.commit } else { self.base };
        let Some(before) = side(repo, since, &self.slug)? else {
            return Ok(vec![format!("{} is new", intents::file_of(&self.slug))]);
        };
        let wanted = |side: &Side| Intent { rationale: None, ..side.intent.clone() };
        if wanted(&before) == wanted(&now) && before.digest()? == now.digest()? {
            return Ok(Vec::new());
        }
        let words: Vec<String> = between(Some(&before), Some(&now)).iter().map(meaning::words).collect();
        Ok(if words.is_empty() { vec!["its words".to_owned()] } else { words })
    }
}

/// The intent and all it is held to, as a commit has it; `None` where it has none that can be read.
fn side(repo: &Repo, at: Oid, slug: &str) -> Result<Option<Side>> {
    let file = intents::file_of(slug);
    let Some(bytes) = repo.file_at(at, &file)? else { return Ok(None) };
    let Ok(parse::Parsed { intent, .. }) = parse::parse(slug, &file, &bytes) else { return Ok(None) };
    let entries = Digester::new(&AtCommit::new(repo, at)).entries(&intent)?;
    Ok(Some(Side { intent, entries, file: None }))
}

/// Slugs whose change waits for a person, in order.
pub fn all(repo: &Repo) -> Result<Vec<String>> {
    let lines = notes::read(repo, notes::INTENT)?;
    let waits = |(slug, events): &(&str, Vec<&Event>)| {
        let past = Changes::fold(slug, events.iter().copied());
        past.waiting().is_some_and(|attempt| attempt.commit.is_some())
    };
    Ok(by_slug(&lines).into_iter().filter(waits).map(|(slug, _)| slug.to_owned()).collect())
}

/// Why there is nothing to decide about, and what to do instead.
pub fn none_waits(repo: &Repo, slug: &str, past: &Changes) -> Result<Hinted> {
    if past.attempts.is_empty() {
        // A slug nobody knows is told apart from one nobody built.
        intents::one(repo.root()?, slug)?;
        return Ok(
            Hinted::usage(format!("{slug} was not built yet")).hint(format!("cargo intent build {slug}"))
        );
    }
    Ok(Hinted::usage(format!("no change of {slug} waits: the last one was decided"))
        .hint(format!("cargo intent build {slug}")))
}

/// The branch must be at the commit whose checks are shown.
fn unmoved(repo: &Repo, slug: &str, commit: Oid) -> Result<()> {
    match repo.read_ref(&branch_of(slug))? {
        Some(tip) if tip != commit => Err(Hinted::usage(format!(
            "intent/{slug} is at {}, but the checks ran on {}",
            tip.short(),
            commit.short()
        ))
        .hint(format!("git branch -f intent/{slug} {commit} to review what was checked"))
        .into()),
        _ => Ok(()),
    }
}

fn counted(repo: &Repo, base: Oid, commit: Oid) -> Result<Vec<Edited>> {
    let (base, commit) = (base.to_string(), commit.to_string());
    let listed = repo.git(&[
        "diff-tree",
        "-r",
        "-z",
        "--numstat",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        &base,
        &commit,
    ])?;
    let row = |row: &str| {
        let mut fields = row.splitn(3, '\t');
        let (added, removed, path) = (fields.next()?, fields.next()?, fields.next()?);
        let lines = added.parse().ok().zip(removed.parse().ok());
        Some(Edited { path: path.to_owned(), lines })
    };
    Ok(listed.split('\0').filter_map(row).collect())
}
