//! The canary's plan under way: probed, weighed, stepped up, held.

use std::time::{Duration, Instant};

use anyhow::Result;
use factory::types::hint::Hinted;
use serde_json::{Value, json};

use super::probing::{Ask, Round, Verdict, Verdicts};
use super::state::{Course, Phase, since};
use super::verifying::verify_time;
use super::{Message, Supervisor};
use crate::canary::course::{self, Next, ROUNDS, View};
use crate::canary::signals::Rule;
use crate::edge::link::BothTook;
use crate::edge::plan::Plan;

/// The longest pause between two rounds of probes.
const ROUND_AT_MOST: Duration = Duration::from_secs(30);
const ROUND_AT_LEAST: Duration = Duration::from_millis(50);

impl Supervisor {
    /// Take on a plan; the one that is under way may be asked for again.
    pub(super) fn begin_canary(&mut self, plan: Plan) -> Result<(), Hinted> {
        plan.check()?;
        if self.course.as_ref().is_some_and(|course| !course.phase.is_over() && course.plan == plan) {
            return Ok(());
        }
        self.refuse_while_busy()?;
        if plan.sticky {
            self.read_sticky_key().map_err(super::slots::as_hinted)?;
        }
        self.journal.record(self.planned(&plan)).map_err(super::slots::as_hinted)?;
        self.ledger.begin(plan.limits(Rule::default()));
        let spec = plan.slot.clone();
        self.course = Some(Course::new(plan, self.journal.last));
        self.last_round = None;
        (self.replay.differs, self.replay.trouble) = (Vec::new(), None);
        self.took = BothTook::default();
        self.stopped = None;
        if let Err(error) = self.spawn_canary(&spec) {
            self.roll_back(&format!("{error:#}"));
        }
        Ok(())
    }

    fn planned(&self, plan: &Plan) -> factory::types::event::Event {
        self.journal
            .event(Some(&plan.slot.release), "canary")
            .with("steps", plan.steps.iter().map(|step| u64::from(*step)).collect::<Vec<_>>())
            .with("alpha", plan.alpha)
            .with("max_error_rate", plan.max_error_rate)
            .with("promised_errors", plan.promised_errors.then_some(true))
            .with("caps", Some(plan.caps).filter(|caps| !caps.is_none()).map(|caps| json!(caps)))
            .with("latency_ratio", plan.latency_ratio)
            .with("rule", Rule::default().number())
            .with("sticky", plan.sticky.then_some(true))
            .with("answer_ms", plan.slot.answer_ms)
            .with("min_ms", plan.min_ms)
            .with("max_ms", plan.max_ms)
            .with("checks", plan.probes.iter().map(|probe| probe.check.clone()).collect::<Vec<_>>())
            .with("beside", self.stable.as_ref().map(|slot| slot.spec.release.clone()))
    }

    /// Do what is due now.
    pub(super) fn advance(&mut self) {
        let Some(course) = &self.course else { return };
        match course.phase {
            Phase::Probing | Phase::Weighing | Phase::Held => {
                self.probe_when_due();
                self.decide();
            }
            Phase::Verifying => self.verify(),
            Phase::Starting | Phase::Promoting | Phase::Promoted | Phase::RolledBack => {}
        }
    }

    pub(super) fn probe_when_due(&mut self) {
        let Some(course) = &self.course else { return };
        let verifying = course.phase == Phase::Verifying;
        let span = if verifying { verify_time(course) } else { course.plan.min_time() };
        let pause = (span / (ROUNDS + 1)).clamp(ROUND_AT_LEAST, ROUND_AT_MOST);
        if self.round.is_some() || self.last_round.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        let stable = self.stable.as_ref().map(|slot| slot.port).filter(|_| !verifying);
        let port = if verifying { Some(self.port) } else { self.canary.as_ref().map(|slot| slot.port) };
        let Some(canary) = port else { return };
        let mut asks = Ask::all(&course.plan);
        if course.plan.replay && stable.is_some() {
            asks.extend(self.replay.due());
        }
        let round = Round { release: course.release().to_owned(), asks, stable, canary };
        self.rounds += 1;
        self.round = Some(self.rounds);
        let (sender, number) = (self.sender.clone(), self.rounds);
        std::thread::spawn(move || {
            // The supervisor may be ending.
            let _ = sender.send(Message::Probed { round: number, verdicts: round.run() });
        });
    }

    /// Rounds of what was probed before, and whatever they find, count no more.
    pub(super) fn forget_round(&mut self) {
        self.round = None;
        self.last_round = None;
    }

    pub(super) fn probed(&mut self, round: u64, verdicts: Verdicts) {
        if self.round != Some(round) {
            return;
        }
        self.round = None;
        self.last_round = Some(Instant::now());
        let decides = verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Wrong(_)));
        if decides {
            self.stop_traffic();
        }
        verdicts
            .iter()
            .filter_map(|(_, verdict)| verdict.failure())
            .for_each(|f| self.keep_failure(f.clone()));
        self.replay.note(&verdicts);
        let Some(course) = &mut self.course else { return };
        let green = verdicts.iter().all(|(_, verdict)| verdict.is_green());
        let changed = course.last_round_green != green;
        course.last_round_green = green;
        course.green_rounds += u32::from(green);
        course.rounds += 1;
        if decides || course.is_round_told(changed || (green && course.green_rounds <= ROUNDS)) {
            course.rounds_recorded += 1;
            let event = self.round_event(&verdicts, green);
            self.record_or_tell(event);
        }
        if let Some((check, Verdict::Wrong(failure))) =
            verdicts.iter().find(|(_, verdict)| matches!(verdict, Verdict::Wrong(_)))
        {
            let beside = failure.stable.as_deref().map_or(String::new(), |_| " where stable is right".into());
            return self.give_up(&format!("it is wrong in `{check}`{beside}: {}", failure.reason));
        }
        self.after_round(green, &verdicts);
    }

    fn after_round(&mut self, green: bool, verdicts: &Verdicts) {
        let Some(course) = &self.course else { return };
        if course.phase != Phase::Probing {
            return;
        }
        let straight = course.plan.steps.is_empty();
        if green && straight {
            return self.promote("without a canary");
        }
        if self.stable.is_none() {
            return;
        }
        if green {
            return self.begin_weighing();
        }
        let wrong = verdicts.iter().find(|(_, v)| matches!(v, Verdict::BothWrong(_)));
        if let Some((check, Verdict::BothWrong(failure))) = wrong
            && since(course.begun_ms) >= course.plan.min_time()
        {
            let reason =
                format!("it was never right in `{check}`, and stable is not either: {}", failure.reason);
            self.give_up(&reason);
        }
    }

    fn round_event(&self, verdicts: &Verdicts, green: bool) -> factory::types::event::Event {
        let release = self.course.as_ref().map(Course::release);
        let wrong = verdicts.iter().filter_map(|(check, verdict)| {
            let reason: String = verdict.trouble()?.chars().take(300).collect();
            Some(Value::from(format!("{check}: {reason}")))
        });
        let differs = verdicts.iter().filter_map(|(_, verdict)| match verdict {
            Verdict::Differs(words) => Some(words.split(": ").next().unwrap_or_default()),
            _ => None,
        });
        self.journal
            .event(release, "probed")
            .with("green", green)
            .with("wrong", wrong.collect::<Vec<_>>())
            .with("rounds", self.course.as_ref().map(|course| course.rounds))
            .with("differs", differs.collect::<Vec<_>>())
            .with("green_rounds", self.course.as_ref().map(|course| course.green_rounds))
    }

    /// Back to what served before, wherever the plan is.
    pub(super) fn give_up(&mut self, reason: &str) {
        match self.course.as_ref().map(|course| course.phase) {
            Some(Phase::Promoting | Phase::Verifying) => self.revert(reason),
            Some(phase) if !phase.is_over() => self.roll_back(reason),
            _ => {}
        }
    }

    fn begin_weighing(&mut self) {
        let Some(course) = &mut self.course else { return };
        course.enter(Phase::Weighing);
        course.begun_ms = course.phase_since_ms;
        course.first_epoch = self.epoch + 1;
        self.step(0);
    }

    fn step(&mut self, step: usize) {
        let units = self.ledger.evidence.as_ref().map_or(0, |evidence| evidence.canary.finished());
        let Some(course) = &mut self.course else { return };
        (course.step, course.step_since_ms, course.units_at_step) =
            (step, factory::types::id::now_ms(), units);
        let percent = course.plan.steps[step.min(course.plan.steps.len() - 1)];
        if let Err(error) = self.set_weight(percent) {
            self.hold(&format!("the weight could not be raised: {error:#}"));
        }
    }

    /// More weight waits for its record; less waits for nothing.
    pub(super) fn set_weight(&mut self, percent: u8) -> Result<()> {
        let release = self.course.as_ref().map(Course::release);
        let event =
            self.journal.event(release, "weight").with("percent", percent).with("epoch", self.epoch + 1);
        if percent > self.weight {
            self.journal.record(event)?;
            (self.epoch, self.weight) = (self.epoch + 1, percent);
            self.save()?;
            self.route();
            self.stopped = None;
        } else {
            (self.epoch, self.weight) = (self.epoch + 1, percent);
            self.route();
            self.save_or_tell();
            let obeyed = self.obeyed;
            let event = event.with("stopped_us", obeyed.stopped_us).with("obeyed_us", obeyed.obeyed_us);
            self.record_or_tell(event);
        }
        Ok(())
    }

    fn decide(&mut self) {
        let Some(view) = self.view() else { return };
        match course::next(&view) {
            Next::Wait => {}
            Next::Raise => {
                let step = self.course.as_ref().map_or(0, |course| course.step + 1);
                self.step(step);
            }
            Next::Promote(basis) => self.promote(basis.words()),
            Next::Hold(reason) => self.hold(&reason),
            Next::RollBack(reason) => self.roll_back(&reason),
        }
    }

    /// What is known now, while there is something to decide.
    pub(super) fn view(&self) -> Option<View<'_>> {
        let (course, evidence) = (self.course.as_ref()?, self.ledger.evidence.as_ref()?);
        if !matches!(course.phase, Phase::Probing | Phase::Weighing | Phase::Held) {
            return None;
        }
        let plan = &course.plan;
        let weighing = course.phase == Phase::Weighing;
        Some(View {
            evidence,
            steps_left: if weighing { plan.steps.len().saturating_sub(course.step + 1) } else { 0 },
            steps: plan.steps.len(),
            since_begin: since(course.begun_ms),
            in_step: since(course.step_since_ms),
            units_in_step: evidence.canary.finished().saturating_sub(course.units_at_step),
            green_rounds: course.green_rounds,
            last_round_green: course.last_round_green,
            has_stable: self.stable.is_some(),
            min_time: plan.min_time(),
            max_time: plan.max_time(),
            promote_auto: plan.promote_auto,
            rollback_on_inconclusive: plan.rollback_on_inconclusive,
            held: course.phase == Phase::Held,
        })
    }

    fn hold(&mut self, reason: &str) {
        let Some(course) = &mut self.course else { return };
        course.enter(Phase::Held);
        course.reason = reason.to_owned();
        let event = self.journal.event(Some(course.release()), "held").with("reason", reason);
        let event = self.with_counts(event);
        self.save_or_tell();
        self.record_or_tell(event);
    }
}
