//! `factory.toml` and the person's own defaults: what was set, and the default of everything else.

pub mod parse;

use std::collections::BTreeMap;
use std::time::Duration;

/// The configuration after the repository's file was laid over the person's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub agent: Agents,
    pub approval: Approval,
    pub ship: Ship,
    pub canary: Canary,
    /// `local` is always there.
    pub environments: BTreeMap<String, Environment>,
    pub secrets: BTreeMap<String, Secret>,
    /// Name of a signal and the command that prints its number.
    pub signals: BTreeMap<String, String>,
    pub feedback: Feedback,
    pub capture: Capture,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agents {
    pub default: Option<String>,
    pub named: BTreeMap<String, Agent>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agent {
    /// `{brief}` is a file; without it the brief is on standard input.
    pub command: String,
    pub hosts: Vec<String>,
    /// Names of variables passed in.
    pub env: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    pub terminal: bool,
    pub require_signed: bool,
}

impl Default for Approval {
    fn default() -> Self {
        Self { terminal: true, require_signed: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Service,
    Cli,
    Library,
    Site,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Service, Self::Cli, Self::Library, Self::Site];

    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Cli => "cli",
            Self::Library => "library",
            Self::Site => "site",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ship {
    pub kind: Option<Kind>,
    pub package: Option<String>,
    pub build: Option<String>,
    /// Arguments of a service; `{host}` and `{port}` stand for where it is to listen.
    pub run: Option<Vec<String>>,
    pub health: Option<String>,
    /// Releases kept on the target.
    pub keep: usize,
    pub steps: Vec<Step>,
}

impl Default for Ship {
    fn default() -> Self {
        Self { kind: None, package: None, build: None, run: None, health: None, keep: 5, steps: Vec::new() }
    }
}

/// A step a person adds, or puts in place of a default one of the same name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub name: String,
    pub run: Option<String>,
    pub needs: Vec<String>,
    pub timeout: Option<Duration>,
    /// Paths the step `secrets` leaves out, as patterns.
    pub except: Vec<String>,
    /// Drop the default step of this name.
    pub remove: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Canary {
    /// Percent of requests, step by step.
    pub steps: Vec<u8>,
    pub sticky: bool,
    pub alpha: f64,
    pub max_error_rate: f64,
    pub latency_ratio: f64,
    pub min_time: Duration,
    pub max_time: Duration,
    /// Promote by itself once certified, or hold for a person.
    pub promote_auto: bool,
    /// Roll back at `max_time` instead of holding.
    pub rollback_on_inconclusive: bool,
}

impl Default for Canary {
    fn default() -> Self {
        Self {
            steps: vec![5, 25, 50],
            sticky: false,
            alpha: 0.01,
            max_error_rate: 0.01,
            latency_ratio: 1.5,
            min_time: Duration::from_secs(60),
            max_time: Duration::from_secs(24 * 3600),
            promote_auto: true,
            rollback_on_inconclusive: false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// `local` or `command`; `registry` comes with the library kind.
    pub target: String,
    pub port: Option<u16>,
    /// Scripts of a `command` target, by verb.
    pub deploy: BTreeMap<String, String>,
    /// Variables given to the release; `{host}` and `{port}` stand for where it is to listen.
    pub config: BTreeMap<String, String>,
    pub secrets: Vec<String>,
    pub gates: Vec<String>,
    pub notify: Option<String>,
    pub migrate: Option<Migrate>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Migrate {
    pub up: String,
    pub down: Option<String>,
    pub status: Option<String>,
    pub backup: Option<String>,
    pub kind: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secret {
    pub from: String,
    pub to: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feedback {
    /// Regular expressions of what must never be written.
    pub redact: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capture {
    /// What turns a recording into text on its standard output; `{input}` is the recording.
    pub transcriber: Option<String>,
}
