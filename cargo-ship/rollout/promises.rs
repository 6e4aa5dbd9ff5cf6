//! What the intents of a release promise in figures: the `error-rate` and `latency` a canary is held to.

use std::collections::BTreeMap;

use anyhow::Result;
use factory::types::hint::Hinted;
use factory::types::intent::Anchor;

use crate::canary::promises::Caps;
use crate::context::Context;
use crate::edge::plan::Plan as EdgePlan;
use crate::edge::protocol::Status;
use crate::pipeline::checks::intents_of;
use crate::pipeline::plan::Plan;

/// Signals the edge counts by itself. `latency` is that of 99 % of answers.
pub const BUILT_IN: [&str; 4] = ["error-rate", "latency", "latency-p90", "latency-p99"];

/// The strictest of what the intents ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Promised {
    /// The share of requests that may fail.
    pub error_rate: Option<f64>,
    pub caps: Caps,
}

impl Promised {
    pub fn of(context: &Context, plan: &Plan) -> Result<Self> {
        let mut promised = Self::default();
        for check in intents_of(context, plan)?.iter().flat_map(|intent| &intent.acceptance) {
            if let Anchor::Signal { name, max: Some(max) } = &check.anchor {
                promised.take(name, *max, &context.config.signals);
            }
        }
        Ok(promised)
    }

    /// A name that the project gives a command is that command's, whatever it is called.
    fn take(&mut self, name: &str, max: f64, own: &BTreeMap<String, String>) {
        if own.contains_key(name) {
            return;
        }
        // Beyond what a number holds nothing is too slow.
        let max_us = Some((max * 1000.0).round() as u64);
        match name {
            "error-rate" => self.error_rate = Some(self.error_rate.map_or(max, |known| known.min(max))),
            "latency-p90" => self.caps = self.caps.and(Caps { p90_us: max_us, p99_us: None }),
            "latency" | "latency-p99" => self.caps = self.caps.and(Caps { p90_us: None, p99_us: max_us }),
            _ => {}
        }
    }
}

/// Refuse to hand promises to an edge of an earlier version, which would drop them without a word.
pub fn heard(wanted: &EdgePlan, edge: &Status) -> Result<(), Hinted> {
    let promises = wanted.promised_errors || !wanted.caps.is_none();
    if edge.promises || !promises {
        return Ok(());
    }
    Err(Hinted::usage(
        "an intent promises an error rate or a latency, and the edge that runs is of an earlier version, which \
         ignores it",
    )
    .hint("stop the edge with `cargo ship stop` and start it again with `cargo ship start`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_strictest_promise_of_each_kind_holds() {
        let (mut promised, none) = (Promised::default(), BTreeMap::new());
        for (name, max) in [("latency", 250.0), ("latency-p99", 200.5), ("latency-p90", 80.0), ("queue", 3.0)]
        {
            promised.take(name, max, &none);
        }
        assert_eq!(promised.caps, Caps { p90_us: Some(80_000), p99_us: Some(200_500) });
        assert_eq!(promised.error_rate, None);
        promised.take("error-rate", 0.02, &none);
        promised.take("error-rate", 0.001, &none);
        assert_eq!(promised.error_rate, Some(0.001));
    }

    #[test]
    fn a_signal_of_the_projects_own_promises_nothing_by_its_name() {
        let mut promised = Promised::default();
        let own = BTreeMap::from([("latency".to_owned(), "queue-latency".to_owned())]);
        promised.take("latency", 5.0, &own);
        assert_eq!(promised, Promised::default());
        promised.take("latency-p90", 5.0, &own);
        assert_eq!(promised.caps.p90_us, Some(5000));
    }

    #[test]
    fn an_edge_that_would_drop_a_promise_is_not_given_it() {
        let status = json!({"port": 1, "weight": 0, "epoch": 1, "supervisor": 1, "worker": 2, "slots": [],
            "plan": null, "records": 0});
        let older: Status = serde_json::from_value(status).unwrap();
        let plan = json!({"slot": {"release": "r1", "argv": ["a"], "cwd": "/"}, "steps": [5], "min_ms": 1,
            "max_ms": 2, "alpha": 0.01, "max_error_rate": 0.01, "promote_auto": true,
            "rollback_on_inconclusive": false, "verify_ms": 1});
        let plain: EdgePlan = serde_json::from_value(plan).unwrap();
        assert!(heard(&plain, &older).is_ok());
        let slow = EdgePlan { caps: Caps { p90_us: Some(1), p99_us: None }, ..plain.clone() };
        let failing = EdgePlan { promised_errors: true, ..plain };
        for promising in [slow, failing] {
            assert!(heard(&promising, &older).unwrap_err().hint.unwrap().contains("cargo ship stop"));
            assert!(heard(&promising, &Status { promises: true, ..older.clone() }).is_ok());
        }
    }
}
