//! What is counted against a canary, and how much each counts.
//!
//! Each signal has an e-process of its own. Their weighted mean is one again, so the chance of blaming a
//! healthy canary stays below `α` however many signals there are and however they depend on each other
//! (Vovk & Wang, arXiv 1912.06116). The weights are fixed before any data. Errors weigh most: the others
//! speak often where they speak at all, and lose little by it.

use super::counts::{Bucket, Counts};
use super::eprocess::{Question, Tick};

/// Which signals there are and how much they and their ratios weigh. Records name the rule of their canary, so
/// that what an earlier version decided is computed as it was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// Error lines are counted as panics; all ratios of a grid weigh the same.
    First,
    #[default]
    Second,
}

impl Rule {
    /// As it stands in records; those of the first rule have none.
    pub fn number(self) -> u64 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// The rule of a record. One of a later version is computed by the newest known here.
    pub fn of(number: Option<u64>) -> Self {
        if number.unwrap_or(1) <= 1 { Self::First } else { Self::Second }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Errors,
    SlowP90,
    SlowP99,
    Panics,
    ErrorLines,
}

/// Ratios for failures, which may be so rare that a thousand times as often is nothing unheard of.
const RARE_FIRST: [(f64, f64); 9] = [
    (1.2, 1.0),
    (1.5, 1.0),
    (2.0, 1.0),
    (3.0, 1.0),
    (5.0, 1.0),
    (10.0, 1.0),
    (30.0, 1.0),
    (100.0, 1.0),
    (1000.0, 1.0),
];
/// The same, with more weight on three times as often, which was found latest. Greater ratios are found in a
/// handful of failures whatever they weigh; the least are what takes longest to blame a healthy canary.
const RARE: [(f64, f64); 9] = [
    (1.2, 0.12),
    (1.5, 0.12),
    (2.0, 0.10),
    (3.0, 0.22),
    (5.0, 0.13),
    (10.0, 0.13),
    (30.0, 0.08),
    (100.0, 0.06),
    (1000.0, 0.04),
];
/// Ratios for slowness, which is frequent by construction: finer, and not as far.
const OFTEN: [(f64, f64); 9] = [
    (1.1, 1.0),
    (1.2, 1.0),
    (1.35, 1.0),
    (1.6, 1.0),
    (2.0, 1.0),
    (2.7, 1.0),
    (4.0, 1.0),
    (6.6, 1.0),
    (20.0, 1.0),
];

impl Signal {
    const ALL: [Self; 5] = [Self::Errors, Self::SlowP90, Self::SlowP99, Self::Panics, Self::ErrorLines];

    /// The signals of a rule.
    pub fn of(rule: Rule) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |signal| signal.weight(rule) > 0.0)
    }

    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::SlowP90 => "slow-p90",
            Self::SlowP99 => "slow-p99",
            Self::Panics => "panics",
            Self::ErrorLines => "error-lines",
        }
    }

    /// Its share of the mean; the shares sum to 1.
    pub fn weight(self, rule: Rule) -> f64 {
        match (self, rule) {
            (Self::Errors, Rule::First) => 0.85,
            (Self::Errors, Rule::Second) => 0.80,
            (Self::ErrorLines, Rule::First) => 0.0,
            (Self::SlowP90 | Self::SlowP99 | Self::Panics | Self::ErrorLines, _) => 0.05,
        }
    }

    /// What is asked. `latency_ratio` is how many times as often the canary may be slow.
    pub fn question(self, rule: Rule, latency_ratio: f64) -> Question {
        match self {
            // Any excess counts.
            Self::Errors | Self::Panics | Self::ErrorLines => {
                let grid = if rule == Rule::First { &RARE_FIRST } else { &RARE };
                Question { rho: 1.0, grid, most: f64::INFINITY }
            }
            // At most all units are slow, of which a tenth or a hundredth is at stable.
            Self::SlowP90 => Question { rho: latency_ratio, grid: &OFTEN, most: 10.0 },
            Self::SlowP99 => Question { rho: latency_ratio, grid: &OFTEN, most: 100.0 },
        }
    }

    pub fn count(self, counts: Counts) -> u64 {
        match self {
            Self::Errors => counts.failed,
            Self::SlowP90 => counts.slow_p90,
            Self::SlowP99 => counts.slow_p99,
            Self::Panics => counts.panics,
            Self::ErrorLines => counts.error_lines,
        }
    }

    pub fn tick(self, bucket: &Bucket) -> Tick {
        Tick {
            weight: self.weight_of(bucket.percent),
            canary: self.count(bucket.canary),
            stable: self.count(bucket.stable),
        }
    }

    /// What is printed may come from requests or, of threads of their own, from the clock; so that neither kind
    /// blames a canary, its share is the one that is the less suspicious of the two. That of one without weight
    /// is a half as well: it prints by the clock alone.
    fn weight_of(self, percent: u8) -> f64 {
        let drawn = f64::from(percent) / 100.0;
        let printed = matches!(self, Self::Panics | Self::ErrorLines);
        if printed { drawn.max(0.5) } else { drawn }
    }

    /// What the canary does more often than stable.
    pub fn words(self) -> &'static str {
        match self {
            Self::Errors => "fails more often than stable",
            Self::SlowP90 => "is slower than nine tenths of stable's answers more often than stable",
            Self::SlowP99 => "is slower than 99 % of stable's answers more often than stable",
            Self::Panics => "panics more often than stable",
            Self::ErrorLines => "logs errors more often than stable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_canary_without_weight_prints_is_weighed_as_by_the_clock() {
        let lines = |error_lines| Counts { error_lines, ..Counts::default() };
        let bucket = Bucket { percent: 0, stable: lines(0), canary: lines(2) };
        let mut process =
            crate::canary::eprocess::EProcess::new(Signal::ErrorLines.question(Rule::Second, 1.5));
        process.add(Signal::ErrorLines.tick(&bucket));
        // Two of two, where half were expected: at most four times as likely.
        assert!((1.0..4.0).contains(&process.log().exp()), "{}", process.log().exp());
        assert_eq!(Signal::Errors.tick(&bucket).weight, 0.0);
        assert_eq!(Signal::Panics.tick(&Bucket { percent: 60, ..bucket }).weight, 0.6);
    }

    #[test]
    fn the_shares_of_each_rule_sum_to_one() {
        for rule in [Rule::First, Rule::Second] {
            let sum: f64 = Signal::of(rule).map(|signal| signal.weight(rule)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{rule:?}: {sum}");
            assert_eq!(Rule::of(Some(rule.number())), rule);
        }
        assert_eq!((Rule::of(None), Rule::of(Some(9))), (Rule::First, Rule::Second));
        let sum: f64 = RARE.iter().map(|(_, weight)| weight).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }
}
