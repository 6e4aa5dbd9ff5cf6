//! The end of a plan: the flip to the new release and the watch over it, or the way back.

use std::path::Path;

use anyhow::{Context, Result};
use factory::storage::fs;

use super::Supervisor;
use super::slot::rename_log;
use super::state::Phase;

impl Supervisor {
    /// Make the canary stable: recorded, then the pointer, then the routes. The old release runs on.
    pub(super) fn promote(&mut self, basis: &str) {
        let Some(course) = &mut self.course else { return };
        course.enter(Phase::Promoting);
        course.basis = basis.to_owned();
        course.reason.clear();
        let pointer = course.plan.pointer.as_ref();
        course.pointer_before = pointer.and_then(|pointer| std::fs::read_link(&pointer.link).ok());
        let event = self
            .journal
            .event(Some(course.release()), "promoting")
            .with("basis", basis)
            .with("previous", self.stable.as_ref().map(|slot| slot.spec.release.clone()))
            .with("pointer", pointer.map(|pointer| pointer.to.display().to_string()));
        let event = self.with_counts(event);
        let durable = self.journal.record(event).and_then(|()| self.save());
        if let Err(error) = durable.and_then(|()| self.flip()) {
            self.revert(&format!("it could not be promoted: {error:#}"));
        }
    }

    /// The part of a promotion that may be done again from its beginning.
    pub(super) fn flip(&mut self) -> Result<()> {
        let course = self.course.as_mut().context("no plan to promote")?;
        if let Some(pointer) = &course.plan.pointer {
            fs::replace_link(&pointer.link, &pointer.to)?;
        }
        let fresh = self.canary.take().context("no canary to promote")?;
        let release = fresh.spec.release.clone();
        self.old = self.stable.replace(fresh);
        (self.epoch, self.weight) = (self.epoch + 1, 0);
        course.enter(Phase::Verifying);
        course.last_round_green = false;
        course.flip_epoch = self.epoch;
        self.ledger.watch(course.limits());
        self.route();
        rename_log(&self.place, "stable", "old");
        rename_log(&self.place, "canary", "stable");
        self.forget_round();
        self.save_or_tell();
        self.record_or_tell(self.journal.event(Some(&release), "flipped").with("epoch", self.epoch));
        Ok(())
    }

    /// The promoted release holds: end the old one.
    pub(super) fn verified(&mut self, by: &str) {
        let Some(course) = &mut self.course else { return };
        let release = course.release().to_owned();
        course.enter(Phase::Promoted);
        let basis = course.basis.clone();
        let event = self.journal.event(Some(&release), "verified").with("by", by);
        self.record_or_tell(event.with("watched", self.watched()));
        self.forget_round();
        if let Some(old) = self.old.take() {
            self.leave(old);
        }
        self.save_or_tell();
        self.record_or_tell(self.journal.event(Some(&release), "promoted").with("basis", basis));
    }

    /// Before the flip: no request goes to the canary any more, and only then is anything written.
    pub(super) fn roll_back(&mut self, reason: &str) {
        self.stop_traffic();
        self.rolled_back(reason);
        if let Some(slot) = self.canary.take() {
            self.leave(slot);
        }
        self.save_or_tell();
    }

    /// After the flip: back to the old release, which still runs; without one, to nothing.
    pub(super) fn revert(&mut self, reason: &str) {
        if self.course.as_ref().is_some_and(|course| course.phase == Phase::Promoting) {
            // The flip never came to the routes.
            self.revert_pointer();
            return self.roll_back(reason);
        }
        let failed = self.stable.take();
        self.stable = self.old.take();
        (self.epoch, self.weight) = (self.epoch + 1, 0);
        self.route();
        self.stopped = Some(self.obeyed);
        self.revert_pointer();
        rename_log(&self.place, "stable", "canary");
        rename_log(&self.place, "old", "stable");
        self.rolled_back(reason);
        if let Some(slot) = failed {
            self.leave(slot);
        }
        self.save_or_tell();
    }

    fn rolled_back(&mut self, reason: &str) {
        self.forget_round();
        let Some(course) = &mut self.course else { return };
        let flipped = matches!(course.phase, Phase::Promoting | Phase::Verifying);
        course.enter(Phase::RolledBack);
        course.reason = reason.to_owned();
        let to = self.stable.as_ref().map(|slot| slot.spec.release.clone());
        let event = self.journal.event(Some(course.release()), "rolled-back").with("reason", reason);
        // Where no request went to it there was nothing to stop.
        let stopped = self.stopped.take().unwrap_or_default();
        let event = event.with("stopped_us", stopped.stopped_us).with("obeyed_us", stopped.obeyed_us);
        let event = self.with_counts(event.with("to", to).with("after_flip", flipped));
        let event = event.with("watched", self.watched());
        let saved = self.ledger.save();
        self.tell(saved);
        self.save_or_tell();
        self.record_or_tell(event);
    }

    fn revert_pointer(&mut self) {
        let Some(course) = &self.course else { return };
        let Some(pointer) = &course.plan.pointer else { return };
        let result = match &course.pointer_before {
            Some(before) => fs::replace_link(&pointer.link, before),
            None => remove_link(&pointer.link),
        };
        self.tell(result);
    }
}

fn remove_link(link: &Path) -> Result<()> {
    match std::fs::remove_file(link) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.with_context(|| link.display().to_string()),
    }
}
