//! One slot's process: started, found ready, restarted, ended.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use factory::storage::fs;
use factory::types::hint::Hinted;

use super::logs;
use super::state::SlotRecord;
use crate::edge::link::Route;
use crate::edge::place::Place;
use crate::edge::plan::SlotSpec;
use crate::edge::processes::{MARK, Process};

/// Variables a slot gets beside its own: those a program needs to find its way, and no more, so that it
/// does not matter which terminal the edge was once started from.
pub const INHERITED: [&str; 9] =
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Where a slot listens: the edge alone talks to it.
const HOST: &str = "127.0.0.1";

/// Restarts in a row after which a slot is said to be in a crash loop.
pub const CRASH_LOOP: u32 = 5;
/// A slot that was ready for this long begins to count restarts anew.
const STEADY: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    Starting,
    Ready(Instant),
    /// Ended by itself; to be started again then.
    Restarting(Instant),
}

pub struct Slot {
    pub run: u64,
    pub spec: SlotSpec,
    pub process: Process,
    pub port: u16,
    pub condition: Condition,
    pub restarts: u32,
    /// What went wrong last.
    pub trouble: Option<String>,
    awaited: AtomicBool,
    cancelled: Arc<AtomicBool>,
}

impl Slot {
    /// Start the process; `log` is begun anew, or with `again` appended to.
    pub fn spawn(place: &Place, run: u64, spec: &SlotSpec, log: &Path, again: bool) -> Result<Self> {
        let port = free_port()?;
        let out = if again { logs::open(log)? } else { logs::begin(log)? };
        let mut command = command(spec, port)?;
        command.env(MARK, mark(place, run)).stdout(Stdio::from(out.try_clone()?)).stderr(Stdio::from(out));
        let process = Process::spawn(&mut command)
            .map_err(|error| Hinted::outside(format!("{} cannot be started: {error}", spec.argv[0])))?;
        Ok(Self {
            run,
            spec: spec.clone(),
            process,
            port,
            condition: Condition::Starting,
            restarts: 0,
            trouble: None,
            awaited: AtomicBool::new(false),
            cancelled: Arc::default(),
        })
    }

    /// Take over a process that an earlier supervisor started; `None` where it is gone.
    pub fn adopt(record: &SlotRecord) -> Option<Self> {
        let process = Process::adopt(record.identity.clone())?;
        let condition = if record.ready { Condition::Ready(Instant::now()) } else { Condition::Starting };
        Some(Self {
            run: record.run,
            spec: record.spec.clone(),
            process,
            port: record.port,
            condition,
            restarts: record.restarts,
            trouble: None,
            awaited: AtomicBool::new(false),
            cancelled: Arc::default(),
        })
    }

    pub fn record(&self) -> SlotRecord {
        SlotRecord {
            run: self.run,
            spec: self.spec.clone(),
            identity: self.process.identity.clone(),
            port: self.port,
            ready: self.is_ready(),
            restarts: self.restarts,
        }
    }

    pub fn is_ready(&self) -> bool {
        matches!(self.condition, Condition::Ready(_))
    }

    pub fn route(&self) -> Route {
        Route { port: self.port, release: self.spec.release.clone(), answer_ms: self.spec.answer_ms }
    }

    pub fn state_word(&self) -> &'static str {
        match self.condition {
            Condition::Ready(_) => "ready",
            _ if self.restarts >= CRASH_LOOP => "crash-loop",
            Condition::Starting if self.restarts == 0 => "starting",
            Condition::Starting | Condition::Restarting(_) => "restarting",
        }
    }

    /// Wait in a thread until the process is ready, and say so to `tell` unless the slot was given up.
    pub fn await_ready(&self, tell: impl FnOnce(Result<(), String>) + Send + 'static) {
        self.awaited.store(true, Ordering::Relaxed);
        let (spec, port, cancelled) = (self.spec.clone(), self.port, Arc::clone(&self.cancelled));
        std::thread::spawn(move || {
            if let Some(result) = super::readiness::wait(&spec, port, &cancelled) {
                tell(result);
            }
        });
    }

    pub fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Relaxed)
    }

    /// Note that it ended or never became ready; it is to be started again a little later each time.
    pub fn lost(&mut self, trouble: String) {
        self.cancelled.store(true, Ordering::Relaxed);
        if matches!(self.condition, Condition::Ready(since) if since.elapsed() >= STEADY) {
            self.restarts = 0;
        }
        let pause = Duration::from_millis(100 << self.restarts.min(8));
        self.restarts += 1;
        self.trouble = Some(trouble);
        self.condition = Condition::Restarting(Instant::now() + pause);
    }

    pub fn is_due(&self) -> bool {
        matches!(self.condition, Condition::Restarting(at) if Instant::now() >= at)
    }

    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Every process of run `run` carries this.
pub fn mark(place: &Place, run: u64) -> String {
    format!("{}-{run}.", place.mark())
}

fn command(spec: &SlotSpec, port: u16) -> Result<Command> {
    let (program, arguments) = spec.argv.split_first().context("the slot has no program to run")?;
    let mut command = Command::new(program);
    let told = |text: &String| text.replace("{host}", HOST).replace("{port}", &port.to_string());
    command.args(arguments.iter().map(told)).current_dir(&spec.cwd).stdin(Stdio::null()).env_clear();
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.envs(spec.env.iter().map(|(name, value)| (name, told(value))));
    command.env("HOST", HOST).env("PORT", port.to_string());
    Ok(command)
}

/// A port nobody listens on now.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Give the logs of two slots each other's place, as their processes took each other's.
pub fn rename_log(place: &Place, from: &str, to: &str) {
    let (from, to) = (place.log(from), place.log(to));
    // A log that is not there has nothing to be moved.
    if std::fs::rename(&from, &to).is_ok() {
        let _ = fs::sync_dir(&place.logs());
    }
}
