//! The table of what is looked for by pattern.
//!
//! Each pattern is compiled when one of its hints first stands in a text, so that most texts cost
//! no pattern at all. Case is folded for ASCII only, which keeps the compiled patterns small.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

use super::assigned::{quoted, spoken, unquoted};
use super::patterns::{DETECTORS, MORE_DETECTORS};
use super::spared;
use super::statements::STATEMENTS;

/// Where in a match the secret is; `None` where it is none after all.
type Find = fn(&Captures, &str) -> Option<Range<usize>>;

pub struct Detector {
    pub kind: &'static str,
    pub certain: bool,
    /// One of them, in whatever case, stands in every match.
    hints: &'static [&'static str],
    pattern: &'static str,
    pub find: Find,
    regex: OnceLock<Regex>,
}

impl Detector {
    /// Beyond doubt a secret; it is the group `s`, or the whole match where there is none.
    pub const fn token(kind: &'static str, hints: &'static [&'static str], pattern: &'static str) -> Self {
        Self { kind, certain: true, hints, pattern, find: |found, _| span(found), regex: OnceLock::new() }
    }

    pub const fn likely(
        kind: &'static str,
        hints: &'static [&'static str],
        pattern: &'static str,
        find: Find,
    ) -> Self {
        Self { kind, certain: false, hints, pattern, find, regex: OnceLock::new() }
    }

    /// The same, beyond doubt.
    pub const fn certainly(mut self) -> Self {
        self.certain = true;
        self
    }

    /// A secret between quotes behind its name.
    pub const fn quoted(hints: &'static [&'static str], pattern: &'static str) -> Self {
        Self::likely("password", hints, pattern, quoted)
    }

    /// A secret behind its name, as far as it goes.
    pub const fn unquoted(hints: &'static [&'static str], pattern: &'static str) -> Self {
        Self::likely("password", hints, pattern, unquoted)
    }

    /// `the password is …`
    pub const fn spoken(hints: &'static [&'static str], pattern: &'static str) -> Self {
        Self::likely("password", hints, pattern, spoken)
    }

    pub fn regex(&self) -> &Regex {
        #[expect(clippy::expect_used, reason = "a test compiles every pattern of the table")]
        self.regex.get_or_init(|| Regex::new(self.pattern).expect("a pattern of the table is valid"))
    }
}

/// The group that is replaced; patterns with several alternatives number theirs `t`, `u`, `v`, `w`, `x`.
pub fn span(found: &Captures) -> Option<Range<usize>> {
    spared::secret(found).map(|found| found.range())
}

/// The group, unless `spares` says that it is no secret.
pub fn unless(found: &Captures, spares: fn(&Captures) -> bool) -> Option<Range<usize>> {
    if spares(found) { None } else { span(found) }
}

pub fn all() -> impl Iterator<Item = &'static Detector> {
    DETECTORS.iter().chain(&MORE_DETECTORS).chain(&STATEMENTS)
}

/// The detectors of which a hint stands in the text, in the order of the table.
pub fn hinted(text: &str) -> Vec<&'static Detector> {
    static HINTS: OnceLock<Option<(AhoCorasick, Vec<usize>)>> = OnceLock::new();
    let Some((hints, owners)) = HINTS.get_or_init(hints) else { return all().collect() };
    let mut hit = vec![false; all().count()];
    for found in hints.find_overlapping_iter(text) {
        hit[owners[found.pattern().as_usize()]] = true;
    }
    all().zip(hit).filter_map(|(detector, hit)| hit.then_some(detector)).collect()
}

fn hints() -> Option<(AhoCorasick, Vec<usize>)> {
    let (owners, words): (Vec<usize>, Vec<&str>) = all()
        .enumerate()
        .flat_map(|(at, detector)| detector.hints.iter().map(move |hint| (at, *hint)))
        .unzip();
    Some((AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()?, owners))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_table_compiles_and_has_a_hint() {
        assert!(hints().is_some());
        for detector in all() {
            assert!(!detector.regex().is_match(""), "{}", detector.pattern);
            assert!(!detector.hints.is_empty());
        }
    }
}
