//! The supervisor: owns the slots' processes, holds the listener, runs the canary's plan.

mod adopting;
mod canary;
mod commands;
mod control;
mod counting;
mod journal;
mod keeper;
mod logs;
mod notify;
mod printed;
mod probing;
mod promoting;
mod readiness;
mod replay;
mod slot;
mod slots;
mod state;
mod status;
mod sticky;
mod stopping;
mod turn;
mod verifying;
mod watched;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use factory::storage::fs;
use factory::terminal::exit::Exit;
use factory::types::hint::Hinted;
use serde_json::{Value, json};

use super::link::BothTook;
use super::place::Place;
use super::plan::Pointer;
use super::protocol::Request;
use counting::Ledger;
use journal::Journal;
use keeper::Keeper;
use printed::Printed;
use replay::Replay;
use slot::{Condition, Slot};
use state::Course;

/// Supervise a service's slots and split its traffic (started by `cargo ship`)
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the environment's edge
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Owner-only folder for its sockets
    #[arg(long, value_name = "DIR")]
    sockets: PathBuf,
    /// Port to listen on, on 127.0.0.1
    #[arg(long, value_name = "PORT")]
    port: u16,
}

/// Whoever waits for an answer.
pub struct Answer {
    to: Sender<Result<Value, Hinted>>,
    /// Closed once the answer was written out.
    written: Receiver<()>,
}

impl Answer {
    fn send(&self, result: Result<Value, Hinted>) {
        // Who asked may have gone.
        let _ = self.to.send(result);
    }

    /// Send, and wait until it has left this process.
    fn send_last(self, result: Result<Value, Hinted>) {
        self.send(result);
        let _ = self.written.recv_timeout(Duration::from_secs(2));
    }
}

/// What the supervisor is woken by.
pub enum Message {
    Asked { request: Request, answer: Answer, at: Instant },
    Ready { run: u64, result: Result<(), String> },
    Probed { round: u64, verdicts: probing::Verdicts },
    Ended { run: u64 },
    Notified { release: String, of: state::Phase, trouble: Option<String> },
}

/// How long an order on routes took, in microseconds, from the decision or from a person's request.
#[derive(Clone, Copy, Default)]
struct Obeyed {
    /// Until every worker had it: none gives a canary another request before it has obeyed. Not known of
    /// workers of the first version.
    stopped_us: Option<u64>,
    /// Until the worker had reported on it.
    obeyed_us: Option<u64>,
}

/// A stable slot that is being replaced without a canary: who waits for it.
struct Replacing {
    pointer: Option<Pointer>,
    answer: Answer,
}

/// A slot without routes, until its requests have ended and then its processes.
struct Leaving {
    slot: Option<Slot>,
    run: u64,
    port: u16,
    since: Instant,
}

pub struct Supervisor {
    place: Place,
    port: u16,
    keeper: Keeper,
    journal: Journal,
    messages: Receiver<Message>,
    sender: Sender<Message>,
    epoch: u64,
    weight: u8,
    next_run: u64,
    next_bucket: u64,
    /// When what is being done now was asked for.
    asked_at: Option<Instant>,
    /// How long the last order on routes took to be certain, and to be reported on.
    obeyed: Obeyed,
    /// The same of the order that took the canary out; none where it had no requests.
    stopped: Option<Obeyed>,
    /// Read before a canary gets requests, so that taking it out waits for no file.
    sticky_key: OnceCell<String>,
    stable: Option<Slot>,
    canary: Option<Slot>,
    old: Option<Slot>,
    leaving: Vec<Leaving>,
    replacing: Option<Replacing>,
    course: Option<Course>,
    ledger: Ledger,
    printed: Printed,
    replay: Replay,
    /// How long answers took at the last tick.
    took: BothTook,
    /// Commands that are being told something.
    notifying: u32,
    /// The round of probes that is under way, and when the last one ended.
    round: Option<u64>,
    rounds: u64,
    last_round: Option<Instant>,
    last_tick: Instant,
    /// Who waits for everything to have ended.
    stopping: Option<Answer>,
}

pub fn run(args: Args) -> Result<Exit> {
    let place = Place::new(args.dir, args.sockets)?;
    place.create()?;
    // Fails only where it leads a session already, and then no terminal is its.
    let _ = rustix::process::setsid();
    let lock = lock(&place)?;
    let begun = Supervisor::begin(place.clone(), args.port).and_then(|supervisor| {
        // Only now, so that whoever reaches it reaches an edge that holds its port.
        match control::listen(&place.control_socket()) {
            Ok(listener) => {
                control::serve(listener, supervisor.sender.clone());
                Ok(supervisor)
            }
            Err(error) => Err(supervisor.undone(error)),
        }
    });
    let supervisor = match begun {
        Ok(supervisor) => supervisor,
        Err(error) => {
            refuse(&place, &error)?;
            return Err(error);
        }
    };
    let result = supervisor.run();
    drop(lock);
    result.map(|()| Exit::Holds)
}

/// Whether a supervisor that has ended left slots to be adopted: it was killed, or the machine was
/// restarted. One that was stopped leaves none.
pub fn left_slots(place: &Place) -> Result<bool> {
    left_port(place).map(|port| port.is_some())
}

/// The port such a supervisor listened on, where it left slots.
pub fn left_port(place: &Place) -> Result<Option<u16>> {
    let state = state::State::read(&place.state())?;
    let left = state.filter(|state| state.stable.is_some() || state.canary.is_some() || state.old.is_some());
    Ok(left.map(|state| state.port))
}

/// One supervisor an environment, for as long as it lives.
fn lock(place: &Place) -> Result<std::fs::File> {
    let file = logs::open(&place.lock())?;
    file.try_lock().map_err(|_| Hinted::busy(format!("another edge runs in {}", place.dir.display())))?;
    Ok(file)
}

/// Leave the reason where whoever started this process looks for it.
fn refuse(place: &Place, error: &anyhow::Error) -> Result<()> {
    let hinted = error.downcast_ref::<Hinted>();
    let refused = json!({
        "v": 1,
        "pid": std::process::id(),
        "error": format!("{error:#}"),
        "hint": hinted.and_then(|hinted| hinted.hint.clone()),
    });
    fs::write_atomic(&place.refused(), refused.to_string().as_bytes()).context("saying why")
}

impl Supervisor {
    /// Make ready what an earlier supervisor left, or begin with nothing.
    fn begin(place: Place, port: u16) -> Result<Self> {
        let left = state::State::read(&place.state())?.unwrap_or_default();
        let journal = Journal::open(&place.journal())?;
        let same_port = left.port == port;
        let (keeper, adopted) = Keeper::begin(&place, port, left.worker.clone(), same_port)?;
        let (sender, messages) = mpsc::channel();
        let mut supervisor = Self {
            port,
            keeper,
            journal,
            messages,
            sender,
            epoch: left.epoch,
            weight: 0,
            next_run: left.next_run.max(1),
            next_bucket: factory::types::id::now_ms(),
            asked_at: None,
            obeyed: Obeyed::default(),
            stopped: None,
            sticky_key: OnceCell::new(),
            stable: None,
            canary: None,
            old: None,
            leaving: Vec::new(),
            replacing: None,
            course: None,
            ledger: Ledger::open(&place.failures()),
            printed: Printed::default(),
            replay: Replay::default(),
            took: BothTook::default(),
            notifying: 0,
            round: None,
            rounds: 0,
            last_round: None,
            last_tick: Instant::now(),
            stopping: None,
            place,
        };
        match supervisor.adopt(left, adopted) {
            Ok(()) => Ok(supervisor),
            Err(error) => Err(supervisor.undone(error)),
        }
    }

    /// A supervisor that cannot begin leaves no worker behind that holds the port, unless it serves.
    fn undone(mut self, error: anyhow::Error) -> anyhow::Error {
        if self.stable.is_none() {
            self.keeper.end();
        }
        error
    }
}
