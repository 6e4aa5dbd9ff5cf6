//! How everything is, for whoever asks.

use factory::types::hint::Hinted;
use serde_json::Value;

use super::slot::Slot;
use super::state::{Course, Phase, since};
use super::{Supervisor, slots};
use crate::canary::waiting;
use crate::edge::protocol::{PlanStatus, SlotStatus, Status};

impl Supervisor {
    pub(super) fn status_value(&self) -> Result<Value, Hinted> {
        serde_json::to_value(self.status()).map_err(|error| slots::as_hinted(error.into()))
    }

    fn status(&self) -> Status {
        let slots = [("stable", &self.stable), ("canary", &self.canary), ("old", &self.old)];
        Status {
            port: self.port,
            weight: self.weight,
            epoch: self.epoch,
            supervisor: std::process::id(),
            worker: self.keeper.identity().map(|identity| identity.pid),
            slots: slots.into_iter().filter_map(|(name, slot)| Some(of_slot(name, slot.as_ref()?))).collect(),
            plan: self.course.as_ref().map(|course| self.of_plan(course)),
            records: self.journal.last,
            promises: true,
        }
    }

    pub(super) fn of_plan(&self, course: &Course) -> PlanStatus {
        let evidence = self.ledger.evidence.as_ref();
        PlanStatus {
            release: course.release().to_owned(),
            phase: course.told().word().to_owned(),
            words: self.words(course),
            since_s: since(course.phase_since_ms).as_secs(),
            reason: course.reason.clone(),
            stable: evidence.map(|evidence| evidence.stable).unwrap_or_default(),
            canary: evidence.map(|evidence| evidence.canary).unwrap_or_default(),
            e: evidence.map_or(1.0, |evidence| evidence.e()),
            f: evidence.map_or(1.0, |evidence| evidence.f()),
            waits: match self.view() {
                Some(view) => self.waits(&waiting::why(&view)),
                None if course.phase == Phase::Verifying && !course.last_round_green => {
                    self.waits("the last round of probes was not green")
                }
                None => String::new(),
            },
            green_rounds: course.green_rounds,
            basis: course.basis.clone(),
            record: course.record,
            took: self.took,
            differs: self.replay.differs.clone(),
        }
    }

    fn waits(&self, why: &str) -> String {
        let trouble = self.replay.trouble.as_ref().map(|trouble| {
            let line = trouble.lines().next().unwrap_or_default();
            format!(" ({})", line.chars().take(160).collect::<String>())
        });
        let not_green = "the last round of probes was not green";
        why.replacen(not_green, &format!("{not_green}{}", trouble.unwrap_or_default()), 1)
    }

    pub(super) fn words(&self, course: &Course) -> String {
        let release = course.release();
        match course.phase {
            Phase::Starting => format!("{release} is starting"),
            Phase::Probing => format!("{release} is probed, without traffic"),
            Phase::Weighing => format!(
                "{release} gets {} % of requests (step {} of {})",
                self.weight,
                course.step + 1,
                course.plan.steps.len()
            ),
            Phase::Held => format!("{release} is held at {} %: {}", self.weight, course.reason),
            Phase::Promoting => format!("{release} is being promoted"),
            Phase::Verifying => {
                let old = self.old.as_ref().map(|slot| format!("; {} still runs", slot.spec.release));
                let old = old.unwrap_or_default();
                match course.is_held_after_flip() {
                    true => format!("{release} is held: {}{old}", course.reason),
                    false => format!("{release} serves and is watched{old}"),
                }
            }
            Phase::Promoted => format!("{release} was promoted, {}", course.basis),
            Phase::RolledBack => format!("{release} was rolled back: {}", course.reason),
        }
    }
}

fn of_slot(name: &str, slot: &Slot) -> SlotStatus {
    SlotStatus {
        slot: name.to_owned(),
        release: slot.spec.release.clone(),
        pid: slot.process.identity.pid,
        port: slot.port,
        state: slot.state_word().to_owned(),
        restarts: slot.restarts,
        trouble: slot.trouble.clone(),
    }
}
