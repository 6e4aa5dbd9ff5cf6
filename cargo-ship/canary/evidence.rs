//! All that is known of a canary beside stable: the counts so far, and what they show.
//!
//! **Worse**: `E`, the weighted mean of the signals' e-processes, reaches `1/α`.
//! **Good enough**: `F` reaches `1/α`; or stable is shown to fail more than allowed, and `G` reaches it.
//! **Alarming**: `E`, or the same over the last five minutes alone, is half the way on a logarithmic scale.
//! **Promised**: see [`super::promises`] and [`promised`].
//! The short window is no test and rolls nothing back; it only keeps a canary from being trusted more while
//! something has just begun to go wrong that an hour of good counts outweighs.
//!
//! `E` takes a failure as soon as it is known. `F` and `G` take buckets in the order of their assignment, and
//! none before the end of all its units is known or the time to answer has passed: successes are known
//! sooner than time-outs, and would certify a canary whose failures are still pending.

mod promised;

use std::collections::BTreeMap;

use super::certify;
use super::counts::{Bucket, Counts};
use super::eprocess::{EProcess, log_mixture, number};
use super::latency::Bars;
use super::promises::{self, Caps, Promise};
use super::signals::{Rule, Signal};

/// Buckets whose counts may still change.
const BUCKETS: usize = 4096;
/// The window in which nothing may be alarming, in milliseconds.
const RECENT_MS: u64 = 5 * 60 * 1000;
/// The longest a bucket takes assignments, and a report takes to come.
const OPEN_MS: u64 = 2_000;

/// The bounds a plan sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How often a canary as good as stable may be rolled back, and a bad one be certified.
    pub alpha: f64,
    /// `p_max`.
    pub max_error_rate: f64,
    /// `ρ` of the latency signals.
    pub latency_ratio: f64,
    /// After this long a request that was not answered has failed.
    pub answer_ms: u64,
    /// What an intent allows an answer to take.
    pub caps: Caps,
    /// `p_max` is what an intent asks for, and not only what would do.
    pub promised_errors: bool,
    pub rule: Rule,
}

impl Limits {
    /// What the canary was promised to keep.
    pub fn promises(&self) -> impl Iterator<Item = Promise> + use<> {
        let errors = self.promised_errors.then_some(Promise::Errors { share: self.max_error_rate });
        let p90 = self.caps.p90_us.map(|max_us| Promise::P90 { max_us });
        errors.into_iter().chain(p90).chain(self.caps.p99_us.map(|max_us| Promise::P99 { max_us }))
    }
}

/// What all buckets so far say together.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    limits: Limits,
    worse: Vec<(Signal, EProcess)>,
    /// By number, which is the time in milliseconds at which it began to count, or a little more.
    buckets: BTreeMap<u64, Bucket>,
    recent_log_e: f64,
    no_worse: EProcess,
    /// Each promise, and whether the canary breaks it more often than stable.
    promised: Vec<(Promise, EProcess)>,
    ripe: Bucket,
    /// The last bucket `F` and `G` have taken in.
    pub ripe_to: u64,
    /// What is slow; `None` while stable was not measured.
    pub bars: Option<Bars>,
    /// Some of it was counted by a worker that does not know of promises on time: nothing shows them kept.
    pub time_unseen: bool,
    pub stable: Counts,
    pub canary: Counts,
}

impl Evidence {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            worse: processes(limits),
            buckets: BTreeMap::new(),
            recent_log_e: 0.0,
            no_worse: EProcess::new(certify::NO_WORSE),
            promised: limits
                .promises()
                .map(|promise| (promise, EProcess::new(promises::MORE_OFTEN)))
                .collect(),
            ripe: Bucket::default(),
            ripe_to: 0,
            bars: None,
            time_unseen: false,
            stable: Counts::default(),
            canary: Counts::default(),
        }
    }

    /// Take in what bucket `number` counts now, in the place of what it counted before.
    pub fn count(&mut self, number: u64, now: Bucket) {
        if self.is_forgotten(number) {
            return;
        }
        let before = self.buckets.insert(number, now).unwrap_or_default();
        self.stable = self.stable.plus(now.stable).minus(before.stable);
        self.canary = self.canary.plus(now.canary).minus(before.canary);
        for (signal, process) in &mut self.worse {
            process.revise(signal.tick(&before), signal.tick(&now));
        }
        if number <= self.ripe_to {
            self.ripen(&before, &now);
        }
        if self.buckets.len() > BUCKETS {
            self.buckets.pop_first();
        }
    }

    /// What is older than all that is remembered cannot be told from what was counted already.
    fn is_forgotten(&self, number: u64) -> bool {
        let oldest = self.buckets.first_key_value().map_or(0, |(oldest, _)| *oldest);
        self.buckets.len() >= BUCKETS && number < oldest
    }

    /// Let ripen what is ripe at this time, and look back over the recent window.
    pub fn look(&mut self, now_ms: u64) {
        let ripe_before = now_ms.saturating_sub(self.limits.answer_ms + OPEN_MS);
        let unripe = self.buckets.range(self.ripe_to + 1..);
        let ripe = unripe.take_while(|(number, bucket)| bucket.is_settled() || **number <= ripe_before);
        let ripe: Vec<(u64, Bucket)> = ripe.map(|(number, bucket)| (*number, *bucket)).collect();
        for (number, bucket) in ripe {
            self.ripen(&Bucket::default(), &bucket);
            self.ripe_to = number;
        }
        let newest = self.buckets.last_key_value().map_or(0, |(newest, _)| *newest);
        let recent = self.buckets.range(newest.saturating_sub(RECENT_MS)..).map(|(_, bucket)| bucket);
        self.recent_log_e = log_e_of(self.limits, recent);
    }

    fn ripen(&mut self, before: &Bucket, now: &Bucket) {
        self.ripe.stable = self.ripe.stable.plus(now.stable).minus(before.stable);
        self.ripe.canary = self.ripe.canary.plus(now.canary).minus(before.canary);
        self.no_worse.revise(Signal::Errors.tick(before), Signal::Errors.tick(now));
        for (promise, more_often) in &mut self.promised {
            more_often.revise(promise.tick(before), promise.tick(now));
        }
    }

    /// The logarithm of the evidence that the canary is worse than stable.
    pub fn log_e(&self) -> f64 {
        log_mean(self.limits.rule, &self.worse)
    }

    /// Evidence that the canary is worse than stable.
    pub fn e(&self) -> f64 {
        number(self.log_e())
    }

    /// Each signal's own evidence.
    pub fn of_signals(&self) -> impl Iterator<Item = (Signal, f64)> {
        self.worse.iter().map(|(signal, process)| (*signal, number(process.log())))
    }

    /// The signal that speaks loudest, weighed.
    pub fn loudest(&self) -> Signal {
        let rule = self.limits.rule;
        let voice = |(signal, process): &&(Signal, EProcess)| signal.weight(rule).ln() + process.log();
        let loudest = self.worse.iter().max_by(|a, b| voice(a).total_cmp(&voice(b)));
        loudest.map_or(Signal::Errors, |(signal, _)| *signal)
    }

    /// Evidence that the canary fails less often than `p_max`.
    pub fn f(&self) -> f64 {
        number(certify::log_f(self.limits.max_error_rate, self.ripe.canary))
    }

    /// Evidence that the canary fails less than 1.5 times as often as stable.
    pub fn g(&self) -> f64 {
        number(self.no_worse.log())
    }

    /// The value at which each of them has shown what it is about.
    pub fn bound(&self) -> f64 {
        1.0 / self.limits.alpha
    }

    /// Whether the canary is shown to be worse.
    pub fn is_worse(&self) -> bool {
        self.log_e() >= self.bound().ln()
    }

    /// Whether something looks wrong, though it is not shown.
    pub fn is_alarming(&self) -> bool {
        self.log_e().max(self.recent_log_e) >= self.bound().ln() / 2.0
    }

    /// Whether the canary is shown to be good enough: by `F`, or by `G` where stable fails too much itself; and
    /// to keep what was promised of its time.
    pub fn is_certified(&self) -> bool {
        let sound = self.f() >= self.bound() || (self.stable_exceeds() && self.g() >= self.bound());
        sound && self.unkept_promise().is_none()
    }

    /// Whether stable is shown to fail more than a canary may.
    pub fn stable_exceeds(&self) -> bool {
        certify::exceeds(self.limits.max_error_rate, self.limits.alpha, self.ripe.stable)
    }
}

fn processes(limits: Limits) -> Vec<(Signal, EProcess)> {
    let rule = limits.rule;
    let process = |signal: Signal| EProcess::new(signal.question(rule, limits.latency_ratio));
    Signal::of(rule).map(|signal| (signal, process(signal))).collect()
}

fn log_mean(rule: Rule, processes: &[(Signal, EProcess)]) -> f64 {
    log_mixture(processes.iter().map(|(signal, process)| (signal.weight(rule), process.log())))
}

/// The logarithm of `E` over these buckets alone.
fn log_e_of<'a>(limits: Limits, buckets: impl Iterator<Item = &'a Bucket> + Clone) -> f64 {
    let mut processes = processes(limits);
    for (signal, process) in &mut processes {
        buckets.clone().for_each(|bucket| process.add(signal.tick(bucket)));
    }
    log_mean(limits.rule, &processes)
}

#[cfg(test)]
mod tests;
