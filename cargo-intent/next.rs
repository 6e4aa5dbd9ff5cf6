//! `cargo intent next`: what waits for the person, across the three tools, on one screen.

mod gather;

use anyhow::Result;
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::{BAD, DIM, Output, WAIT};
use factory::terminal::safe;
use factory::types::age;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

/// Show what waits for you: releases, changes, feedback, intents
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo intent next
  cargo intent next --format json

What blocks most comes first. Each line says what waits, why, and the command to run.")]
pub struct Args {}

/// One thing that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub urgency: Urgency,
    /// `release`, `intent`, `change`, `item`, `records`.
    pub kind: &'static str,
    /// Its id or slug.
    pub what: String,
    pub why: String,
    /// Since when, as recorded; empty where that is not known.
    pub since: String,
    pub command: String,
}

/// How much stands still until somebody acts; the first blocks most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// People who use the service are served by something undecided.
    Held,
    /// Begun, and nobody goes on with it.
    Unfinished,
    /// Work that cannot go on: a file that cannot be read, a ship that failed.
    Broken,
    /// Somebody's work waits for a yes or no.
    Decision,
    /// Something is wrong in use.
    Feedback,
    /// What is asked for is not signed off.
    Intent,
    /// Goes on by itself, or can wait.
    Calm,
}

impl Urgency {
    fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Unfinished => "unfinished",
            Self::Broken => "broken",
            Self::Decision => "decision",
            Self::Feedback => "feedback",
            Self::Intent => "intent",
            Self::Calm => "calm",
        }
    }
}

/// How many of one urgency are shown; the rest are counted, so that all fits one screen.
const SHOWN: usize = 5;

/// Lines in all.
const LINES: usize = 20;

/// A reason keeps so much of a narrow terminal; then the line wraps.
const LEAST_WHY: usize = 16;

pub fn run(_args: Args, output: &Output) -> Result<Exit> {
    let repo = Repo::discover(&std::env::current_dir()?)?;
    let mut waiting = gather::all(&repo)?;
    // Within one urgency what was gathered first stays first.
    waiting.sort_by_key(|one| one.urgency);
    if output.is_json() {
        let mut document = Map::new();
        document.insert("waiting".into(), waiting.iter().map(to_json).collect::<Vec<Value>>().into());
        output.json(document);
    } else if waiting.is_empty() {
        output.line("Nothing waits for you.");
        output.note("the next idea: cargo intent new <slug> --title \"what you want\"");
    } else {
        output.raw(screen(&waiting, output).as_bytes());
    }
    Ok(Exit::Holds)
}

fn screen(waiting: &[Waiting], output: &Output) -> String {
    let mut shown: Vec<&Waiting> = Vec::new();
    let mut more: Vec<(&'static str, usize)> = Vec::new();
    for one in waiting {
        if shown.len() < LINES && shown.iter().filter(|other| other.urgency == one.urgency).count() < SHOWN {
            shown.push(one);
        } else if let Some((_, count)) = more.iter_mut().find(|(kind, _)| *kind == one.kind) {
            *count += 1;
        } else {
            more.push((one.kind, 1));
        }
    }
    let now = age::now();
    let why = |one: &Waiting| {
        let since =
            if one.since.is_empty() { String::new() } else { format!("{}: ", age::of(&one.since, now)) };
        format!("{since}{}", safe::line(&one.why))
    };
    let widest = |text: &dyn Fn(&Waiting) -> usize| shown.iter().map(|one| text(one)).max().unwrap_or(0);
    let kinds = widest(&|one| one.kind.width());
    let names = widest(&|one| safe::line(&one.what).width()).min(24);
    let commands = widest(&|one| one.command.width());
    let reasons = widest(&|one| why(one).width());
    let left =
        output.width().map_or(usize::MAX, |columns| columns.saturating_sub(kinds + names + commands + 6));
    let reasons = reasons.min(left.max(LEAST_WHY));
    let mut text = String::new();
    for one in shown {
        let style = match one.urgency {
            Urgency::Held | Urgency::Unfinished | Urgency::Broken => BAD,
            Urgency::Decision | Urgency::Feedback => WAIT,
            Urgency::Intent | Urgency::Calm => DIM,
        };
        let what = safe::line(&one.what);
        text.push_str(&format!(
            "{}  {}  {}  {}\n",
            output.paint(style, &padded(one.kind, kinds)),
            padded(&safe::cut(&what, names), names),
            padded(&safe::cut(&why(one), reasons), reasons),
            safe::line(&one.command),
        ));
    }
    for (kind, count) in more {
        let command = match kind {
            "item" => "git feedback list",
            "release" => "cargo ship log",
            "change" => "cargo intent review",
            _ => "cargo intent list",
        };
        text.push_str(&output.paint(DIM, &format!("{}  and {count} more: {command}", padded(kind, kinds))));
        text.push('\n');
    }
    text
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn to_json(one: &Waiting) -> Value {
    json!({
        "urgency": one.urgency.word(),
        "kind": one.kind,
        "what": one.what,
        "why": one.why,
        "since": Some(&one.since).filter(|since| !since.is_empty()),
        "command": one.command,
    })
}
