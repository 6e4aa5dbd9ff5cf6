//! What the person changed of an agent's result before accepting it: the stuff lessons are made of.

use anyhow::Result;
use factory::storage::repo::{Oid, Repo};
use factory::types::change::{Changes, Decision};

use super::record::changes;
use super::taking::differences;
use super::waiting::Waiting;

/// The agent whose worktree is the person's own.
const HAND: &str = "hand";

/// Paths in which the waiting change, made by hand, differs from what an agent left before it; none
/// where no agent did, or an agent made the change itself.
pub fn edited(repo: &Repo, waiting: &Waiting) -> Result<Vec<String>> {
    let past = changes(repo, &waiting.slug)?;
    if waiting.attempt.agent != HAND {
        return Ok(Vec::new());
    }
    let Some(before) = left_by_an_agent(&past) else { return Ok(Vec::new()) };
    let before: Oid = before.parse()?;
    Ok(differences(repo, before, waiting.commit)?.into_iter().map(|file| file.path).collect())
}

/// The last change an agent made since one was accepted.
fn left_by_an_agent(past: &Changes) -> Option<&str> {
    let open = past
        .attempts
        .iter()
        .rev()
        .take_while(|(_, decision)| !matches!(decision, Some(Decision::Accepted { .. })));
    let mut by_agents = open.filter(|(attempt, _)| attempt.agent != HAND);
    by_agents.find_map(|(attempt, _)| attempt.commit.as_deref())
}

/// The command that keeps such an edit as a lesson.
pub fn command(paths: &[String]) -> String {
    const NAMED: usize = 3;
    let scope: Vec<String> =
        paths.iter().take(NAMED).map(|path| format!(" --scope '{}'", path.replace('\'', "'\\''"))).collect();
    format!("cargo intent lesson add \"what you changed, and why\"{}", scope.concat())
}
