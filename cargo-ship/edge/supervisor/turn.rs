//! The supervisor's loop: take what came in, look after slots and worker, count, decide.

use std::time::{Duration, Instant};

use anyhow::Result;
use factory::types::event::Event;
use factory::types::id::now_ms;
use serde_json::{Value, json};

use super::counting;
use super::state::State;
use super::{Message, Obeyed, Supervisor, keeper, logs};
use crate::canary::latency::Bars;
use crate::canary::promises::{Caps, Promise};
use crate::canary::signals::Signal;
use crate::edge::link::{Counted, Order, Report};

/// While something is starting or ending.
const BUSY: Duration = Duration::from_millis(20);
/// While nothing is.
const IDLE: Duration = Duration::from_millis(250);
const TICK: Duration = Duration::from_secs(1);
/// Buckets in one record, so that it fits a line.
const ROWS: usize = 16;
/// How much of the canary's log is kept with a failure.
const AROUND: u64 = 2000;

impl Supervisor {
    /// Run until stopped.
    pub(super) fn run(mut self) -> Result<()> {
        loop {
            if let Ok(message) = self.messages.recv_timeout(self.pause()) {
                self.take(message);
            }
            self.watch_slots();
            self.watch_worker();
            self.drain();
            let ticks = self.last_tick.elapsed() >= self.tick_every();
            if ticks {
                self.tick();
            }
            self.advance();
            if ticks {
                // After what was decided: a rollback waits for no file.
                self.keep_house();
            }
            self.notify();
            if self.has_ended() {
                return self.end();
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Asked { request, answer, at } => {
                self.asked_at = Some(at);
                self.asked(request, answer);
                self.asked_at = None;
            }
            Message::Ready { run, result } => self.ready(run, result),
            Message::Probed { round, verdicts } => self.probed(round, verdicts),
            Message::Notified { release, of, trouble } => self.notified(&release, of, trouble),
            Message::Ended { run } => self.leaving.retain(|leaving| leaving.run != run),
        }
    }

    fn pause(&self) -> Duration {
        let moving = |slot: &Option<super::Slot>| slot.as_ref().is_some_and(|slot| !slot.is_ready());
        if !self.leaving.is_empty() || [&self.stable, &self.canary, &self.old].into_iter().any(moving) {
            return BUSY;
        }
        self.tick_every().min(IDLE)
    }

    /// A second, or less for a plan that is to end soon.
    fn tick_every(&self) -> Duration {
        let active = self.course.as_ref().filter(|course| !course.phase.is_over());
        let of_plan = active.map(|course| course.plan.min_time() / 20);
        of_plan.map_or(TICK, |time| time.clamp(BUSY, TICK))
    }

    /// Fetch what was counted.
    fn tick(&mut self) {
        self.last_tick = Instant::now();
        let bucket = self.new_bucket();
        let order = Order::Tick { bucket: Some(bucket), bars: self.bars() };
        let Some(report) = self.keeper.order(&order) else { return };
        self.keeper.steady();
        self.count(report);
        self.ledger.look(now_ms());
    }

    fn keep_house(&mut self) {
        for name in ["stable", "canary", "old", "worker", "edge"] {
            self.tell(logs::cap(&self.place.log(name)));
        }
        let saved = self.ledger.save();
        self.tell(saved);
    }

    pub(super) fn count(&mut self, report: Report) {
        report.failures.into_iter().for_each(|failure| self.keep_failure(failure));
        self.replay.keep(report.samples);
        self.took = report.took.unwrap_or(self.took);
        let printed = self.printed.found(&self.place);
        if let Some(bars) = report.measured {
            self.freeze(bars);
        }
        let mut counted = report.buckets;
        self.count_watched(&counted);
        let Some(course) = self.course.as_ref().filter(|course| course.phase.takes_traffic()) else { return };
        counted.retain(|bucket| bucket.epoch >= course.first_epoch);
        let printed = counting::under(course.rule(), printed);
        self.ledger.add_printed(&mut counted, printed);
        counted.iter().for_each(|bucket| self.ledger.count(bucket.bucket, bucket.counts()));
        self.note_rows("tick", &counted);
        if !report.heeds && !counted.is_empty() {
            self.time_was_unseen();
        }
    }

    /// Rows of the release under way, in records that fit a line.
    pub(super) fn note_rows(&mut self, op: &str, counted: &[Counted]) {
        let release = self.course.as_ref().map(|course| course.release().to_owned());
        for rows in counted.chunks(ROWS) {
            let event = counting::tick(self.journal.event(release.as_deref(), op), rows);
            let noted = self.journal.note(event);
            self.tell(noted);
        }
    }

    /// A worker of an earlier version counted, which ignores what was promised of time.
    fn time_was_unseen(&mut self) {
        let Some(course) = self.course.as_mut() else { return };
        if course.time_unseen || course.plan.caps.is_none() {
            return;
        }
        course.time_unseen = true;
        self.ledger.set_time_unseen(true);
        self.save_or_tell();
    }

    /// Keep what failed, with what the canary's log ends with now.
    pub(super) fn keep_failure(&mut self, mut failure: crate::edge::protocol::Failure) {
        let ours = self.canary.as_ref().is_some_and(|slot| slot.spec.release == failure.release);
        if ours {
            failure.log = Some(logs::tail(&self.place.log("canary"), AROUND)).filter(|log| !log.is_empty());
        }
        self.ledger.keep(failure);
    }

    /// What is slow from now on, for a canary that takes traffic.
    fn bars(&self) -> Option<Bars> {
        self.course.as_ref().filter(|course| course.phase.takes_traffic()).and_then(|course| course.bars)
    }

    fn caps(&self) -> Caps {
        self.course.as_ref().map(|course| course.plan.caps).unwrap_or_default()
    }

    /// Stable was measured for long enough: from the next bucket on, slow is what passes these bars.
    fn freeze(&mut self, bars: Bars) {
        let Some(course) = self.course.as_mut().filter(|course| course.phase.takes_traffic()) else { return };
        if course.bars.is_some() {
            return;
        }
        course.bars = Some(bars);
        let event = self
            .journal
            .event(Some(course.release()), "measured")
            .with("p90_us", bars.p90_us)
            .with("p99_us", bars.p99_us)
            .with("units", bars.units);
        self.ledger.set_bars(bars);
        self.save_or_tell();
        self.record_or_tell(event);
    }

    /// Numbers of buckets rise, also from one supervisor to the next.
    pub(super) fn new_bucket(&mut self) -> u64 {
        // Between two are those of workers that were replaced.
        self.next_bucket = (self.next_bucket + keeper::MOST_RETIRED as u64 + 1).max(now_ms());
        self.next_bucket
    }

    fn watch_worker(&mut self) {
        if !self.keeper.is_lost() {
            return;
        }
        match self.keeper.restart() {
            Ok(()) => {
                self.save_or_tell();
                self.route();
                let pid = self.keeper.identity().map(|identity| identity.pid);
                self.record_or_tell(self.journal.event(None, "worker-restarted").with("pid", pid));
            }
            Err(error) => self.tell(Err(error)),
        }
    }

    /// Tell the worker which slots there are. What it cannot be told now it is told when it is back.
    pub(super) fn route(&mut self) {
        let since = self.asked_at.unwrap_or_else(Instant::now);
        let bucket = self.new_bucket();
        let ready = self.canary.as_ref().filter(|slot| slot.is_ready() && self.weight > 0);
        let order = Order::Routes {
            epoch: self.epoch,
            bucket,
            stable: self.stable.as_ref().map(super::Slot::route),
            canary: ready.map(super::Slot::route),
            weight: self.weight,
            bars: self.bars(),
            caps: self.caps(),
            sticky: self.sticky(),
        };
        let report = self.keeper.order(&order);
        let us = |until: Instant| u64::try_from(until.duration_since(since).as_micros()).unwrap_or(u64::MAX);
        let heeds = report.as_ref().is_some_and(|report| report.heeds);
        self.obeyed = Obeyed {
            stopped_us: self.keeper.told_at.filter(|_| heeds).map(us),
            obeyed_us: report.is_some().then(|| us(Instant::now())),
        };
        if let Some(report) = report {
            self.count(report);
        }
    }

    /// No request goes to the canary from here on. What this is done for is written down after it.
    pub(super) fn stop_traffic(&mut self) {
        if self.weight > 0 {
            (self.epoch, self.weight) = (self.epoch + 1, 0);
            self.route();
            self.stopped = Some(self.obeyed);
        }
    }

    /// Write down what the next supervisor must know.
    pub(super) fn save(&self) -> Result<()> {
        let record = |slot: &Option<super::Slot>| slot.as_ref().map(super::Slot::record);
        State {
            v: 1,
            port: self.port,
            epoch: self.epoch,
            weight: self.weight,
            next_run: self.next_run,
            worker: self.keeper.identity(),
            stable: record(&self.stable),
            canary: record(&self.canary),
            old: record(&self.old),
            course: self.course.clone(),
        }
        .write(&self.place.state())
    }

    pub(super) fn save_or_tell(&mut self) {
        let saved = self.save();
        self.tell(saved);
    }

    /// Record what does not wait for the record.
    pub(super) fn record_or_tell(&mut self, event: Event) {
        let recorded = self.journal.record(event);
        self.tell(recorded);
    }

    /// An error nobody waits for goes to the edge's log.
    pub(super) fn tell(&self, result: Result<()>) {
        use std::io::Write;
        let Err(error) = result else { return };
        if let Ok(mut log) = logs::open(&self.place.log("edge")) {
            // Where not even the log can be written there is nowhere left to say it.
            let _ = writeln!(log, "{} {error:#}", jiff::Timestamp::now());
        }
    }

    /// The present event's numbers, as evidence of a decision.
    pub(super) fn with_counts(&self, event: Event) -> Event {
        let Some(evidence) = &self.ledger.evidence else { return event };
        let of_signal = |(signal, e): (Signal, f64)| (signal.name().to_owned(), e.into());
        let signals: serde_json::Map<String, Value> = evidence.of_signals().map(of_signal).collect();
        let of_promise = |(promise, kept, broken): (Promise, f64, f64)| {
            (promise.name().to_owned(), json!({"kept": kept, "broken": broken}))
        };
        let promises: serde_json::Map<String, Value> = evidence.promises().map(of_promise).collect();
        let promises = Some(promises).filter(|promises| !promises.is_empty()).map(Value::from);
        event
            .with("counts", json!({"stable": evidence.stable, "canary": evidence.canary}))
            .with("e", evidence.e())
            .with("f", evidence.f())
            .with("g", evidence.g())
            .with("signals", signals)
            .with("promises", promises)
            .with("ripe_to", evidence.ripe_to)
            .with("took", json!(self.took))
    }
}
