//! Text of programs: panics with their backtraces, failing tests of `cargo test` and nextest, log lines.

use factory::operations::fingerprint::identity::Identity;
use factory::operations::fingerprint::panic::{self, Panic};

use super::message::Logged;
use super::record::{self, Least, Record};
use super::{failed, report};

/// A panic of more lines is cut: its frames are innermost first.
const MOST_LINES: usize = 600;

/// Lines of text on their way to records; holds one panic or the output of one test at most.
pub struct Text {
    /// Lines of the panic being read.
    panic: Vec<String>,
    /// How far nextest puts in the output of tests.
    indent: usize,
    /// The test whose output is being read: `---- a::b stdout ----`.
    test: Option<String>,
    /// Of its output, from the error it returned on.
    said: Vec<String>,
    /// Lines of an error with its causes.
    report: Vec<String>,
    /// A blank line came inside a panic: its message may go on with causes.
    blank: bool,
    /// Lines below the least severity, which are not filed.
    pub passed_over: u64,
    /// Of them, lines that name no level.
    pub without_level: u64,
    /// Only panics and tests are looked for.
    only_panics: bool,
    least: Least,
}

impl Text {
    pub fn new(only_panics: bool, least: Least) -> Self {
        let (passed_over, without_level, indent) = (0, 0, 0);
        let (panic, said, report, test, blank) = (Vec::new(), Vec::new(), Vec::new(), None, false);
        Self { panic, indent, test, said, report, blank, passed_over, without_level, only_panics, least }
    }

    pub fn inside_panic(&self) -> bool {
        !self.panic.is_empty()
    }

    /// Take a line: the records it completes, and what is logged on it.
    pub fn take<'l>(&mut self, line: &'l str) -> (Vec<Record>, Option<Logged<'l>>) {
        let mut found = Vec::new();
        let mut logged = None;
        let text = self.put_out(line);
        if self.inside_panic() && !panic::opens(text) && self.belongs(text) {
            if self.panic.len() < MOST_LINES {
                self.panic.push(text.to_owned());
            }
            self.blank = text.is_empty();
            return (found, None);
        }
        found.extend(self.end_of_panic());
        if !self.report.is_empty() && report::belongs(line) {
            if self.report.len() < MOST_LINES {
                self.report.push(line.to_owned());
            }
            return (found, None);
        }
        found.extend(self.end_of_report());
        let bare = line.trim_start_matches(' ');
        if panic::opens(bare) {
            self.indent = line.len() - bare.len();
            self.panic.push(bare.to_owned());
            self.said.clear();
        } else if let Some(test) = header_of_test(line) {
            found.extend(self.end_of_test());
            self.test = Some(test.to_owned());
        } else if self.test.is_some() && ends_tests(line) {
            found.extend(self.end_of_test());
            self.test = None;
        } else if self.test.is_some() {
            let opens = bare.starts_with("Error: ") || bare.starts_with("note: test did not panic");
            if opens || !self.said.is_empty() && self.said.len() < MOST_LINES {
                self.said.push(bare.to_owned());
            }
        } else if report::opens(line) {
            self.report.push(line.to_owned());
        } else if !self.only_panics {
            logged = self.logged(line);
        }
        (found, logged)
    }

    /// The line without nextest's blanks.
    fn put_out<'l>(&self, line: &'l str) -> &'l str {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        &line[blanks.min(self.indent)..]
    }

    /// What was being read when the input ended.
    pub fn end(&mut self) -> Vec<Record> {
        let panic = self.end_of_panic();
        panic.into_iter().chain(self.end_of_report()).chain(self.end_of_test()).collect()
    }

    fn end_of_report(&mut self) -> Option<Record> {
        let lines = std::mem::take(&mut self.report);
        let first = lines.first()?;
        report::record(&lines).or_else(|| match self.only_panics {
            true => None,
            false => self.logged(first).map(|logged| logged.record()),
        })
    }

    fn end_of_test(&mut self) -> Option<Record> {
        let said = std::mem::take(&mut self.said);
        let test = self.test.take()?;
        (!said.is_empty()).then(|| failed::record(&test, said.join("\n").trim()))
    }

    fn end_of_panic(&mut self) -> Option<Record> {
        (self.indent, self.blank) = (0, false);
        let lines = std::mem::take(&mut self.panic);
        let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
        let panic = Panic::read(&borrowed)?;
        Some(match self.test.take() {
            Some(test) => failed::record(&test, &lines.join("\n")),
            None => of_panic(&panic, lines.join("\n")),
        })
    }

    /// Whether a line goes on with the panic: message until the backtrace, then its frames.
    fn belongs(&self, line: &str) -> bool {
        let text = line.trim_start();
        let framed =
            text.starts_with("at ") || text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(": ");
        let in_frames = self.panic.iter().rev().take(40).any(|line| line.starts_with("stack backtrace:"))
            || self.panic.len() > 40;
        let closed = self.panic.last().is_some_and(|last| last.starts_with("note: "));
        // `anyhow` puts a blank line before its causes and before its own backtrace.
        let goes_on =
            line.starts_with("Caused by:") || line.to_ascii_lowercase().starts_with("stack backtrace:");
        match () {
            () if self.blank => goes_on,
            () if line.is_empty() => !closed && !in_frames && self.panic.len() > 1,
            () if closed || header_of_test(line).is_some() => false,
            () if line.starts_with("note: ") || line.starts_with("stack backtrace:") => true,
            () if in_frames => framed && line.starts_with(' '),
            // The message: its first line always, others up to the next line that has a time.
            () => self.panic.len() == 1 || self.panic.len() < 30 && record::time_in(line).is_none(),
        }
    }

    fn logged<'l>(&mut self, line: &'l str) -> Option<Logged<'l>> {
        if line.trim().is_empty() {
            return None;
        }
        // What cargo says behind failing tests, which are items of their own.
        if line.starts_with("error: test failed, to rerun pass") || line == "error: test run failed" {
            self.passed_over += 1;
            return None;
        }
        let (logged, has_level) = Logged::read(line);
        if !self.least.takes(logged.severity) {
            self.passed_over += 1;
            self.without_level += u64::from(!has_level);
            return None;
        }
        Some(Logged { time: record::time_in(line), ..logged })
    }
}

/// `---- a::b stdout ----` of cargo's tests, `FAIL [   0.004s] (2/4) crate a::b` of nextest's.
fn header_of_test(line: &str) -> Option<&str> {
    let fails = line.trim_start();
    let failed =
        fails.strip_prefix("TRY ").and_then(|rest| rest.split_once(' ')).map_or(fails, |(_, rest)| rest);
    if let Some(rest) = failed.strip_prefix("FAIL [").or_else(|| failed.strip_prefix("ABORT [")) {
        return rest.split_once("s] ").and_then(|(_, named)| named.rsplit(' ').next());
    }
    let inner = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    inner.strip_suffix(" stdout").or_else(|| inner.strip_suffix(" stderr"))
}

/// A line behind which no output of a test comes.
fn ends_tests(line: &str) -> bool {
    let text = line.trim_start();
    line == "failures:"
        || line.starts_with("test result:")
        || text.starts_with("PASS [")
        || text.starts_with("Summary [")
        || line.starts_with("────")
}

pub fn of_panic(panic: &Panic, body: String) -> Record {
    Record {
        kind: "error",
        severity: "error",
        title: format!("panic: {}", panic.message.lines().next().unwrap_or("without a message")),
        body,
        fingerprint: panic.fingerprint(),
        place: panic.has_own_place().then_some((panic.line, panic.column)),
        function: panic.function().cloned(),
        frames: record::shown_frames(panic),
        identity: Identity::Panic(panic.clone()),
        ..Record::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Record> {
        let mut reader = Text::new(false, Least::of("warning"));
        let mut found: Vec<Record> = Vec::new();
        for line in text.lines() {
            let (ended, logged) = reader.take(line);
            found.extend(ended);
            found.extend(logged.map(|logged| logged.record()));
        }
        found.extend(reader.end());
        found
    }

    #[test]
    fn a_panic_between_log_lines_is_one_record() {
        let found = records(
            "2026-11-22T01:02:03Z INFO up\nthread 'main' (3) panicked at src/a.rs:3:5:\nbad row 7\nstack backtrace:\n   0: core::panic\n             at /rustc/1/a.rs:1:1\n   1: app::read\n             at ./src/a.rs:3:5\nnote: x\n2026-11-22T01:02:04Z ERROR lost 4 rows",
        );
        assert_eq!(found.iter().map(|record| record.kind).collect::<Vec<_>>(), ["error", "log"]);
        assert!(found[0].why().contains("in app::read"), "{}", found[0].why());
        assert_eq!(found[1].time.unwrap().as_second(), 1_795_309_324);
    }

    #[test]
    fn a_failing_test_is_known_by_its_path() {
        let found = records(
            "running 1 test\ntest a::b ... FAILED\n\nfailures:\n\n---- a::b stdout ----\n\nthread 'a::b' (9) panicked at src/a.rs:3:5:\nassertion `left == right` failed\n  left: 1\n right: 2\nnote: run with\n\n\nfailures:\n    a::b\n\ntest result: FAILED. 0 passed",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].kind, found[0].title.as_str()),
            ("test-failure", "a::b fails: assertion `left == right` failed")
        );
    }

    #[test]
    fn an_error_with_its_causes_is_one_record_returned_or_unwrapped() {
        let causes = "\n\nCaused by:\n    0: reading /a/b.json\n    1: gone (os error 2)\n";
        let trace = "\nStack backtrace:\n   0: anyhow::error::new\n             at /r/.cargo/registry/src/x/anyhow-1.0.1/src/e.rs:1:1\n   1: shop::load\n             at ./src/cart.rs:3:5\n";
        let returned =
            records(&format!("Error: opening the shop{causes}{trace}2026-11-22T01:02:04Z ERROR lost it"));
        assert_eq!(returned.iter().map(|record| record.kind).collect::<Vec<_>>(), ["error", "log"]);
        assert_eq!(returned[0].title, "opening the shop: reading /a/b.json: gone (os error 2)");
        assert!(returned[0].why().contains("in shop::load"), "{}", returned[0].why());
        let unwrapped = records(&format!(
            "thread 'main' (3) panicked at src/main.rs:3:5:\ncalled `Result::unwrap()` on an `Err` value: opening the shop{causes}stack backtrace:\n   0: core::panicking::panic\n   1: shop::main\n             at ./src/main.rs:3:5\nnote: x\n\nERROR: lost it"
        ));
        assert_eq!(unwrapped.iter().map(|record| record.kind).collect::<Vec<_>>(), ["error", "log"]);
        assert!(
            unwrapped[0].why().contains("in shop::main") && unwrapped[0].body.contains("gone"),
            "{unwrapped:?}"
        );
        assert_eq!(records("Error: no rows\n").len(), 1);
    }
}
