//! The end of the edge: nothing is left behind.

use anyhow::Result;

use super::{Answer, Supervisor};

impl Supervisor {
    /// Stop both slots, then worker and supervisor; the answer comes when everything has ended.
    pub(super) fn stop(&mut self, answer: Answer) {
        self.give_up("the edge was stopped");
        if let Some(replacing) = self.replacing.take() {
            replacing.answer.send(Err(factory::types::hint::Hinted::busy("the edge was stopped")));
        }
        let slots = [self.stable.take(), self.canary.take(), self.old.take()];
        (self.epoch, self.weight) = (self.epoch + 1, 0);
        self.route();
        slots.into_iter().flatten().for_each(|slot| self.leave(slot));
        self.save_or_tell();
        self.stopping = Some(answer);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.stopping.is_some() && self.leaving.is_empty() && self.notifying == 0
    }

    pub(super) fn end(mut self) -> Result<()> {
        self.keeper.end();
        for socket in [self.place.worker_socket(), self.place.control_socket()] {
            // Whoever connects from now on starts a new edge.
            let _ = std::fs::remove_file(socket);
        }
        let saved = self.ledger.save().and_then(|()| self.save());
        self.tell(saved);
        self.record_or_tell(self.journal.event(None, "stopped"));
        if let Some(answer) = self.stopping.take() {
            let value = self.status_value();
            answer.send_last(value);
        }
        Ok(())
    }
}
