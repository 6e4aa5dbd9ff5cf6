//! What makes two test failures the same: the test's path and the assertion without its values.

use super::{cut, log, panic::Panic};
use crate::types::id::sha256_hex;

/// The way test failures are told apart here.
pub const VERSION: u32 = 1;

/// One test that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// `parse::tests::an_empty_row_is_an_error`, or a class and a name.
    pub test: String,
    /// What it said: a panic, an assertion, a message of another framework.
    pub said: String,
}

impl Failure {
    /// `1:<hex>`. Neither the values of an assertion nor where it stands count.
    pub fn fingerprint(&self) -> String {
        let (test, said) = (self.test.trim(), self.assertion());
        let text = format!("failure\0{}\0{test}\0{said}", test.len());
        format!("{VERSION}:{}", &sha256_hex(text.as_bytes())[..32])
    }

    /// The same with each text put through `hide`, as much of what it said as counts.
    pub fn with_texts(&self, hide: &dyn Fn(&str) -> String) -> Self {
        let mut from = 0;
        for line in self.said.split_inclusive('\n') {
            if super::panic::opens(line) {
                return Self { test: hide(&self.test), said: hide(cut(&self.said[from..])) };
            }
            from += line.len();
        }
        Self { test: hide(&self.test), said: hide(cut(&self.said)) }
    }

    /// The assertion with values masked.
    fn assertion(&self) -> String {
        let lines: Vec<&str> = self.said.lines().map(str::trim_end).collect();
        let from = lines.iter().position(|line| super::panic::opens(line));
        match from.and_then(|from| Panic::read(&lines[from..])) {
            Some(panic) => panic.masked(),
            None => lines
                .iter()
                .find(|line| !line.trim().is_empty())
                .map_or(String::new(), |line| log::template(line)),
        }
    }

    /// Which parts counted, for `list --why`.
    pub fn why(&self) -> String {
        format!(
            "same test {} with the same assertion \"{}\"; values and lines do not count",
            self.test,
            self.assertion()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(test: &str, said: &str) -> Failure {
        Failure { test: test.to_owned(), said: said.to_owned() }
    }

    #[test]
    fn values_and_lines_do_not_count_and_the_test_does() {
        let one = "thread 'a::b' (7) panicked at src/a.rs:3:5:\nassertion `left == right` failed: row\n  left: 1\n right: 2";
        let two = "\nthread 'a::b' (9) panicked at src/a.rs:8:5:\nassertion `left == right` failed: row\n  left: [3]\n right: 2\nnote: x";
        assert_eq!(failure("a::b", one).fingerprint(), failure("a::b", two).fingerprint());
        assert_ne!(failure("a::b", one).fingerprint(), failure("a::c", one).fingerprint());
        assert_ne!(
            failure("a::b", one).fingerprint(),
            failure("a::b", "expected 3 to equal 4").fingerprint()
        );
        assert!(failure("a::b", one).why().contains("a::b"));
    }
}
