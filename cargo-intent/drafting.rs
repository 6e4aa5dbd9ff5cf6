//! `cargo intent new --draft`: show what an agent proposes beside the draft, and let a person decide.

use std::path::PathBuf;

use anyhow::Result;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, GOOD, Output};
use factory::terminal::safe;
use factory::types::config::Agents;
use factory::types::intent::Intent;
use similar::{ChangeTag, TextDiff};

use crate::capture::proposal::{self, Proposal};
use crate::person;

/// What becomes of a proposal.
pub enum Drafted {
    /// Write this text, and end with this code.
    Write(String, Exit),
    /// Nobody could be asked: the proposal lies here, and nothing is written.
    Kept(PathBuf),
}

/// Ask the agent, and the person about what it proposes. `draft` is the intent and its text as rules
/// made them, which stays where the agent has nothing better.
pub fn run(
    repo: &Repo,
    agents: &Agents,
    name: Option<&str>,
    draft: (&Intent, &str),
    raw: &str,
    output: &Output,
) -> Result<Drafted> {
    let ours = draft.1.to_owned();
    match proposal::ask(repo, agents, name, draft, raw, output)? {
        Proposal::Nothing(ended) => {
            output.warn(format!("the agent proposed nothing ({ended}); the draft made by rules is kept"));
            Ok(Drafted::Write(ours, Exit::Unverified))
        }
        Proposal::Unreadable { problems, file } => {
            output.problems(&problems);
            output.warn(format!(
                "the proposal cannot be read ({}); the draft made by rules is kept",
                file.display()
            ));
            Ok(Drafted::Write(ours, Exit::Unverified))
        }
        Proposal::Read { text, file, left_out } => {
            show(&ours, &text, output);
            for line in &left_out {
                output.warn(format!("the proposal leaves out: {}", safe::line(line.trim())));
            }
            if output.is_json() || !Output::may_ask() {
                return Ok(Drafted::Kept(file));
            }
            if person::says_yes(&[], "Take the proposal?", output)? {
                return Ok(Drafted::Write(text, Exit::Holds));
            }
            output.note(format!("the draft made by rules is kept; the proposal lies in {}", file.display()));
            Ok(Drafted::Write(ours, Exit::Holds))
        }
    }
}

/// The proposal as a difference from the draft, on standard error with the question.
fn show(ours: &str, theirs: &str, output: &Output) {
    let diff = TextDiff::from_lines(ours, theirs);
    for group in diff.grouped_ops(3) {
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let line = safe::line(change.value().trim_end_matches(['\r', '\n'])).into_owned();
            output.question(match change.tag() {
                ChangeTag::Delete => output.paint_err(BAD, &format!("-{line}")),
                ChangeTag::Insert => output.paint_err(GOOD, &format!("+{line}")),
                ChangeTag::Equal => format!(" {line}"),
            });
        }
    }
}
