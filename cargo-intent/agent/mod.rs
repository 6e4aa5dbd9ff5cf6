//! Who does the work: any command, a known CLI, the built-in scaffold, or the person's own hand.

pub mod brief;
pub mod command;
pub mod presets;
pub mod scaffold;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use factory::storage::process::{Runner, on_path};
use factory::types::config::Agents;
use factory::types::hint::Hinted;
use factory::types::intent::Intent;

use command::Started;

/// The work of one round.
pub struct Task<'a> {
    pub intent: &'a Intent,
    pub worktree: &'a Path,
    /// A folder outside the worktree for what is not part of the change.
    pub scratch: &'a Path,
    pub brief: &'a str,
    pub brief_file: &'a Path,
    pub limit: Duration,
}

/// What is known of a run besides the tree it left; none of it is evidence.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    pub transcript: Vec<u8>,
    pub closing: Option<String>,
    pub timed_out: bool,
    /// `exit code 0`.
    pub ended: String,
}

#[derive(Clone, Debug)]
pub struct Agent {
    pub name: String,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Command(Started),
    /// The person edits the worktree and comes back with `--resume`.
    Hand,
    Scaffold,
}

impl Agent {
    /// The agent of this name, or the default one.
    pub fn find(name: Option<&str>, agents: &Agents) -> Result<Self> {
        let name = match name.or(agents.default.as_deref()) {
            Some(name) => name.to_owned(),
            None => only_one_here(agents)?,
        };
        let kind = match name.as_str() {
            "hand" => Kind::Hand,
            "scaffold" => Kind::Scaffold,
            _ => Kind::Command(start_of(&name, agents)?),
        };
        Ok(Self { name, kind })
    }

    /// Let it work. A hand has worked already.
    pub fn run(&self, runner: Runner, task: &Task) -> Result<Ran> {
        match &self.kind {
            Kind::Command(started) => started.run(runner, task),
            Kind::Scaffold => scaffold::write(task),
            Kind::Hand => Ok(Ran::default()),
        }
    }

    /// Whether another round can give another result.
    pub fn can_try_again(&self) -> bool {
        matches!(self.kind, Kind::Command(_))
    }
}

fn start_of(name: &str, agents: &Agents) -> Result<Started> {
    if let Some(agent) = agents.named.get(name) {
        return Started::configured(name, agent);
    }
    let preset = presets::named(name).ok_or_else(|| {
        let known: Vec<&str> = presets::PRESETS.iter().map(|preset| preset.name).collect();
        Hinted::usage(format!("no agent is called {name:?}")).hint(format!(
            "one of hand, scaffold, {}, or [agent.{name}] command = \"…\" in factory.toml",
            known.join(", ")
        ))
    })?;
    if on_path(preset.program()).is_none() {
        return Err(Hinted::outside(format!("{} is not on PATH", preset.program()))
            .hint(format!("install {}, or --agent hand", preset.name))
            .into());
    }
    Ok(preset.started())
}

/// The agent to take where none is named: the only one configured, else the only one installed.
fn only_one_here(agents: &Agents) -> Result<String> {
    let configured: Vec<&str> = agents.named.keys().map(String::as_str).collect();
    let installed = || presets::PRESETS.iter().filter(|p| on_path(p.program()).is_some()).map(|p| p.name);
    let found: Vec<&str> = if configured.is_empty() { installed().collect() } else { configured };
    match found.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(Hinted::usage("no agent is configured, and none that is known is on PATH")
            .hint("--agent hand to edit yourself, --agent scaffold for a skeleton, or [agent.NAME] command = \"…\" in factory.toml")
            .into()),
        several => Err(Hinted::usage(format!("several agents could do it: {}", several.join(", ")))
            .hint(format!("--agent {}, or [agent] default = \"{0}\" in factory.toml", several[0]))
            .into()),
    }
}
