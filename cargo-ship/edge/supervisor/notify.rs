//! The user's command that is told when a canary is held, rolled back or promoted.
//!
//! It runs after what it tells of was done and recorded, in a thread of its own, and whatever becomes of it
//! changes nothing but the record. After a kill in between it is run again: told twice is better than never.

use std::time::Duration;

use factory::storage::boundary::Boundary;
use factory::storage::process::Runner;
use serde_json::json;

use super::state::Phase;
use super::{Message, Supervisor, probing};
use crate::edge::plan::CommandLine;

const PATIENCE: Duration = Duration::from_secs(30);

impl Supervisor {
    /// Tell of what the plan has come to, once.
    pub(super) fn notify(&mut self) {
        let Some(course) = &self.course else { return };
        let of = course.told();
        let due = matches!(of, Phase::Held | Phase::RolledBack | Phase::Promoted);
        let Some(command) = course.plan.notify.clone().filter(|_| due && course.notified != Some(of)) else {
            return;
        };
        let release = course.release().to_owned();
        let words = self.words(course);
        let plan = serde_json::to_value(self.of_plan(course)).unwrap_or_default();
        if let Some(course) = &mut self.course {
            course.notified = Some(of);
        }
        self.notifying += 1;
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            let told =
                json!({"schema": 1, "event": of.word(), "release": release, "words": words, "plan": plan});
            let trouble = tell(&command, of, &release, &words, &told.to_string()).err();
            // The supervisor may be ending.
            let _ = sender.send(Message::Notified { release, of, trouble });
        });
    }

    pub(super) fn notified(&mut self, release: &str, of: Phase, trouble: Option<String>) {
        self.notifying -= 1;
        let event = self.journal.event(Some(release), "notified");
        self.record_or_tell(event.with("of", of.word()).with("trouble", trouble));
        // Only now is it written down that it was told.
        self.save_or_tell();
    }

    /// Forget that something was told which the record does not say was.
    pub(super) fn remember_notified(&mut self) -> anyhow::Result<()> {
        let Some(course) = &mut self.course else { return Ok(()) };
        let records = self.journal.after(course.record)?;
        let told = |phase: &Phase| {
            records.iter().any(|record| record["op"] == "notified" && record["of"] == phase.word())
        };
        course.notified = course.notified.take().filter(told);
        Ok(())
    }
}

fn tell(command: &CommandLine, of: Phase, release: &str, words: &str, json: &str) -> Result<(), String> {
    let program = probing::program(command)?
        .env("FACTORY_EVENT", of.word())
        .env("FACTORY_RELEASE", release)
        .env("FACTORY_WORDS", words)
        .stdin(format!("{json}\n"))
        .timeout(PATIENCE);
    let outcome = Runner::new(Boundary::None).run(&program).map_err(|error| format!("{error:#}"))?;
    if outcome.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&outcome.stderr);
    let last = said.trim().lines().last().unwrap_or_default().chars().take(200).collect::<String>();
    Err(format!("`{}` {} {last}", command.line, outcome.words()).trim_end().to_owned())
}
