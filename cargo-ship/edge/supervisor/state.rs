//! What the supervisor must know again after it died: written whole before it is acted on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use factory::storage::fs;
use factory::types::id::now_ms;
use serde::{Deserialize, Serialize};

use crate::canary::evidence::Limits;
use crate::canary::latency::Bars;
use crate::canary::signals::Rule;
use crate::edge::plan::{Plan, SlotSpec};
use crate::edge::processes::Identity;

/// A slot's process as it is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SlotRecord {
    /// Number of the process among all of this edge.
    pub run: u64,
    pub spec: SlotSpec,
    pub identity: Identity,
    pub port: u16,
    pub ready: bool,
    pub restarts: u32,
}

/// Where a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The canary's process is not ready yet.
    Starting,
    /// Probed, without traffic.
    Probing,
    /// Under traffic.
    Weighing,
    /// Waits for a person, with the weight it had.
    Held,
    /// The pointer is being flipped.
    Promoting,
    /// It serves; the old release still runs.
    Verifying,
    Promoted,
    RolledBack,
}

impl Phase {
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Probing => "probing",
            Self::Weighing => "weighing",
            Self::Held => "held",
            Self::Promoting => "promoting",
            Self::Verifying => "verifying",
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled-back",
        }
    }

    pub fn is_over(self) -> bool {
        matches!(self, Self::Promoted | Self::RolledBack)
    }

    /// Whether the canary may be given requests.
    pub fn takes_traffic(self) -> bool {
        matches!(self, Self::Weighing | Self::Held)
    }
}

/// Rounds of probes that are recorded as they come.
const TOLD: u64 = 20;
const APART: u64 = 60;

/// A plan and how far it has come. Times are milliseconds since 1970, so that they survive a supervisor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Course {
    pub plan: Plan,
    pub phase: Phase,
    pub phase_since_ms: u64,
    /// When the minimum and the longest time began: with the first weight, or the first probe without stable.
    pub begun_ms: u64,
    pub step: usize,
    pub step_since_ms: u64,
    pub units_at_step: u64,
    pub first_epoch: u64,
    /// What is slow, once stable was measured.
    #[serde(default)]
    pub bars: Option<Bars>,
    pub green_rounds: u32,
    pub last_round_green: bool,
    pub reason: String,
    pub basis: String,
    /// Where the pointer led before the flip.
    pub pointer_before: Option<PathBuf>,
    /// Number of the journal's record this plan began with.
    pub record: u64,
    /// What was told of it last by the user's command.
    #[serde(default)]
    pub notified: Option<Phase>,
    /// Rounds of probes so far, and how many of their records were written.
    #[serde(default)]
    pub rounds: u64,
    #[serde(default)]
    pub rounds_recorded: u64,
    /// Version of the rule it is judged by to its end, whichever program goes on with it; none is the first.
    #[serde(default)]
    pub rule: Option<u64>,
    /// From this epoch on it serves alone.
    #[serde(default)]
    pub flip_epoch: u64,
    /// A worker that ignores `caps` counted some of it.
    #[serde(default)]
    pub time_unseen: bool,
}

impl Course {
    pub fn new(plan: Plan, record: u64) -> Self {
        let now = now_ms();
        Self {
            plan,
            phase: Phase::Starting,
            phase_since_ms: now,
            begun_ms: now,
            step: 0,
            step_since_ms: now,
            units_at_step: 0,
            first_epoch: 0,
            bars: None,
            green_rounds: 0,
            last_round_green: false,
            reason: String::new(),
            basis: String::new(),
            pointer_before: None,
            record,
            notified: None,
            rounds: 0,
            rounds_recorded: 0,
            rule: Some(Rule::default().number()),
            flip_epoch: 0,
            time_unseen: false,
        }
    }

    pub fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.phase_since_ms = now_ms();
    }

    /// Whether a round that brings news gets a record of its own: the first few do, then at most one in
    /// [`APART`] rounds, so that the note of a day-long canary stays short.
    pub fn is_round_told(&self, news: bool) -> bool {
        let beyond = (self.rounds_recorded + 1).saturating_sub(TOLD);
        news && self.rounds >= beyond * APART
    }

    /// Whether it serves and waits for a person: its checks said neither yes nor no. The flip clears the reason.
    pub fn is_held_after_flip(&self) -> bool {
        self.phase == Phase::Verifying && !self.reason.is_empty()
    }

    /// The phase as others are told it.
    pub fn told(&self) -> Phase {
        if self.is_held_after_flip() { Phase::Held } else { self.phase }
    }

    pub fn rule(&self) -> Rule {
        Rule::of(self.rule)
    }

    pub fn limits(&self) -> Limits {
        self.plan.limits(self.rule())
    }

    pub fn release(&self) -> &str {
        &self.plan.slot.release
    }
}

/// Time since a moment written down; none where the clock was set back.
pub fn since(ms: u64) -> Duration {
    Duration::from_millis(now_ms().saturating_sub(ms))
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    pub v: u64,
    pub port: u16,
    pub epoch: u64,
    pub weight: u8,
    pub next_run: u64,
    pub worker: Option<Identity>,
    pub stable: Option<SlotRecord>,
    pub canary: Option<SlotRecord>,
    pub old: Option<SlotRecord>,
    pub course: Option<Course>,
}

impl State {
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let Some(bytes) = fs::read_if_there(path)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).with_context(|| path.display().to_string())
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        fs::write_atomic(path, &serde_json::to_vec_pretty(self)?)
    }
}
