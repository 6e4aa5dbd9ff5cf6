//! A rule ready to be held against lines, tested on its own examples first.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use regex::bytes::{Regex, RegexBuilder};

use super::Rule;

/// The most a compiled pattern may take, in bytes: what `regex` allows by itself.
const SIZE_LIMIT: usize = 10 * (1 << 20);

/// A compiled rule.
#[derive(Clone, Debug)]
pub struct Compiled {
    pattern: Regex,
    paths: GlobSet,
}

impl Compiled {
    /// # Errors
    /// What is wrong with the pattern or a glob, in words.
    pub fn of(rule: &Rule) -> Result<Self, String> {
        Ok(Self { pattern: pattern(&rule.pattern)?, paths: globs(&rule.paths)? })
    }

    pub fn applies_to(&self, path: &str) -> bool {
        self.paths.is_match(path)
    }

    /// Where the first match in a line begins, in characters from 1. Bytes that are not UTF-8 count as
    /// one character each.
    pub fn column(&self, line: &[u8]) -> Option<usize> {
        let found = self.pattern.find(line)?;
        Some(String::from_utf8_lossy(&line[..found.start()]).chars().count() + 1)
    }

    fn catches(&self, example: &str) -> bool {
        example.lines().any(|line| self.pattern.is_match(line.as_bytes()))
    }

    /// What its own examples say against it; `None` where they hold.
    pub fn examples_against(&self, rule: &Rule) -> Option<String> {
        if rule.bad.is_empty() || rule.good.is_empty() {
            return Some("it has no `bad` and `good` examples to be tested on".to_owned());
        }
        if let Some(missed) = rule.bad.iter().find(|bad| !self.catches(bad)) {
            return Some(format!("its pattern does not catch its bad example {missed:?}"));
        }
        let caught = rule.good.iter().find(|good| self.catches(good))?;
        Some(format!("its pattern catches its good example {caught:?}"))
    }
}

/// # Errors
/// Why it is no regular expression, in one line.
pub fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(SIZE_LIMIT).build().map_err(|error| {
        let said = error.to_string();
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        last.unwrap_or("it cannot be compiled").trim_start_matches("error: ").to_owned()
    })
}

/// # Errors
/// Which one is no glob.
pub fn globs(globs: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let built = GlobBuilder::new(glob).literal_separator(true).build();
        set.add(built.map_err(|error| format!("{glob:?} is no glob: {}", error.kind()))?);
    }
    set.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(pattern: &str, bad: &[&str], good: &[&str]) -> Rule {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let paths = vec!["src/**/*.rs".to_owned()];
        Rule { pattern: pattern.into(), paths, message: None, bad: texts(bad), good: texts(good) }
    }

    fn against(rule: &Rule) -> Option<String> {
        Compiled::of(rule).unwrap().examples_against(rule)
    }

    #[test]
    fn a_rule_is_tested_on_its_own_examples() {
        assert_eq!(against(&rule(r"\.unwrap\(\)", &["a.unwrap()", "x\ny.unwrap()"], &["a?"])), None);
        assert!(against(&rule("x", &["y"], &["z"])).unwrap().contains("does not catch"));
        assert!(against(&rule("x", &["x"], &["a x"])).unwrap().contains("good example"));
        assert!(against(&rule("x", &["x"], &[])).is_some());
    }

    #[test]
    fn a_pattern_is_held_against_lines_and_columns_count_characters() {
        let compiled = Compiled::of(&rule("(?i)TODO$", &[], &[])).unwrap();
        assert_eq!(compiled.column("grün todo".as_bytes()), Some(6));
        assert_eq!(compiled.column("todo later".as_bytes()), None);
        assert_eq!(compiled.column(b"\xff\xfe todo"), Some(4));
        assert!(compiled.applies_to("src/a/b.rs") && !compiled.applies_to("tests/a.rs"));
    }

    #[test]
    fn what_is_no_pattern_and_no_glob_is_said() {
        assert!(Compiled::of(&rule("(", &[], &[])).unwrap_err().contains("unclosed group"));
        let bad = Rule { paths: vec!["[".into()], ..rule("x", &[], &[]) };
        assert!(Compiled::of(&bad).unwrap_err().contains("no glob"));
    }
}
