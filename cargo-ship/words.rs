//! What a canary was decided by, in words with the numbers.

use factory::types::event::Event;
use serde_json::Value;

use crate::plot::short;

/// What is counted beside failures, and what it is called.
const BESIDE: [(&str, &str); 6] = [
    ("slow_p90", "slow at p90"),
    ("slow_p99", "slow at p99"),
    ("panics", "panics"),
    ("error_lines", "error lines"),
    ("over_p90", "above what 90 % are to take at most"),
    ("over_p99", "above what 99 % are to take at most"),
];

/// The counts, `E` and `F` of a record that decided; `None` where it has none.
pub fn numbers(event: &Event) -> Option<String> {
    let counts = event.fields.get("counts")?;
    let of = |slot: &str| counted(slot, &counts[slot]) + &took(&event.fields, slot);
    let number = |key: &str| event.fields.get(key).and_then(Value::as_f64);
    let statistics =
        ["e", "f"].iter().filter_map(|key| Some(format!("{} = {}", key.to_uppercase(), short(number(key)?))));
    let watched = event.fields.get("watched");
    let watched = watched.map(|watched| format!("; {}", counted("after the flip", &watched["counts"])));
    let statistics = statistics.collect::<Vec<_>>().join(", ");
    Some(format!("{}; {}; {statistics}{}", of("canary"), of("stable"), watched.unwrap_or_default()))
}

fn counted(whose: &str, counts: &Value) -> String {
    let count = |key: &str| counts[key].as_u64().unwrap_or(0);
    let mut words = format!("{whose} {} of {} requests failed", count("failed"), count("requests"));
    for (key, what) in BESIDE {
        if count(key) > 0 {
            words.push_str(&format!(", {} {what}", count(key)));
        }
    }
    words
}

fn took(fields: &serde_json::Map<String, Value>, slot: &str) -> String {
    let took = fields.get("took").map_or(&Value::Null, |took| &took[slot]);
    let ms = |key: &str| Some(format!("{:.1}", took[key].as_f64()? / 1000.0));
    let all: Option<Vec<String>> = ["p50_us", "p90_us", "p99_us"].iter().map(|key| ms(key)).collect();
    all.map_or(String::new(), |all| format!(", p50/p90/p99 {} ms", all.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use factory::types::event::SubjectKind;
    use serde_json::json;

    #[test]
    fn a_decision_is_told_with_its_numbers() {
        let event = Event::now(SubjectKind::Release, "r1", "rolled-back", None)
            .with("counts", json!({"canary": {"requests": 40, "ok": 30, "failed": 10}, "stable": {"requests": 60, "ok": 60, "failed": 0, "panics": 2, "error_lines": 3}}))
            .with("e", 120.5)
            .with("f", 0.0)
            .with("took", json!({"canary": {"p50_us": 1500, "p90_us": 2000, "p99_us": 90000}, "stable": null}));
        assert_eq!(
            numbers(&event).unwrap(),
            "canary 10 of 40 requests failed, p50/p90/p99 1.5/2.0/90.0 ms; stable 0 of 60 requests failed, 2 panics, 3 error lines; E = 120, F = 0.0"
        );
        let event =
            event.with("watched", json!({"counts": {"requests": 50, "ok": 49, "failed": 1, "over_p90": 9}}));
        let after = "; after the flip 1 of 50 requests failed, 9 above what 90 % are to take at most";
        assert!(numbers(&event).unwrap().ends_with(after), "{:?}", numbers(&event));
        assert_eq!(numbers(&Event::now(SubjectKind::Release, "r1", "promoted", None)), None);
    }
}
