//! What the intents of a release promise in figures: the `error-rate` and `latency` a canary is held to.

use anyhow::Result;
use factory::types::intent::Anchor;

use crate::canary::promises::Caps;
use crate::context::Context;
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
                promised.take(name, *max);
            }
        }
        Ok(promised)
    }

    fn take(&mut self, name: &str, max: f64) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_promise_of_each_kind_holds() {
        let mut promised = Promised::default();
        for (name, max) in [("latency", 250.0), ("latency-p99", 200.5), ("latency-p90", 80.0), ("queue", 3.0)]
        {
            promised.take(name, max);
        }
        assert_eq!(promised.caps, Caps { p90_us: Some(80_000), p99_us: Some(200_500) });
        assert_eq!(promised.error_rate, None);
        promised.take("error-rate", 0.02);
        promised.take("error-rate", 0.001);
        assert_eq!(promised.error_rate, Some(0.001));
    }
}
