//! What an item stands on: the project's redactor, and the release it was seen in.

use anyhow::Result;

use crate::operations::redacting::Redactor;
use crate::storage::repo::{Oid, Repo};
use crate::storage::{config, fs, notes};
use crate::types::event::{Line, in_order};
use crate::types::hint::Hinted;
use crate::types::release;

/// The project's redactor, and the secrets whose values it does not know.
#[derive(Debug)]
pub struct Ground {
    pub redactor: Redactor,
    /// Names of secrets that come from a command, which is not run for this.
    pub unknown: Vec<String>,
}

/// What `factory.toml` says must never be written.
pub fn of(repo: &Repo) -> Result<Ground> {
    let Ok(root) = repo.root() else {
        // A bare repository has no work tree, and so no configuration.
        return Ok(Ground { redactor: Redactor::default(), unknown: Vec::new() });
    };
    let config = config::load(root)?;
    let (mut own, mut unknown) = (Vec::new(), Vec::new());
    for (name, secret) in &config.secrets {
        let value = match secret.from.split_once(':') {
            Some(("env", variable)) => std::env::var(variable).ok(),
            Some(("file", path)) => {
                fs::read_if_there(&root.join(path))?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => {
                unknown.push(name.clone());
                None
            }
        };
        own.extend(value);
    }
    Ok(Ground { redactor: Redactor::new(&own, &config.feedback.redact)?, unknown })
}

/// The release an item belongs to and its commit: the named one, else the newest promoted one that
/// HEAD contains.
///
/// # Errors
/// A named release that no note tells of.
pub fn release(repo: &Repo, head: Oid, named: Option<&str>) -> Result<Option<(String, Oid)>> {
    if repo.read_ref(notes::SHIP)?.is_none() && named.is_none() {
        return Ok(None);
    }
    let lines = notes::read(repo, notes::SHIP)?;
    if let Some(named) = named {
        return by_name(repo, &lines, named).map(Some);
    }
    for (event, hung_on) in in_order(&lines).into_iter().rev() {
        let Some((crate::types::event::SubjectKind::Release, id)) = &event.subject else { continue };
        let Ok(commit) = event.text("commit").unwrap_or(hung_on).parse::<Oid>() else { continue };
        if event.op == "promoted" && repo.is_ancestor(commit, head)? {
            return Ok(Some((id.clone(), commit)));
        }
    }
    Ok(None)
}

fn by_name(repo: &Repo, lines: &[Line], named: &str) -> Result<(String, Oid)> {
    let releases = release::fold(lines);
    let matching: Vec<_> = releases.iter().filter(|release| release.id.starts_with(named)).collect();
    let exact = matching.iter().find(|release| release.id == named);
    let found = match (exact, matching.as_slice()) {
        (Some(exact), _) => exact,
        (None, [only]) => only,
        (None, []) => {
            return Err(Hinted::usage(format!("no release {named:?} is known here"))
                .hint("cargo ship log")
                .into());
        }
        (None, several) => {
            let ids: Vec<&str> = several.iter().map(|release| release.id.as_str()).collect();
            return Err(Hinted::usage(format!("{named:?} may be {}", ids.join(", ")))
                .hint("write more of it")
                .into());
        }
    };
    let hung_on = lines.iter().find(|line| {
        line.read
            .as_ref()
            .is_ok_and(|event| event.is_about(crate::types::event::SubjectKind::Release, &found.id))
    });
    let commit =
        if found.commit().is_empty() { hung_on.map_or("", |line| &*line.commit) } else { found.commit() };
    // A release whose commit is not here still names the item; the note hangs on HEAD then.
    match commit.parse::<Oid>() {
        Ok(oid) if repo.has(oid) => Ok((found.id.clone(), oid)),
        _ => Ok((found.id.clone(), repo.require_head()?)),
    }
}
