//! What the supervisor is asked, and what it answers.

use factory::types::hint::Hinted;
use serde_json::{Value, json};

use super::slots::as_hinted;
use super::state::Phase;
use super::{Answer, Supervisor};
use crate::edge::plan::check_slot;
use crate::edge::protocol::{Request, Stop};

impl Supervisor {
    pub(super) fn asked(&mut self, request: Request, answer: Answer) {
        if self.stopping.is_some() && !matches!(request, Request::Status {}) {
            return answer.send(Err(Hinted::busy("the edge is stopping")));
        }
        let done = match request {
            Request::Status {} => Ok(()),
            Request::Journal { after } => return answer.send(self.records(after)),
            Request::Published { to } => return answer.send(self.published(to)),
            Request::Failures {} => return answer.send(Ok(json!(self.ledger.failures()))),
            Request::Stop { what: Stop::All } => return self.stop(answer),
            Request::Start { slot, pointer } => {
                return match check_slot(&slot).and_then(|()| self.refuse_while_busy()) {
                    Ok(()) => self.start(slot, pointer, answer),
                    Err(error) => answer.send(Err(error)),
                };
            }
            Request::Canary { plan } => self.begin_canary(*plan),
            Request::Weight { percent } => self.weigh(percent),
            Request::Promote {} => self.promote_now(),
            Request::Rollback { reason } => self.roll_back_now(&reason),
            Request::Stop { what: Stop::Canary } => self.roll_back_now("the canary was stopped"),
            Request::Verified {} => self.verified_now(),
            Request::ReplaceWorker {} => self.replace_worker(),
        };
        answer.send(done.and_then(|()| self.status_value()));
    }

    fn records(&self, after: u64) -> Result<Value, Hinted> {
        self.journal.after(after).map(Value::from).map_err(as_hinted)
    }

    /// Drop what the notes have, but for the last plan: its ticks may still be looked at, and a new
    /// supervisor counts them again.
    fn published(&mut self, to: u64) -> Result<Value, Hinted> {
        let begun = self.course.as_ref().map_or(u64::MAX, |course| course.record);
        let trimmed = self.journal.trim((to + 1).min(begun));
        trimmed.map(|()| Value::Null).map_err(as_hinted)
    }

    pub(super) fn refuse_while_busy(&self) -> Result<(), Hinted> {
        if self.replacing.is_some() {
            return Err(Hinted::busy("another release is just being started").hint("cargo ship status"));
        }
        match &self.course {
            Some(course) if !course.phase.is_over() => {
                Err(Hinted::busy(format!("the canary of {} is {}", course.release(), course.phase.word()))
                    .hint("`cargo ship promote` or `cargo ship rollback` ends it"))
            }
            _ => Ok(()),
        }
    }

    fn phase(&self) -> Option<Phase> {
        self.course.as_ref().map(|course| course.phase)
    }

    fn weigh(&mut self, percent: u8) -> Result<(), Hinted> {
        if !self.phase().is_some_and(Phase::takes_traffic) {
            return Err(Hinted::usage("no canary takes traffic now").hint("cargo ship status"));
        }
        if percent > 99 {
            return Err(Hinted::usage(format!(
                "{percent} is no share of requests for a canary; give 0 to 99"
            )));
        }
        self.set_weight(percent).map_err(as_hinted)
    }

    fn promote_now(&mut self) -> Result<(), Hinted> {
        match self.phase() {
            Some(Phase::Probing | Phase::Weighing | Phase::Held) => {
                self.promote("by a person");
                Ok(())
            }
            Some(Phase::Verifying) => {
                self.verified("person");
                Ok(())
            }
            Some(Phase::Promoting | Phase::Promoted) => Ok(()),
            Some(Phase::Starting) => {
                Err(Hinted::busy("the canary is not ready yet").hint("cargo ship status"))
            }
            Some(Phase::RolledBack) | None => {
                Err(Hinted::usage("there is no canary to promote").hint("cargo ship --canary"))
            }
        }
    }

    fn roll_back_now(&mut self, reason: &str) -> Result<(), Hinted> {
        if self.phase().is_none_or(Phase::is_over) {
            return Err(Hinted::usage("there is no canary to roll back").hint("cargo ship status"));
        }
        self.give_up(if reason.is_empty() { "a person asked for it" } else { reason });
        Ok(())
    }

    /// Another worker, on the same listener; no connection is dropped. It is told its routes before it takes
    /// any, and until then the one before serves.
    fn replace_worker(&mut self) -> Result<(), Hinted> {
        self.keeper.replace()?;
        self.route();
        self.keeper.retire();
        self.save_or_tell();
        let pid = self.keeper.identity().map(|identity| identity.pid);
        self.record_or_tell(self.journal.event(None, "worker-replaced").with("pid", pid));
        Ok(())
    }

    fn verified_now(&mut self) -> Result<(), Hinted> {
        match self.phase() {
            Some(Phase::Verifying) => self.verified("person"),
            Some(Phase::Promoted) => {}
            _ => return Err(Hinted::usage("no promoted release is being watched").hint("cargo ship status")),
        }
        Ok(())
    }
}
