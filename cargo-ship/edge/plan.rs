//! What the edge is asked to run: a slot's process, and the plan of a canary.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use factory::types::hint::Hinted;
use factory::types::id;
use factory::types::intent::Http;
use serde::{Deserialize, Serialize};

use crate::canary::evidence::Limits;
use crate::canary::promises::Caps;
use crate::canary::signals::Rule;

/// The process of one slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotSpec {
    pub release: String,
    /// Program and arguments. `HOST` and `PORT` tell it where to listen, and so do `{host}` and `{port}`
    /// in an argument or in a variable's value.
    pub argv: Vec<String>,
    pub cwd: PathBuf,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Asked until it answers below 400 twice; without it a connection must be accepted twice.
    #[serde(default)]
    pub health: Option<String>,
    /// How long it may take to become ready.
    #[serde(default = "ready_ms")]
    pub ready_ms: u64,
    /// How long an answer to a request may take to begin.
    #[serde(default = "answer_ms")]
    pub answer_ms: u64,
}

fn ready_ms() -> u64 {
    60_000
}

fn answer_ms() -> u64 {
    30_000
}

impl SlotSpec {
    pub fn new(release: &str, argv: Vec<String>, cwd: impl Into<PathBuf>) -> Self {
        Self {
            release: release.into(),
            argv,
            cwd: cwd.into(),
            env: BTreeMap::new(),
            health: None,
            ready_ms: ready_ms(),
            answer_ms: answer_ms(),
        }
    }
}

/// The target's own word on which release is stable: a link that is replaced atomically.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pointer {
    pub link: PathBuf,
    pub to: PathBuf,
}

/// Bytes that are shown as text where they are text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
}

impl Payload {
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: Some(text.to_owned()), hex: None },
            Err(_) => Self { text: None, hex: Some(id::hex(bytes)) },
        }
    }

    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        match (&self.text, &self.hex) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(hex)) => unhex(hex).ok_or_else(|| format!("{hex:?} is not hexadecimal")),
            (None, None) => Ok(Vec::new()),
        }
    }
}

pub fn unhex(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// An acceptance check asked of both slots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// `slug/check`.
    pub check: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Payload,
    #[serde(default)]
    pub contains: Option<String>,
    #[serde(default = "probe_ms")]
    pub timeout_ms: u64,
}

fn probe_ms() -> u64 {
    10_000
}

impl Probe {
    /// The probe of an acceptance check; `body` is what `http.body` stands for.
    pub fn of(check: &str, http: &Http, body: Option<&[u8]>, timeout: Duration) -> Self {
        Self {
            check: check.into(),
            method: http.method.clone(),
            path: http.path.clone(),
            status: http.status,
            headers: http.headers.clone(),
            body: Payload::of(body.unwrap_or_default()),
            contains: http.contains.clone(),
            timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(probe_ms()),
        }
    }

    pub fn http(&self) -> Http {
        Http {
            method: self.method.clone(),
            path: self.path.clone(),
            status: self.status,
            headers: self.headers.clone(),
            body: None,
            contains: self.contains.clone(),
            schema: None,
        }
    }
}

/// What a canary goes through, from start to its end, whoever is watching.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub slot: SlotSpec,
    /// Percent of requests, step by step; without any, one green round of probes promotes.
    pub steps: Vec<u8>,
    pub min_ms: u64,
    pub max_ms: u64,
    pub alpha: f64,
    pub max_error_rate: f64,
    /// An intent asks for that error rate; without, it is only what would do.
    #[serde(default)]
    pub promised_errors: bool,
    /// What an intent allows an answer to take.
    #[serde(default)]
    pub caps: Caps,
    /// How many times as often as stable it may be slow.
    #[serde(default = "latency_ratio")]
    pub latency_ratio: f64,
    /// Each client stays with its slot, by a cookie, and is counted once.
    #[serde(default)]
    pub sticky: bool,
    /// Promote by itself, or hold for a person.
    pub promote_auto: bool,
    pub rollback_on_inconclusive: bool,
    /// How long the promoted release is watched before the old one is stopped.
    pub verify_ms: u64,
    #[serde(default)]
    pub pointer: Option<Pointer>,
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// Commands whose number may not pass a bound.
    #[serde(default)]
    pub signals: Vec<SignalCommand>,
    /// Run when it is held, rolled back or promoted.
    #[serde(default)]
    pub notify: Option<CommandLine>,
    /// Whether a sample of stable's safe requests is asked of both.
    #[serde(default)]
    pub replay: bool,
}

/// A command line, split into words and never given to a shell, and where it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandLine {
    pub line: String,
    pub dir: PathBuf,
}

/// A command that prints a number, and the most it may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalCommand {
    /// `slug/check`.
    pub check: String,
    /// Its name under `[signal]`.
    pub name: String,
    pub command: CommandLine,
    pub max: f64,
    #[serde(default = "probe_ms")]
    pub timeout_ms: u64,
}

fn latency_ratio() -> f64 {
    1.5
}

impl Plan {
    pub fn limits(&self, rule: Rule) -> Limits {
        Limits {
            alpha: self.alpha,
            max_error_rate: self.max_error_rate,
            latency_ratio: self.latency_ratio,
            answer_ms: self.slot.answer_ms,
            caps: self.caps,
            promised_errors: self.promised_errors,
            rule,
        }
    }

    pub fn min_time(&self) -> Duration {
        Duration::from_millis(self.min_ms)
    }

    pub fn max_time(&self) -> Duration {
        Duration::from_millis(self.max_ms)
    }

    /// Refuse what could not be run as meant.
    pub fn check(&self) -> Result<(), Hinted> {
        let rising = self.steps.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || self.steps.iter().any(|&step| step == 0 || step > 99) {
            return Err(Hinted::usage(format!("canary steps {:?} are not rising percentages", self.steps))
                .hint("give rising numbers from 1 to 99, such as `steps = [5, 25, 50]`"));
        }
        for (name, share) in [("alpha", self.alpha), ("max-error-rate", self.max_error_rate)] {
            if !(share > 0.0 && share < 1.0) {
                return Err(Hinted::usage(format!("canary {name} = {share} is not between 0 and 1")));
            }
        }
        if !(1.0..=9.9).contains(&self.latency_ratio) {
            let ratio = self.latency_ratio;
            return Err(Hinted::usage(format!("canary latency-ratio = {ratio} is not from 1 to 9.9"))
                .hint("a tenth of stable's answers is slow; more than ten times as many cannot be"));
        }
        if self.max_ms < self.min_ms {
            return Err(Hinted::usage("canary max-time is shorter than min-time"));
        }
        check_slot(&self.slot)
    }
}

pub fn check_slot(spec: &SlotSpec) -> Result<(), Hinted> {
    if spec.argv.is_empty() {
        return Err(Hinted::usage("the slot has no program to run"));
    }
    match &spec.health {
        Some(path) if !path.starts_with('/') => {
            Err(Hinted::usage(format!("the health path {path:?} does not begin with /")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_survive() {
        for bytes in [b"plain".as_slice(), b"\xff\x00\x7f", b""] {
            assert_eq!(Payload::of(bytes).bytes().unwrap(), bytes);
        }
        assert!(Payload { text: None, hex: Some("zz".into()) }.bytes().is_err());
    }
}
