//! What is said on the control socket: one JSON object a line, each with the version `v`.

use std::io::{BufRead, Read, Write};

use anyhow::{Context, Result, bail};
use factory::types::hint::{Hinted, Trouble};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::link::BothTook;
use super::plan::{Payload, Plan, Pointer, SlotSpec};
use crate::canary::counts::Counts;

/// The version of the protocol spoken here.
pub const VERSION: u64 = 1;

/// The most bytes of one line.
const MAX_LINE_BYTES: u64 = 32 << 20;

/// What the supervisor can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Request {
    Status {},
    /// Start the stable slot, or put another release in its place, without a canary.
    Start {
        slot: SlotSpec,
        #[serde(default)]
        pointer: Option<Pointer>,
    },
    Canary {
        plan: Box<Plan>,
    },
    /// Percent of requests for the canary, until the plan's next step.
    Weight {
        percent: u8,
    },
    Promote {},
    Rollback {
        #[serde(default)]
        reason: String,
    },
    /// End the watch over a promoted release early: it is good.
    Verified {},
    /// Put a new worker, of the program as it is installed now, in the place of the one that serves.
    ReplaceWorker {},
    Stop {
        what: Stop,
    },
    Journal {
        after: u64,
    },
    /// The records up to this number are in the notes.
    Published {
        to: u64,
    },
    Failures {},
}

impl Request {
    /// The names of all requests, for whoever asked for another.
    pub const KNOWN: [&str; 12] = [
        "status",
        "start",
        "canary",
        "weight",
        "promote",
        "rollback",
        "verified",
        "replace-worker",
        "stop",
        "journal",
        "published",
        "failures",
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The canary, which rolls its plan back.
    Canary,
    /// Both slots and the edge itself.
    All,
}

/// How a slot is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotStatus {
    /// `stable`, `canary` or `old`.
    pub slot: String,
    pub release: String,
    pub pid: u32,
    pub port: u16,
    /// `starting`, `ready`, `restarting` or `crash-loop`.
    pub state: String,
    pub restarts: u32,
    /// What went wrong last.
    #[serde(default)]
    pub trouble: Option<String>,
}

/// How the last plan is, or how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanStatus {
    pub release: String,
    /// `starting`, `probing`, `weighing`, `held`, `promoting`, `verifying`, `promoted` or `rolled-back`.
    pub phase: String,
    /// The same in a sentence, with the reason.
    pub words: String,
    /// How long it has been so.
    #[serde(default)]
    pub since_s: u64,
    pub reason: String,
    pub stable: Counts,
    pub canary: Counts,
    pub e: f64,
    pub f: f64,
    /// What is waited for, while nothing is decided.
    #[serde(default)]
    pub waits: String,
    pub green_rounds: u32,
    /// `certified`, `on probes alone`, `by a person`; empty before a promotion.
    pub basis: String,
    /// Number of the journal's record it began with.
    #[serde(default)]
    pub record: u64,
    /// How long answers took.
    #[serde(default)]
    pub took: BothTook,
    /// Differences between the answers of both slots that are no errors.
    #[serde(default)]
    pub differs: Vec<String>,
}

impl PlanStatus {
    /// Whether nothing more will happen without a new plan.
    pub fn is_over(&self) -> bool {
        matches!(self.phase.as_str(), "promoted" | "rolled-back")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub port: u16,
    /// Percent of requests that go to the canary.
    pub weight: u8,
    pub epoch: u64,
    pub supervisor: u32,
    pub worker: Option<u32>,
    pub slots: Vec<SlotStatus>,
    pub plan: Option<PlanStatus>,
    /// Number of the journal's last record.
    pub records: u64,
    /// It holds a release to what an intent promises in figures; one of an earlier version ignores that.
    #[serde(default)]
    pub promises: bool,
}

impl Status {
    pub fn slot(&self, name: &str) -> Option<&SlotStatus> {
        self.slots.iter().find(|slot| slot.slot == name)
    }
}

/// A request the canary answered wrongly, or a probe it failed: what a person needs to see it again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub t: String,
    pub release: String,
    /// The acceptance check, where a probe failed.
    #[serde(default)]
    pub check: Option<String>,
    pub method: String,
    pub path: String,
    /// Values of authorization and cookies are left out.
    pub headers: Vec<(String, String)>,
    /// Left out where it was large.
    #[serde(default)]
    pub body: Option<Payload>,
    /// 0 where there was no answer.
    pub status: u16,
    pub answer: Payload,
    /// What was wrong with it, in words.
    pub reason: String,
    /// What stable answered to the same probe.
    #[serde(default)]
    pub stable: Option<String>,
    /// What the canary's log ended with then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// Headers whose values are never kept.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"];

/// The value of a header as it may be kept: one that lets somebody in is left out.
pub fn kept_value(name: &str, value: &str) -> String {
    let secret = SECRET_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known));
    if secret { "(left out)".to_owned() } else { value.to_owned() }
}

/// One line, read as a request; the error is what to answer.
pub fn parse(line: &[u8]) -> Result<Request, Hinted> {
    let object: Map<String, Value> = serde_json::from_slice(line)
        .map_err(|error| Hinted::usage(format!("the request is no JSON object: {error}")))?;
    match object.get("v").and_then(Value::as_u64) {
        Some(1..=VERSION) => {}
        Some(v) => {
            return Err(Hinted::usage(format!("this edge speaks version {VERSION}, not {v}"))
                .hint("stop the edge with `cargo ship stop` and start it again with the newer program"));
        }
        None => return Err(Hinted::usage("the request has no version `v`")),
    }
    let asked = object.get("do").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !Request::KNOWN.contains(&asked.as_str()) {
        let known = Request::KNOWN.join(", ");
        return Err(Hinted::usage(format!("this edge does not know {asked:?}; it knows {known}")));
    }
    serde_json::from_value(Value::Object(object)).map_err(|error| Hinted::usage(format!("{asked}: {error}")))
}

/// Write one object as a line, with the version first.
pub fn write(mut to: impl Write, value: &impl Serialize) -> Result<()> {
    let Value::Object(fields) = serde_json::to_value(value)? else { bail!("not an object") };
    let mut object = Map::new();
    object.insert("v".into(), VERSION.into());
    object.extend(fields);
    let mut line = Value::Object(object).to_string();
    line.push('\n');
    to.write_all(line.as_bytes())?;
    Ok(to.flush()?)
}

/// The next line, or `None` where the other side has gone.
pub fn read_line(from: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    from.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        bail!("the line ends before its end");
    }
    Ok(Some(line))
}

/// An answer: a value, or what went wrong.
pub fn answer(result: Result<Value, Hinted>) -> Value {
    match result {
        Ok(value) => json!({"ok": true, "value": value}),
        Err(error) => json!({
            "ok": false,
            "error": error.what,
            "hint": error.hint,
            "trouble": trouble_word(error.trouble),
        }),
    }
}

/// Read an answer; an error of the other side becomes the same error here.
pub fn parse_answer<T: DeserializeOwned>(line: &[u8]) -> Result<T> {
    let mut object: Map<String, Value> = serde_json::from_slice(line).context("the edge's answer")?;
    if object.get("ok").and_then(Value::as_bool) == Some(true) {
        let value = object.remove("value").unwrap_or_default();
        return serde_json::from_value(value).context("the edge's answer is not understood");
    }
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    Err(Hinted {
        what: text("error").unwrap_or_else(|| "the edge refused without a reason".into()),
        hint: text("hint"),
        trouble: trouble_of(text("trouble").as_deref().unwrap_or_default()),
    }
    .into())
}

fn trouble_word(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Usage => "usage",
        Trouble::Busy => "busy",
        Trouble::Finding => "finding",
        Trouble::Unverified => "unverified",
        Trouble::Outside | Trouble::Interrupted(_) => "outside",
    }
}

fn trouble_of(word: &str) -> Trouble {
    let all = [Trouble::Usage, Trouble::Busy, Trouble::Finding, Trouble::Unverified];
    all.into_iter().find(|trouble| trouble_word(*trouble) == word).unwrap_or(Trouble::Outside)
}

#[cfg(test)]
mod tests;
