//! The slots as the supervisor looks after them: started, ready, lost, replaced, drained.

use std::time::{Duration, Instant};

use anyhow::Result;
use factory::storage::fs;
use factory::types::hint::Hinted;

use super::slot::{self, Condition, Slot};
use super::state::Phase;
use super::{Answer, Leaving, Message, Replacing, Supervisor, logs};
use crate::edge::link::Order;
use crate::edge::plan::{Pointer, SlotSpec};
use crate::edge::processes::GRACE;

/// How long requests in flight may hold up the end of a slot that gets no more.
const DRAIN: Duration = Duration::from_secs(30);
/// How much of a slot's log is quoted.
const QUOTED: u64 = 1200;

impl Supervisor {
    /// Start a process, written down before anything is done with it.
    pub(super) fn spawn(&mut self, spec: &SlotSpec, name: &str, again: bool) -> Result<Slot> {
        let run = self.next_run;
        self.next_run += 1;
        Slot::spawn(&self.place, run, spec, &self.place.log(name), again)
    }

    /// Start the process beside the stable one.
    pub(super) fn spawn_canary(&mut self, spec: &SlotSpec) -> Result<()> {
        self.canary = Some(self.spawn(spec, "canary", false)?);
        self.save()?;
        self.await_ready();
        Ok(())
    }

    /// Wait for every slot that is starting.
    pub(super) fn await_ready(&self) {
        let slots = [&self.stable, &self.canary, &self.old].into_iter().flatten();
        for slot in slots.filter(|slot| slot.condition == Condition::Starting && !slot.is_awaited()) {
            let (sender, run) = (self.sender.clone(), slot.run);
            slot.await_ready(move |result| {
                // The supervisor may be ending.
                let _ = sender.send(Message::Ready { run, result });
            });
        }
    }

    pub(super) fn ready(&mut self, run: u64, result: Result<(), String>) {
        let slots = [("stable", &mut self.stable), ("canary", &mut self.canary), ("old", &mut self.old)];
        let found =
            slots.into_iter().find_map(|(name, slot)| Some((name, slot.as_mut().filter(|s| s.run == run)?)));
        let Some((name, slot)) = found else { return };
        match result {
            Ok(()) => {
                slot.condition = Condition::Ready(Instant::now());
                let event = self
                    .journal
                    .event(Some(&slot.spec.release), "slot-started")
                    .with("slot", name)
                    .with("pid", slot.process.identity.pid)
                    .with("port", slot.port);
                self.save_or_tell();
                self.route();
                self.record_or_tell(event);
                if name == "canary" {
                    self.canary_is_ready();
                }
            }
            Err(reason) if name == "canary" => {
                let reason = self.quoting("canary", reason);
                self.canary_is_lost(reason);
            }
            Err(reason) => self.slot_is_lost(name, reason),
        }
    }

    fn canary_is_ready(&mut self) {
        match (self.replacing.take(), &mut self.course) {
            (Some(replacing), _) => self.replace(replacing),
            (None, Some(course)) if course.phase == Phase::Starting => {
                course.enter(Phase::Probing);
                course.begun_ms = course.phase_since_ms;
                self.save_or_tell();
            }
            _ => {}
        }
    }

    fn canary_is_lost(&mut self, reason: String) {
        let Some(replacing) = self.replacing.take() else { return self.roll_back(&reason) };
        if let Some(slot) = self.canary.take() {
            let event =
                self.journal.event(Some(&slot.spec.release), "slot-exited").with("reason", reason.as_str());
            self.leave(slot);
            self.record_or_tell(event.with("slot", "canary"));
        }
        self.save_or_tell();
        let hint = format!("see {}", self.place.log("canary").display());
        replacing.answer.send(Err(Hinted::finding(reason).hint(hint)));
    }

    /// The words with the end of the slot's log.
    pub(super) fn quoting(&self, name: &str, reason: String) -> String {
        match logs::tail(&self.place.log(name), QUOTED) {
            tail if tail.is_empty() => reason,
            tail => format!("{reason}; its log ends with:\n{tail}"),
        }
    }

    pub(super) fn watch_slots(&mut self) {
        if let Some(ended) = self.canary.as_mut().and_then(|slot| slot.process.ended().map(str::to_owned)) {
            self.stop_traffic();
            let reason = self.quoting("canary", format!("it ended by itself ({ended})"));
            self.canary_is_lost(reason);
        }
        for name in ["stable", "old"] {
            let Some(slot) = self.slot(name) else { continue };
            let restarting = matches!(slot.condition, Condition::Restarting(_));
            if restarting && slot.is_due() {
                self.restart(name);
            } else if !restarting && let Some(ended) = slot.process.ended().map(str::to_owned) {
                self.slot_is_lost(name, format!("it ended by itself ({ended})"));
            }
        }
    }

    fn slot(&mut self, name: &str) -> Option<&mut Slot> {
        if name == "old" { self.old.as_mut() } else { self.stable.as_mut() }
    }

    fn slot_is_lost(&mut self, name: &str, trouble: String) {
        let verifying = self.course.as_ref().is_some_and(|course| course.phase == Phase::Verifying);
        let trouble = self.quoting(name, trouble);
        if name == "stable" && verifying {
            return self.revert(&trouble);
        }
        let Some(slot) = self.slot(name) else { return };
        slot.lost(trouble.clone());
        let (release, restarts) = (slot.spec.release.clone(), slot.restarts);
        let event =
            self.journal.event(Some(&release), "slot-exited").with("slot", name).with("reason", trouble);
        self.save_or_tell();
        self.record_or_tell(event.with("restarts", restarts));
    }

    fn restart(&mut self, name: &str) {
        let Some(slot) = self.slot(name) else { return };
        let (spec, restarts, trouble) = (slot.spec.clone(), slot.restarts, slot.trouble.clone());
        match self.spawn(&spec, name, true) {
            Ok(mut fresh) => {
                (fresh.restarts, fresh.trouble) = (restarts, trouble);
                let gone = if name == "old" { self.old.replace(fresh) } else { self.stable.replace(fresh) };
                if let Some(gone) = gone {
                    self.leave(gone);
                }
                self.save_or_tell();
                self.await_ready();
            }
            Err(error) => {
                if let Some(slot) = self.slot(name) {
                    slot.lost(format!("{error:#}"));
                }
            }
        }
    }

    /// Put a release in the place of stable without a canary.
    pub(super) fn start(&mut self, spec: SlotSpec, pointer: Option<Pointer>, answer: Answer) {
        let serving = self.stable.as_ref().is_some_and(|slot| slot.spec == spec && slot.is_ready());
        if serving {
            let set = pointer.map_or(Ok(()), |pointer| fs::replace_link(&pointer.link, &pointer.to));
            return answer.send(set.map_err(as_hinted).and_then(|()| self.status_value()));
        }
        match self.spawn_canary(&spec) {
            Ok(()) => self.replacing = Some(Replacing { pointer, answer }),
            Err(error) => answer.send(Err(as_hinted(error))),
        }
    }

    fn replace(&mut self, replacing: Replacing) {
        let result = self.switch(replacing.pointer.as_ref());
        replacing.answer.send(result.map_err(as_hinted).and_then(|()| self.status_value()));
    }

    fn switch(&mut self, pointer: Option<&Pointer>) -> Result<()> {
        let Some(fresh) = self.canary.take() else { return Ok(()) };
        let event = |journal: &super::Journal, op: &str| journal.event(Some(&fresh.spec.release), op);
        let to = pointer.map(|pointer| pointer.to.display().to_string());
        self.journal.record(event(&self.journal, "switching").with("pointer", to))?;
        if let Some(pointer) = pointer {
            fs::replace_link(&pointer.link, &pointer.to)?;
        }
        let switched = event(&self.journal, "switched");
        let before = self.stable.replace(fresh);
        self.epoch += 1;
        self.route();
        slot::rename_log(&self.place, "stable", "old");
        slot::rename_log(&self.place, "canary", "stable");
        self.save()?;
        if let Some(before) = before {
            self.leave(before);
        }
        self.record_or_tell(switched.with("epoch", self.epoch));
        Ok(())
    }

    /// Let a slot that has no route any more finish its requests, then end its processes.
    pub(super) fn leave(&mut self, slot: Slot) {
        slot.cancel();
        let (run, port) = (slot.run, slot.port);
        self.leaving.push(Leaving { slot: Some(slot), run, port, since: Instant::now() });
    }

    pub(super) fn drain(&mut self) {
        if self.leaving.iter().all(|leaving| leaving.slot.is_none()) {
            return;
        }
        let report = self.keeper.order(&Order::Tick { bucket: None, bars: None });
        let (place, sender) = (&self.place, &self.sender);
        for leaving in &mut self.leaving {
            // While the worker is lost nobody knows, and replaced ones may still be at it.
            let in_flight = report.as_ref().is_none_or(|report| report.in_flight(leaving.port) > 0);
            let waits = in_flight && leaving.since.elapsed() < DRAIN;
            if let Some(slot) = leaving.slot.take_if(|slot| !waits || slot.process.ended().is_some()) {
                let (mark, sender, run) = (slot::mark(place, slot.run), sender.clone(), slot.run);
                std::thread::spawn(move || {
                    slot.process.end(Some(&mark), GRACE);
                    let _ = sender.send(Message::Ended { run });
                });
            }
        }
        if let Some(report) = report {
            self.count(report);
        }
    }
}

/// An error as it is answered: with its hint, where it has one.
pub fn as_hinted(error: anyhow::Error) -> Hinted {
    let hinted = error.downcast_ref::<Hinted>();
    let (hint, trouble) = hinted.map_or((None, factory::types::hint::Trouble::Outside), |hinted| {
        (hinted.hint.clone(), hinted.trouble)
    });
    Hinted { what: format!("{error:#}"), hint, trouble }
}
