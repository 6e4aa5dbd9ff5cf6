//! What an earlier supervisor left: slots and worker that run on, a plan that is not at its end.

use std::time::Duration;

use anyhow::Result;

use super::slot::{Slot, mark};
use super::state::{Phase, SlotRecord, State};
use super::{Condition, Supervisor};
use crate::edge::processes;

impl Supervisor {
    pub(super) fn adopt(&mut self, left: State, adopted_worker: bool) -> Result<()> {
        self.course = left.course;
        self.remember_notified()?;
        let phase = self.course.as_ref().map(|course| course.phase);
        self.stable = left.stable.as_ref().and_then(|record| self.revived(record, "stable"));
        match left.old.as_ref().and_then(Slot::adopt) {
            Some(slot) if phase == Some(Phase::Verifying) => self.old = Some(slot),
            gone => gone.into_iter().for_each(|slot| self.leave(slot)),
        }
        match left.canary.as_ref().and_then(Slot::adopt) {
            Some(slot) if phase.is_some_and(|phase| !phase.is_over()) => self.canary = Some(slot),
            gone => gone.into_iter().for_each(|slot| self.leave(slot)),
        }
        self.end_strays();
        self.epoch += 1;
        self.route();
        let taken = self.keeper.take_listener();
        self.tell(taken);
        self.save()?;
        if adopted_worker || self.stable.is_some() {
            let event = self.journal.event(None, "adopted").with("worker", adopted_worker);
            let slots = [("stable", &self.stable), ("canary", &self.canary), ("old", &self.old)];
            let kept = slots.iter().filter(|(_, slot)| slot.is_some()).map(|(name, _)| *name);
            let event = event.with("slots", kept.collect::<Vec<_>>()).with("port", self.port);
            self.journal.record(event)?;
        }
        self.await_ready();
        self.go_on(phase, left.weight)
    }

    /// The process that was stable, or a new one of the same release where it is gone.
    /// Without either the edge runs on, and says so in its journal and log.
    fn revived(&mut self, record: &SlotRecord, name: &str) -> Option<Slot> {
        if let Some(slot) = Slot::adopt(record) {
            return Some(slot);
        }
        let event = self.journal.event(Some(&record.spec.release), "slot-exited").with("slot", name);
        self.record_or_tell(event.with("reason", "it was gone when the edge was started"));
        let fresh = self.spawn(&record.spec, name, true);
        let failed = fresh.as_ref().err().map(|error| format!("{error:#}"));
        if let Some(reason) = failed {
            let event = self.journal.event(Some(&record.spec.release), "slot-exited").with("slot", name);
            self.record_or_tell(event.with("reason", reason));
        }
        fresh.ok()
    }

    /// Take up the plan where it was.
    fn go_on(&mut self, phase: Option<Phase>, weight: u8) -> Result<()> {
        let (Some(phase), Some(course)) = (phase, &self.course) else { return Ok(()) };
        if phase.is_over() {
            return self.record_end(phase);
        }
        let (release, limits) = (course.release().to_owned(), course.limits());
        self.ledger.begin(limits);
        let (record, bars, time_unseen) = (course.record, course.bars, course.time_unseen);
        let records = self.journal.after(record)?;
        self.ledger.recount(&records, &release);
        if let Some(bars) = bars {
            self.ledger.set_bars(bars);
        }
        self.ledger.set_time_unseen(time_unseen);
        if phase == Phase::Verifying {
            self.ledger.watch(limits);
            self.ledger.recount_watched(&records, &release);
            return Ok(());
        }
        let Some(canary) = &self.canary else {
            self.give_up("its process was gone when the edge was started again");
            return Ok(());
        };
        debug_assert!(!matches!(canary.condition, Condition::Restarting(_)));
        match phase {
            Phase::Promoting => {
                if let Err(error) = self.flip() {
                    self.revert(&format!("it could not be promoted: {error:#}"));
                }
                Ok(())
            }
            // The worker took the canary to 0 when the supervisor died; a new epoch brings it back.
            Phase::Weighing | Phase::Held => self.set_weight(weight),
            _ => Ok(()),
        }
    }

    /// A plan's end is saved before it is recorded; a kill between the two left the record out.
    fn record_end(&mut self, phase: Phase) -> Result<()> {
        let Some(course) = &self.course else { return Ok(()) };
        let records = self.journal.after(course.record)?;
        if records.iter().any(|record| record["op"] == phase.word() && record["release"] == course.release())
        {
            return Ok(());
        }
        let event = self.journal.event(Some(course.release()), phase.word());
        let event = event.with("reason", course.reason.as_str()).with("basis", course.basis.as_str());
        self.journal.record(event)
    }

    /// Processes of ours that nobody wrote down: started just before a supervisor died.
    fn end_strays(&self) {
        let slots = [&self.stable, &self.canary, &self.old].into_iter().flatten().map(|slot| slot.run);
        let known: Vec<String> = slots
            .chain(self.leaving.iter().map(|leaving| leaving.run))
            .map(|run| mark(&self.place, run))
            .collect();
        for (_, stray) in processes::marked(&format!("{}-", self.place.mark())) {
            if !known.contains(&stray) {
                processes::end_stragglers(&stray, Duration::from_secs(1));
            }
        }
    }
}
