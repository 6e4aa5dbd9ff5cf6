//! What a hypothesis (`friction`) and a chore (`toil`) are measured by, and which of it is still unsaid.
//!
//! Friction is weighed as RICE (Sean McBride, "RICE: Simple prioritization for product managers",
//! Intercom 2018): reach × impact × confidence ÷ effort, here with the units of one person's work, people or
//! times a week and hours. Toil is weighed by its pay-back: the hours it takes in a year ÷ the hours to be
//! rid of it (Beyer and others, Site Reliability Engineering, 2016, chapter 5, "Eliminating Toil").

use serde_json::Value;

use super::Item;

/// The hours assumed where a chore's `effort_hours` is unsaid.
pub const DEFAULT_EFFORT_HOURS: f64 = 4.0;

const WEEKS_IN_A_YEAR: f64 = 52.0;

/// What a measure's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// A number above 0, and at most so much.
    Number(u32),
    /// `week`, `3/day`.
    Often,
}

/// One field that may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    pub field: &'static str,
    /// Of `git feedback set`, without the dashes.
    pub flag: &'static str,
    pub question: &'static str,
    pub shape: Shape,
}

const SIGNAL: Measure = Measure {
    field: "expected_signal",
    flag: "signal",
    question: "What would show that it is better? (error-rate < 0.01, latency p99 < 300, or words)",
    shape: Shape::Text,
};
const REACH: Measure = Measure {
    field: "reach",
    flag: "reach",
    question: "How often is it met, in times a week?",
    shape: Shape::Number(1_000_000_000),
};
const IMPACT: Measure = Measure {
    field: "impact",
    flag: "impact",
    question: "How much does it matter each time? (3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal)",
    shape: Shape::Number(3),
};
const CONFIDENCE: Measure = Measure {
    field: "confidence",
    flag: "confidence",
    question: "How sure are you, in percent?",
    shape: Shape::Number(100),
};
const EFFORT: Measure = Measure {
    field: "effort_hours",
    flag: "effort",
    question: "How many hours would it take to mend?",
    shape: Shape::Number(100_000),
};
const MINUTES: Measure = Measure {
    field: "minutes",
    flag: "minutes",
    question: "How many minutes does it take each time?",
    shape: Shape::Number(100_000),
};
const PER: Measure = Measure {
    field: "per",
    flag: "per",
    question: "How often? (day, week, 3/week, month, year)",
    shape: Shape::Often,
};

pub const ALL: [Measure; 7] = [SIGNAL, REACH, IMPACT, CONFIDENCE, EFFORT, MINUTES, PER];

/// What an item of this kind is asked.
pub fn of_kind(kind: &str) -> &'static [Measure] {
    match kind {
        "friction" => &[SIGNAL, REACH, IMPACT, CONFIDENCE, EFFORT],
        "toil" => &[MINUTES, PER],
        _ => &[],
    }
}

/// What is still to be said of the item.
pub fn missing(item: &Item<'_>) -> Vec<&'static Measure> {
    let unsaid = |measure: &&Measure| {
        item.fields.get(measure.field).is_none_or(|value| measure.value(&plain(value)).is_err())
    };
    of_kind(item.kind()).iter().filter(unsaid).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Measure {
    /// What is kept of an answer; the error says what was wanted.
    pub fn value(&self, answer: &str) -> Result<Value, String> {
        let answer = answer.trim();
        match self.shape {
            Shape::Text if answer.is_empty() => Err(format!("{} is empty", self.flag)),
            Shape::Text => Ok(answer.into()),
            Shape::Often if per_week(answer).is_none() => {
                Err(format!("{answer:?} is no frequency: day, week, month, quarter or year, or 3/week"))
            }
            Shape::Often => Ok(answer.into()),
            Shape::Number(most) => {
                let number: Option<f64> = answer.trim_end_matches('%').trim().parse().ok();
                let lawful = number.filter(|number| *number > 0.0 && *number <= f64::from(most));
                lawful.map(number_value).ok_or_else(|| {
                    format!("{} is a number above 0 and at most {most}, not {answer:?}", self.flag)
                })
            }
        }
    }
}

/// A whole number is kept as one.
fn number_value(number: f64) -> Value {
    // Far below where a float no longer tells whole numbers apart.
    if number.fract() == 0.0 { Value::from(number as u64) } else { Value::from(number) }
}

/// How many times a week `day`, `3/week` or `2 / month` is.
pub fn per_week(often: &str) -> Option<f64> {
    let (times, unit) = often.split_once('/').map_or(("1", often), |(times, unit)| (times, unit));
    let times: f64 = times.trim().parse().ok().filter(|times: &f64| *times > 0.0 && times.is_finite())?;
    let a_week = match unit.trim().to_ascii_lowercase().as_str() {
        "day" | "daily" => 7.0,
        "week" | "weekly" => 1.0,
        "month" | "monthly" => 12.0 / WEEKS_IN_A_YEAR,
        "quarter" | "quarterly" => 4.0 / WEEKS_IN_A_YEAR,
        "year" | "yearly" => 1.0 / WEEKS_IN_A_YEAR,
        _ => return None,
    };
    Some(times * a_week)
}

/// What a kind's measures come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Worth {
    Rice(f64),
    /// Hours it takes in a year, and weeks until the hours to be rid of it are won back.
    PayBack {
        hours_a_year: f64,
        weeks: f64,
    },
}

impl Worth {
    /// `None` where the kind has no measures, or something of it is unsaid.
    pub fn of(item: &Item<'_>) -> Option<Self> {
        let positive = |field: &str| item.number(field).filter(|number| *number > 0.0 && number.is_finite());
        match item.kind() {
            "friction" => {
                let share = positive("confidence")? / 100.0;
                let rice = positive("reach")? * positive("impact")? * share / positive("effort_hours")?;
                Some(Self::Rice(rice)).filter(|_| rice.is_finite())
            }
            "toil" => {
                let hours_a_week = positive("minutes")? * per_week(item.text("per")?)? / 60.0;
                let effort = positive("effort_hours").unwrap_or(DEFAULT_EFFORT_HOURS);
                let weeks = effort / hours_a_week;
                weeks
                    .is_finite()
                    .then_some(Self::PayBack { hours_a_year: hours_a_week * WEEKS_IN_A_YEAR, weeks })
            }
            _ => None,
        }
    }

    /// How many times over it is worth its effort.
    pub fn ratio(self) -> f64 {
        match self {
            Self::Rice(rice) => rice,
            Self::PayBack { weeks, .. } => WEEKS_IN_A_YEAR / weeks,
        }
    }

    /// `RICE 4.0`, `4.3 hours a year, paid back in 48 weeks`.
    pub fn words(self) -> String {
        match self {
            Self::Rice(rice) => format!("RICE {rice:.1}"),
            Self::PayBack { hours_a_year, weeks } => {
                format!("{hours_a_year:.1} hours a year, paid back in {weeks:.0} weeks")
            }
        }
    }
}

/// What a hypothesis says would be measured: `error-rate < 0.01`, `latency p99 < 300 ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// As it was written, without the bound.
    pub name: String,
    /// The bound, and whether the value is to stay below it.
    pub bound: Option<(f64, bool)>,
}

impl Expected {
    pub fn read(text: &str) -> Self {
        let at = text.find(['<', '>', '≤', '≥']);
        let Some((name, rest)) = at.map(|at| text.split_at(at)) else {
            return Self { name: text.trim().to_owned(), bound: None };
        };
        let below = rest.starts_with(['<', '≤']);
        let number = rest.trim_start_matches(['<', '>', '≤', '≥', '=']).trim();
        let percent = number.ends_with('%');
        let digits = number.trim_end_matches(|c: char| c.is_alphabetic() || c == '%').trim();
        let bound = digits.parse::<f64>().ok().filter(|bound| bound.is_finite());
        let bound = bound.map(|bound| (if percent { bound / 100.0 } else { bound }, below));
        Self { name: name.trim().to_owned(), bound }
    }

    /// Whether a value is as it was hoped; `None` without a bound.
    pub fn is_met(&self, value: f64) -> Option<bool> {
        let (bound, below) = self.bound?;
        Some(if below { value <= bound } else { value >= bound })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_times_a_week() {
        assert_eq!(per_week("week"), Some(1.0));
        assert_eq!(per_week("3/day"), Some(21.0));
        assert_eq!(per_week(" 2 / Week "), Some(2.0));
        for wrong in ["", "fortnight", "0/week", "-1/day", "x/week", "inf/day", "3/"] {
            assert_eq!(per_week(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_outside_its_range_is_refused_in_words() {
        assert_eq!(CONFIDENCE.value("80 %"), Ok(Value::from(80.0)));
        assert!(CONFIDENCE.value("120").unwrap_err().contains("at most 100"));
        assert!(MINUTES.value("NaN").is_err() && MINUTES.value("0").is_err());
        assert!(PER.value("sometimes").unwrap_err().contains("3/week"));
        assert!(SIGNAL.value("  ").is_err());
    }

    #[test]
    fn an_expected_signal_may_name_a_bound() {
        let read = |text| Expected::read(text);
        assert_eq!(
            read("error-rate < 0.01"),
            Expected { name: "error-rate".into(), bound: Some((0.01, true)) }
        );
        assert_eq!(read("error-rate <= 1 %").bound, Some((0.01, true)));
        let latency = read("latency p99 < 300 ms");
        assert_eq!((latency.name.as_str(), latency.bound), ("latency p99", Some((300.0, true))));
        assert_eq!(latency.is_met(250.0), Some(true));
        assert_eq!(read("visits > 10").is_met(9.0), Some(false));
        assert_eq!(read("fewer mails").bound, None);
        assert_eq!(read("x < soon").bound, None);
    }
}
