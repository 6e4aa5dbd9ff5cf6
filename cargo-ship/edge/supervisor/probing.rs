//! One round of probes: every acceptance check asked of both slots, and asked again where the canary is wrong.

mod replaying;
mod signals;

pub use signals::program;

use std::time::Duration;

use factory::operations::asking::judge;
use factory::storage::http::{Answer, ask};

use super::readiness;
use crate::edge::link::Sample;
use crate::edge::plan::{Payload, Plan, Probe, SignalCommand};
use crate::edge::protocol::{Failure, kept_value};

/// How often a wrong answer is asked for again before it is believed.
const REPETITIONS: u32 = 2;
const PAUSE: Duration = Duration::from_millis(60);
/// The header by which a service can tell a probe.
const HEADER: &str = "x-factory-probe";

/// What a round asks, and whom.
#[derive(Clone)]
pub struct Round {
    pub release: String,
    pub asks: Vec<Ask>,
    /// None where nothing is stable yet, or where only the front is asked.
    pub stable: Option<u16>,
    pub canary: u16,
}

#[derive(Clone)]
pub enum Ask {
    Check(Probe),
    Health(String),
    /// A command whose number may not pass a bound.
    Signal(SignalCommand),
    /// A request of stable's traffic, asked of both.
    Replay(Sample),
    /// Nothing is known that could be asked: it accepts connections.
    Connect,
}

impl Ask {
    /// The acceptance checks of a plan, and that it is alive.
    pub fn all(plan: &Plan) -> Vec<Self> {
        let mut asks: Vec<Self> = plan.slot.health.iter().cloned().map(Self::Health).collect();
        asks.extend(plan.probes.iter().cloned().map(Self::Check));
        asks.extend(plan.signals.iter().cloned().map(Self::Signal));
        if asks.is_empty() {
            asks.push(Self::Connect);
        }
        asks
    }

    fn name(&self) -> &str {
        match self {
            Self::Check(probe) => &probe.check,
            Self::Health(_) => "health",
            Self::Signal(signal) => &signal.check,
            Self::Replay(_) => "replay",
            Self::Connect => "connect",
        }
    }

    fn of(&self, port: u16) -> Seen {
        match self {
            // These two judge by themselves.
            Self::Signal(_) | Self::Replay(_) => Seen::bare(Ok(())),
            Self::Check(probe) => check(probe, port),
            Self::Health(path) => Seen::bare(readiness::healthy(port, path, Duration::from_secs(5))),
            Self::Connect => Seen::bare(readiness::accepts(port)),
        }
    }
}

/// What was answered, and what was wrong with it.
struct Seen {
    wrong: Option<String>,
    answer: Option<Answer>,
}

impl Seen {
    fn bare(result: Result<(), String>) -> Self {
        Self { wrong: result.err(), answer: None }
    }
}

fn check(probe: &Probe, port: u16) -> Seen {
    let mut http = probe.http();
    http.headers.entry(HEADER.into()).or_insert_with(|| probe.check.clone());
    let body = match probe.body.bytes() {
        Ok(body) => body,
        Err(reason) => return Seen::bare(Err(reason)),
    };
    let timeout = Duration::from_millis(probe.timeout_ms);
    match ask(&format!("http://127.0.0.1:{port}"), &http, Some(&body), timeout) {
        Ok(answer) => Seen { wrong: judge(&http, &answer).err(), answer: Some(answer) },
        Err(error) => Seen::bare(Err(format!("{error:#}"))),
    }
}

/// What one check came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Right,
    /// Wrong at first, then right.
    Unsteady(Failure),
    /// Wrong every time, while stable was right every time or is not there.
    Wrong(Failure),
    /// Wrong every time, as stable was.
    BothWrong(Failure),
    /// It could not be found out, and why: never a pass.
    NoData(String),
    /// Nothing is wrong, but the answers differ, and how.
    Differs(String),
}

impl Verdict {
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Right | Self::NoData(_) | Self::Differs(_) => None,
            Self::Unsteady(failure) | Self::Wrong(failure) | Self::BothWrong(failure) => Some(failure),
        }
    }
}

impl Verdict {
    /// Whether nothing speaks against the canary.
    pub fn is_green(&self) -> bool {
        matches!(self, Self::Right | Self::Differs(_))
    }

    /// What is wrong or not known, in words.
    pub fn trouble(&self) -> Option<&str> {
        match self {
            Self::NoData(reason) => Some(reason),
            _ => Some(&self.failure()?.reason),
        }
    }
}

/// The verdict of each check, in the order asked.
pub type Verdicts = Vec<(String, Verdict)>;

impl Round {
    /// Ask everything. A round ends with the first check the canary alone is wrong in: it decides.
    pub fn run(&self) -> Verdicts {
        let mut verdicts = Verdicts::new();
        for ask in &self.asks {
            let verdict = match ask {
                Ask::Signal(signal) => signals::judge(self, signal),
                Ask::Replay(sample) => replaying::judge(self, sample),
                _ => self.judge(ask),
            };
            let decides = matches!(verdict, Verdict::Wrong(_));
            verdicts.push((ask.name().to_owned(), verdict));
            if decides {
                break;
            }
        }
        verdicts
    }

    fn judge(&self, ask: &Ask) -> Verdict {
        let (first, stable) = self.both(ask);
        let Some(reason) = first.wrong.clone() else { return Verdict::Right };
        let failure = self.failure(ask, &first, reason, stable.as_ref());
        let is_right = |stable: &Option<Seen>| stable.as_ref().is_none_or(|seen| seen.wrong.is_none());
        let mut stable_right = is_right(&stable);
        for _ in 0..REPETITIONS {
            std::thread::sleep(PAUSE);
            let (again, stable) = self.both(ask);
            if again.wrong.is_none() {
                return Verdict::Unsteady(failure);
            }
            stable_right &= is_right(&stable);
        }
        if stable_right { Verdict::Wrong(failure) } else { Verdict::BothWrong(failure) }
    }

    /// Ask the canary and stable, also where the canary is right: what a probe makes a release print is
    /// counted, and is no sign against the canary where stable prints the same.
    fn both(&self, ask: &Ask) -> (Seen, Option<Seen>) {
        (ask.of(self.canary), self.stable.map(|port| ask.of(port)))
    }

    fn failure(&self, ask: &Ask, seen: &Seen, reason: String, stable: Option<&Seen>) -> Failure {
        let answer = seen.answer.as_ref();
        let mut failure = Failure {
            t: jiff::Timestamp::now().to_string(),
            release: self.release.clone(),
            check: Some(ask.name().to_owned()),
            method: "GET".into(),
            path: "/".into(),
            status: answer.map_or(0, |answer| answer.status),
            answer: Payload::of(answer.map_or(b"", |answer| &answer.body[..answer.body.len().min(4096)])),
            reason,
            stable: stable.map(|seen| match (&seen.wrong, &seen.answer) {
                (None, Some(answer)) => format!("right: status {}", answer.status),
                (None, None) => "right".to_owned(),
                (Some(wrong), _) => format!("wrong as well: {wrong}"),
            }),
            ..Failure::default()
        };
        match ask {
            Ask::Check(probe) => {
                failure.method.clone_from(&probe.method);
                failure.path.clone_from(&probe.path);
                let kept = |(name, value): (&String, &String)| (name.clone(), kept_value(name, value));
                failure.headers = probe.headers.iter().map(kept).collect();
                failure.body = Some(probe.body.clone());
            }
            Ask::Health(path) => failure.path.clone_from(path),
            Ask::Connect => failure.method = "CONNECT".into(),
            Ask::Signal(_) => failure.method = "SIGNAL".into(),
            Ask::Replay(sample) => {
                failure.method.clone_from(&sample.method);
                failure.path.clone_from(&sample.path);
                failure.headers.clone_from(&sample.headers);
            }
        }
        failure
    }
}
