//! A canary's course computed again from its record: the edge's journal while it runs, its ticks later.

use serde_json::Value;

use crate::canary::evidence::{Evidence, Limits};
use crate::canary::signals::Rule;
use crate::edge::rows::from_row;
use crate::plot::Point;

/// Points kept; beyond, every other one is dropped.
const KEPT: usize = 2000;

/// What the records so far say of one release.
pub struct Course {
    release: String,
    evidence: Option<Evidence>,
    limits: Option<Limits>,
    percent: u8,
    pub points: Vec<Point>,
    /// Number of the last record taken in.
    pub last: u64,
    /// One in so many ticks makes a point.
    sparse: u64,
    ticks: u64,
}

impl Course {
    pub fn new(release: &str) -> Self {
        Self {
            release: release.to_owned(),
            evidence: None,
            limits: None,
            percent: 0,
            points: Vec::new(),
            last: 0,
            sparse: 1,
            ticks: 0,
        }
    }

    /// `1/α`.
    pub fn bound(&self) -> f64 {
        self.limits.map_or(100.0, |limits| 1.0 / limits.alpha)
    }

    /// Take in one record; those of other releases change nothing.
    pub fn take(&mut self, record: &Value) {
        self.last = record["n"].as_u64().unwrap_or(self.last).max(self.last);
        if record["release"] != self.release.as_str() {
            return;
        }
        match record["op"].as_str().unwrap_or_default() {
            "canary" => self.begin(record),
            "weight" => {
                self.percent = record["percent"].as_u64().and_then(|p| p.try_into().ok()).unwrap_or(0)
            }
            "tick" => self.tick(record),
            _ => {}
        }
    }

    fn begin(&mut self, record: &Value) {
        let (Some(alpha), Some(max_error_rate)) =
            (record["alpha"].as_f64(), record["max_error_rate"].as_f64())
        else {
            return;
        };
        let limits = Limits {
            alpha,
            max_error_rate,
            latency_ratio: record["latency_ratio"].as_f64().unwrap_or(1.5),
            answer_ms: record["answer_ms"].as_u64().unwrap_or(30_000),
            caps: serde_json::from_value(record["caps"].clone()).unwrap_or_default(),
            promised_errors: record["promised_errors"] == true,
            rule: Rule::of(record["rule"].as_u64()),
        };
        (self.limits, self.evidence) = (Some(limits), Some(Evidence::new(limits)));
        self.points.clear();
    }

    fn tick(&mut self, record: &Value) {
        let Some(evidence) = &mut self.evidence else { return };
        for row in record["buckets"].as_array().into_iter().flatten() {
            if let Some((number, bucket)) = from_row(row) {
                evidence.count(number, bucket);
                self.percent = bucket.percent;
            }
        }
        let t_ms = record["id"].as_str().and_then(factory::types::id::time_ms).unwrap_or(0);
        self.ticks += 1;
        if !self.ticks.is_multiple_of(self.sparse) {
            return;
        }
        evidence.look(t_ms);
        let (log_e, log_f) = (evidence.log_e(), evidence.f().ln());
        self.points.push(Point { t_ms, log_e, log_f, percent: self.percent });
        if self.points.len() > KEPT {
            self.sparse *= 2;
            let mut at = 0;
            self.points.retain(|_| {
                at += 1;
                at % 2 == 0
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn failures_of_the_canary_raise_e_and_answers_raise_f() {
        let mut course = Course::new("r1");
        let begin = json!({"release": "r1", "op": "canary", "alpha": 0.01, "max_error_rate": 0.01, "n": 1});
        course.take(&begin);
        let tick = |n: u64, failed: u64| {
            let id = factory::types::id::derived_event_id(n * 10_000, b"x");
            json!({"id": id, "release": "r1", "op": "tick", "n": n,
                "buckets": [[n * 1000, 1, 100, 100, 0, 100, 100 - failed, failed, 50, 0, 0, 0, 0, 0, 0]]})
        };
        course.take(&tick(2, 0));
        course.take(&tick(3, 0));
        course.take(&json!({"release": "r2", "op": "tick", "n": 4}));
        course.take(&tick(5, 30));
        assert_eq!((course.points.len(), course.last), (3, 5));
        let [first, second, third] = course.points[..] else { panic!() };
        assert!(second.log_f > first.log_f && third.log_e > 100f64.ln() && second.log_e.abs() < 1e-9);
        (0..3 * KEPT as u64).for_each(|n| course.take(&tick(n + 6, 0)));
        assert!(course.points.len() <= KEPT);
    }

    #[test]
    fn a_record_of_the_first_rule_is_computed_as_it_was_decided() {
        let e = |begin: Value| {
            let mut course = Course::new("r1");
            course.take(&begin);
            let id = factory::types::id::derived_event_id(20_000, b"x");
            course.take(&json!({"id": id, "release": "r1", "op": "tick", "n": 2,
                "buckets": [[1000, 1, 9, 9, 0, 10, 9, 1, 50, 0, 0, 0, 0, 0, 2]]}));
            course.points[0].log_e.exp()
        };
        // Of one failure at half the weight each ratio makes 2r/(1+r); of two lines counted as panics its square.
        let factors = [1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0].map(|r: f64| 2.0 * r / (1.0 + r));
        let mean = |power: i32| factors.iter().map(|factor| factor.powi(power)).sum::<f64>() / 9.0;
        let first = 0.85 * mean(1) + 0.1 + 0.05 * mean(2);
        let begin = json!({"release": "r1", "op": "canary", "alpha": 0.01, "max_error_rate": 0.01, "n": 1});
        assert!((e(begin.clone()) - first).abs() < 1e-9, "{}", e(begin));
        let second = json!({"release": "r1", "op": "canary", "alpha": 0.01, "max_error_rate": 0.01, "rule": 2, "n": 1});
        assert!((e(second) - first).abs() > 1e-3);
    }
}
