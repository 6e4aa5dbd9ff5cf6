//! Which item comes first: one number, the sum of parts on a scale where one more means twice as pressing.
//!
//! `score = severity + log2(occurrences) − weeks since last seen (in whole days) + 2 if regressed + log2(1 + worth)`
//!
//! - severity: `fatal` 9, `error` 6, `warning` 3, `info` 1, `debug` 0: a step outweighs being seen eight times
//!   as often;
//! - occurrences: at most 10 (1,024 times), since a loop that fails says no more after that;
//! - recency: what is not seen is half as pressing each week, down to a sixteenth; a hypothesis and a chore
//!   do not fade. Age is counted in whole days (UTC), so that the order within a day stays, and time moves
//!   an item back, never forward: what the index of the first items rests on;
//! - regressed: what came back was believed to be done;
//! - worth: RICE of `friction`, years' hours over effort of `toil` ([`super::measures`]), at most 10.
//!
//! The sum of logarithms is the product of severity, frequency and worth that failure mode and effects
//! analysis ranks by (its risk priority number, IEC 60812), with severity on a doubling scale; the half-life
//! is that of "frecency" rankings. Everything is computed from the item and `now`: the same items at the same
//! moment have one order on every machine.

use super::measures::Worth;
use super::{Item, Status};
use crate::types::id;

const OF_SEVERITY: [f64; 5] = [9.0, 6.0, 3.0, 1.0, 0.0];
const MOST_OF_OCCURRENCES: f64 = 10.0;
const MOST_OF_AGE: f64 = 4.0;
const MOST_OF_WORTH: f64 = 10.0;
const OF_REGRESSION: f64 = 2.0;
const DAY_MS: u64 = 24 * 3600 * 1000;
const WEEK_DAYS: f64 = 7.0;

/// The parts, each rounded to hundredths, so that they add up as they are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    pub severity: f64,
    pub occurrences: f64,
    /// 0 or less.
    pub recency: f64,
    pub regression: f64,
    pub worth: f64,
}

pub fn of(item: &Item<'_>, now_ms: u64) -> Score {
    let seen_ms = id::time_ms(item.last_seen_id);
    let worth = Worth::of(item).map_or(0.0, |worth| (1.0 + worth.ratio()).log2());
    Score {
        regression: if item.status == Status::Regressed { OF_REGRESSION } else { 0.0 },
        worth: rounded(worth.min(MOST_OF_WORTH)),
        ..plain(item.severity(), item.kind(), item.occurrences, seen_ms, now_ms)
    }
}

/// The parts that need no more than this, of an item that never came back and has no worth.
pub fn plain(severity: &str, kind: &str, occurrences: u64, seen_ms: Option<u64>, now_ms: u64) -> Score {
    let fades = !has_worth(kind);
    let days = |seen_ms: u64| (now_ms / DAY_MS).saturating_sub(seen_ms / DAY_MS) as f64;
    let age = seen_ms.filter(|_| fades).map_or(0.0, |seen_ms| days(seen_ms) / WEEK_DAYS);
    let occurrences = (occurrences.max(1) as f64).log2().min(MOST_OF_OCCURRENCES);
    Score {
        severity: OF_SEVERITY.get(super::rank(severity)).copied().unwrap_or(0.0),
        occurrences: rounded(occurrences),
        recency: rounded(-age.min(MOST_OF_AGE)),
        ..Score::default()
    }
}

/// Whether items of this kind count by what it is worth to be rid of them, and do not fade.
pub fn has_worth(kind: &str) -> bool {
    matches!(kind, "friction" | "toil")
}

fn rounded(value: f64) -> f64 {
    // Adding nothing turns a negative zero into one without a sign.
    (value * 100.0).round() / 100.0 + 0.0
}

impl Score {
    pub fn total(&self) -> f64 {
        rounded(self.severity + self.occurrences + self.recency + self.regression + self.worth)
    }

    /// The total as a whole number, to sort by.
    pub fn hundredths(&self) -> i64 {
        // Within some thousands, far from the bounds of an i64.
        (self.total() * 100.0).round() as i64
    }

    /// Name and value of each part, the total last.
    pub fn parts(&self) -> [(&'static str, f64); 6] {
        [
            ("severity", self.severity),
            ("occurrences", self.occurrences),
            ("recency", self.recency),
            ("regression", self.regression),
            ("worth", self.worth),
            ("total", self.total()),
        ]
    }

    /// `9.6 = severity 6 + occurrences 3.6`; parts that are 0 are left out.
    pub fn words(&self) -> String {
        let parts = self.parts();
        let said = parts[..5].iter().enumerate().filter(|(at, (_, value))| *at == 0 || *value != 0.0);
        let words: Vec<String> = said
            .map(|(at, (name, value))| {
                let sign = match (at, *value < 0.0) {
                    (0, _) => "",
                    (_, true) => "− ",
                    (_, false) => "+ ",
                };
                format!("{sign}{name} {}", value.abs())
            })
            .collect();
        format!("{} = {}", self.total(), words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::event::Line;
    use crate::types::item::fold::fold;

    const NOW_MS: u64 = 1_790_000_000_000;

    fn score(age_days: u64, fields: &str) -> Score {
        let id = ulid::Ulid::from_parts(NOW_MS - age_days * DAY_MS, 1);
        let text = format!(
            r#"{{"id":"{id}","v":1,"item":"fb-1","op":"add","t":"2026-11-22T00:00:00Z","title":"x",{fields}}}"#
        );
        let lines = [Line::new("c", text.as_bytes())];
        of(&fold(&lines, NOW_MS).by_id["fb-1"], NOW_MS)
    }

    #[test]
    fn the_parts_are_those_of_the_formula_and_add_up() {
        let one = score(0, r#""severity":"error""#);
        assert_eq!((one.total(), one.words().as_str()), (6.0, "6 = severity 6"));
        let many = score(7, r#""severity":"warning","count":12"#);
        assert_eq!(many.words(), "5.58 = severity 3 + occurrences 3.58 − recency 1");
        assert_eq!(score(900, r#""severity":"fatal","count":99999999"#).total(), 9.0 + 10.0 - 4.0);
        assert_eq!(score(0, r#""severity":"unheard of""#).total(), 0.0);
    }

    #[test]
    fn a_hypothesis_does_not_fade_and_counts_its_worth() {
        let rice = r#""kind":"friction","reach":10,"impact":2,"confidence":80,"effort_hours":4"#;
        assert_eq!(score(70, rice).words(), "8.32 = severity 6 + worth 2.32");
        let toil = r#""kind":"toil","minutes":30,"per":"week","effort_hours":2"#;
        assert_eq!(score(70, toil).worth, 3.81);
        assert_eq!(score(0, r#""kind":"toil","minutes":30"#).worth, 0.0, "how often is unsaid");
        assert_eq!(score(0, r#""kind":"toil","minutes":-3,"per":"week""#).worth, 0.0);
    }

    #[test]
    fn the_score_stays_within_a_day_and_only_sinks() {
        let id = ulid::Ulid::from_parts(NOW_MS, 1);
        let text = format!(r#"{{"id":"{id}","v":1,"item":"fb-1","op":"add","t":"2026-11-22T00:00:00Z"}}"#);
        let lines = [Line::new("c", text.as_bytes())];
        let items = fold(&lines, NOW_MS);
        let at = |ms: u64| of(&items.by_id["fb-1"], ms).hundredths();
        let midnight = (NOW_MS / DAY_MS + 1) * DAY_MS;
        assert_eq!(at(midnight - 1), at(NOW_MS));
        assert_eq!(at(midnight + DAY_MS - 1), at(midnight));
        let days: Vec<i64> = (0..40).map(|day| at(NOW_MS + day * DAY_MS)).collect();
        assert!(days.is_sorted_by(|a, b| a >= b), "{days:?}");
        assert_eq!(days[0] - days[39], 400);
    }

    #[test]
    fn every_doubling_counts_the_same() {
        let of = |count: u32| score(0, &format!(r#""count":{count}"#)).hundredths();
        assert_eq!(of(2) - of(1), of(4) - of(2));
        assert_eq!(of(8) - of(4), 100);
    }
}
