//! Intents as commits have them, and which of them a commit renamed.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Side, predecessor};
use crate::operations::digest::{AtCommit, Digester};
use crate::storage::intents;
use crate::storage::repo::{Oid, Repo};
use crate::types::problem::Problem;

/// The intent of this slug as a commit has it; `None` where there is none.
pub fn side_at(repo: &Repo, at: Oid, slug: &str) -> Result<Option<Result<Side, Vec<Problem>>>> {
    let Some(bytes) = repo.file_at(at, &intents::file_of(slug))? else { return Ok(None) };
    Ok(Some(match intents::read(slug, &bytes).read {
        Ok(parsed) => {
            let entries = Digester::new(&AtCommit::new(repo, at)).entries(&parsed.intent)?;
            Ok(Side { intent: parsed.intent, entries, file: Some(bytes) })
        }
        Err(problems) => Err(problems),
    }))
}

/// The intent that `commit` renamed to `side`, as its parent has it.
pub fn renamed_from(repo: &Repo, parent: Oid, commit: Oid, side: &Side) -> Result<Option<Side>> {
    let slugs = |at| -> Result<BTreeSet<String>> {
        let files = repo.files_under(at, intents::FOLDER)?;
        Ok(files.iter().filter_map(|file| intents::slug_of(&file.path)).map(str::to_owned).collect())
    };
    let (old, new) = (slugs(parent)?, slugs(commit)?);
    let read = |at, slugs: Vec<&String>| -> Result<Vec<Side>> {
        let mut sides = Vec::new();
        for slug in slugs {
            sides.extend(side_at(repo, at, slug)?.and_then(Result::ok));
        }
        Ok(sides)
    };
    let gone = read(parent, old.difference(&new).collect())?;
    if gone.is_empty() {
        return Ok(None);
    }
    let come = read(commit, new.difference(&old).collect())?;
    let found = predecessor(side, &gone.iter().collect::<Vec<_>>(), &come.iter().collect::<Vec<_>>());
    Ok(found.cloned())
}
