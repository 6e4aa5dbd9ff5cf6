//! `cargo intent doctor`: what is installed and set, what is missing, and the command that mends it.

mod programs;
mod repository;

use anyhow::Result;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, DIM, GOOD, Output, WAIT};
use factory::terminal::safe;
use serde_json::{Map, Value, json};

/// Say what of this machine and repository the tools can work with
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent doctor
  cargo intent doctor --format json

Ends with 0 unless something is broken, which is 1; a program that is merely missing breaks nothing.")]
pub struct Args {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Good,
    /// It would add something.
    Missing,
    Broken,
}

/// One thing looked at.
pub struct Finding {
    state: State,
    what: String,
    says: String,
    /// The command that mends it, where one does.
    mend: Option<String>,
}

impl Finding {
    fn good(what: impl Into<String>, says: impl Into<String>) -> Self {
        Self { state: State::Good, what: what.into(), says: says.into(), mend: None }
    }

    fn missing(what: impl Into<String>, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Missing, what: what.into(), says: says.into(), mend: Some(mend.into()) }
    }

    /// Missing, and nothing the person could run mends it.
    fn lacking(what: impl Into<String>, says: impl Into<String>) -> Self {
        Self { state: State::Missing, what: what.into(), says: says.into(), mend: None }
    }

    fn broken(what: impl Into<String>, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Broken, what: what.into(), says: says.into(), mend: Some(mend.into()) }
    }

    fn word(&self) -> &'static str {
        match self.state {
            State::Good => "good",
            State::Missing => "missing",
            State::Broken => "broken",
        }
    }
}

pub fn run(_args: Args, output: &Output) -> Result<Exit> {
    let mut findings = programs::look()?;
    match Repo::discover(&std::env::current_dir()?) {
        Ok(repo) => findings.extend(repository::look(&repo)?),
        Err(_) => findings.push(Finding::missing("repository", "none here", "git init")),
    }
    if output.is_json() {
        let all: Vec<Value> = findings
            .iter()
            .map(|one| json!({"state": one.word(), "what": one.what, "says": one.says, "mend": one.mend}))
            .collect();
        output.json(Map::from_iter([("findings".to_owned(), all.into())]));
    } else {
        let width = findings.iter().map(|one| one.what.chars().count()).max().unwrap_or(0);
        for one in &findings {
            let style = match one.state {
                State::Good => GOOD,
                State::Missing => WAIT,
                State::Broken => BAD,
            };
            let mend = one.mend.as_ref().map(|mend| output.paint(DIM, &format!("  → {}", safe::line(mend))));
            let word = output.paint(style, &format!("{:<7}", one.word()));
            output.line(format!(
                "{word}  {:width$}  {}{}",
                one.what,
                safe::line(&one.says),
                mend.unwrap_or_default()
            ));
        }
    }
    let broken = findings.iter().any(|one| one.state == State::Broken);
    Ok(if broken { Exit::Finding } else { Exit::Holds })
}
