//! Why nothing is decided about a canary yet, in words.

use std::time::Duration;

use super::course::{ROUNDS, UNITS_A_STEP, View, is_quiet};
use super::evidence::Evidence;
use super::promises::Promise;

/// Where a worker counted that ignores what was promised of time.
const UNSEEN: &str = "a worker of an earlier version served it, which does not count the time that was promised, so it \
    is not certified; `cargo ship stop` and `cargo ship start` make the edge anew";

/// What is waited for now.
pub fn why(view: &View) -> String {
    let evidence = view.evidence;
    if view.held {
        return "waits for a person; only a rollback may follow by itself".into();
    }
    let mut words = Vec::new();
    if !view.last_round_green {
        words.push("the last round of probes was not green".into());
    }
    if evidence.is_alarming() {
        words.push(format!(
            "something looks wrong, E = {:.1} of {:.0} (it {})",
            evidence.e(),
            evidence.bound(),
            evidence.loudest().words()
        ));
    }
    if evidence.time_unseen && evidence.unkept_promise().is_some() {
        words.push(UNSEEN.into());
    }
    words.push(if view.steps_left > 0 { of_step(view) } else { of_promotion(view) });
    if view.has_stable && evidence.bars.is_none() && view.units_in_step > 0 {
        words.push("nothing can be said on latency before stable was measured".into());
    }
    words.join("; ")
}

fn of_step(view: &View) -> String {
    if view.is_little_traffic() {
        let left = view.share().saturating_sub(view.in_step);
        return format!("{} requests in this step, little traffic: up {}", view.units_in_step, after(left));
    }
    let missing = UNITS_A_STEP.saturating_sub(view.units_in_step);
    format!("{} of {UNITS_A_STEP} requests in this step{}", view.units_in_step, pace(view, missing))
}

fn of_promotion(view: &View) -> String {
    let evidence = view.evidence;
    if is_quiet(view) {
        return of_quiet(view);
    }
    let left = view.min_time.saturating_sub(view.since_begin);
    let sound = evidence.f() >= evidence.bound();
    let late = |promise: &Promise| sound && promise.broken_by(evidence.canary) > 0;
    if let Some(promise) = evidence.unkept_promise().filter(late) {
        return broke(evidence, promise);
    }
    match evidence.clean_units_missing() {
        0 if !left.is_zero() => format!("certified; the minimum time ends {}", after(left)),
        missing => of_units(view, evidence, missing),
    }
}

fn of_quiet(view: &View) -> String {
    let evidence = view.evidence;
    let left = view.min_time.saturating_sub(view.since_begin);
    let rounds = format!("{} of {ROUNDS} green rounds of probes", view.green_rounds.min(ROUNDS));
    let what = match evidence.longest_promise() {
        Some(promise) => format!("show that it keeps {}", promise.name()),
        None => "certify".into(),
    };
    match (evidence.canary.failed, evidence.doubted_promise()) {
        (0, None) => format!("{rounds}, too little traffic to {what}; probes alone decide {}", after(left)),
        (0, Some(_)) if evidence.time_unseen => "probes alone do not decide".into(),
        (0, Some(promise)) => {
            format!("{}, and there is too little traffic to certify it", broke(evidence, promise))
        }
        (failed, _) => format!("{failed} requests failed, and there is too little traffic to certify it"),
    }
}

fn broke(evidence: &Evidence, promise: Promise) -> String {
    let over = promise.broken_by(evidence.canary);
    format!("{over} of {} did not, where it is to {}", evidence.canary.requests, promise.words())
}

fn of_units(view: &View, evidence: &Evidence, missing: u64) -> String {
    if evidence.stable_exceeds() {
        return format!(
            "stable fails more than is allowed itself: G = {:.1} of {:.0} that it is no worse",
            evidence.g(),
            evidence.bound()
        );
    }
    let counted = evidence.canary.finished();
    match evidence.canary.failed {
        0 => format!("{counted} of about {} clean requests{}", counted + missing, pace(view, missing)),
        failed => format!(
            "{counted} of about {} requests, as {failed} failed{}",
            counted + missing,
            pace(view, missing)
        ),
    }
}

/// How long so many more units take.
fn pace(view: &View, missing: u64) -> String {
    let rate = view.rate();
    if rate <= 0.0 || missing == 0 {
        return String::new();
    }
    let digits = usize::from(rate < 10.0);
    // Saturates where it is longer than can be said.
    let left = Duration::from_secs((missing as f64 / rate).ceil() as u64);
    format!("; at {rate:.digits$}/s about {} more", span(left))
}

fn after(left: Duration) -> String {
    if left.is_zero() { "now".into() } else { format!("in {}", span(left)) }
}

fn span(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_millis() > 0);
    match seconds {
        0..=120 => format!("{seconds} s"),
        121..=7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::course::tests::{evidence, view};

    #[test]
    fn it_says_how_much_is_missing_and_how_long_that_takes() {
        let some = evidence((412, 0), (412, 0));
        let counted = View { units_in_step: 60, ..view(&some) };
        assert_eq!(
            why(&counted),
            "412 of about 564 clean requests; at 2.0/s about 76 s more; nothing can be said on latency before stable was measured"
        );
        let failed = evidence((412, 1), (411, 1));
        assert!(
            why(&view(&failed)).contains("412 of about 868 requests, as 1 failed"),
            "{}",
            why(&view(&failed))
        );
    }

    #[test]
    fn it_says_what_a_step_waits_for() {
        let some = evidence((90, 0), (90, 0));
        let busy = View { steps_left: 2, units_in_step: 90, ..view(&some) };
        assert!(
            why(&busy).starts_with("90 of 200 requests in this step; at 3.0/s about 37 s more"),
            "{}",
            why(&busy)
        );
        let quiet = View { steps_left: 2, units_in_step: 1, in_step: Duration::from_secs(5), ..view(&some) };
        assert!(why(&quiet).contains("little traffic: up in 15 s"), "{}", why(&quiet));
    }

    #[test]
    fn it_says_that_probes_alone_decide() {
        let none = evidence((0, 0), (0, 0));
        let waiting = View { green_rounds: 2, since_begin: Duration::from_secs(20), ..view(&none) };
        assert_eq!(
            why(&waiting),
            "2 of 5 green rounds of probes, too little traffic to certify; probes alone decide in 40 s"
        );
        let red = View { last_round_green: false, ..waiting };
        assert!(why(&red).starts_with("the last round of probes was not green; "));
    }
}
