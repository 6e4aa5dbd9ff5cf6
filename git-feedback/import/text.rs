//! Text of programs: panics with their backtraces, failing tests of `cargo test` and nextest, log lines.

use factory::operations::fingerprint::failure::Failure;
use factory::operations::fingerprint::log;
use factory::operations::fingerprint::panic::{self, Panic};
use serde_json::json;

use super::record::{self, Record};

/// A panic of more lines is cut: its frames are innermost first.
const MOST_LINES: usize = 600;

/// Lines of text on their way to records; holds one panic at most.
#[derive(Default)]
pub struct Text {
    /// Lines of the panic being read.
    panic: Vec<String>,
    /// The test whose output is being read: `---- a::b stdout ----`.
    test: Option<String>,
    /// Lines below a warning, which are not filed.
    pub passed_over: u64,
    /// Only panics and tests are looked for.
    only_panics: bool,
}

impl Text {
    pub fn only_panics(only_panics: bool) -> Self {
        Self { only_panics, ..Self::default() }
    }

    /// Take a line; the record it completes, and the one it is.
    pub fn take(&mut self, line: &str) -> Vec<Record> {
        let mut found = Vec::new();
        if !self.panic.is_empty() && !panic::opens(line) && self.belongs(line) {
            if self.panic.len() < MOST_LINES {
                self.panic.push(line.to_owned());
            }
            return found;
        }
        found.extend(self.end());
        if panic::opens(line) {
            self.panic.push(line.to_owned());
        } else if let Some(test) = header(line) {
            self.test = Some(test.to_owned());
        } else if self.test.is_some() && (line == "failures:" || line.starts_with("test result:")) {
            self.test = None;
        } else if !self.only_panics && self.test.is_none() {
            found.extend(self.logged(line));
        }
        found
    }

    /// The panic that was being read.
    pub fn end(&mut self) -> Option<Record> {
        let lines = std::mem::take(&mut self.panic);
        let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
        let panic = Panic::read(&borrowed)?;
        Some(match self.test.take() {
            Some(test) => of_test(test, &panic, lines.join("\n")),
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
        match () {
            () if closed || line.is_empty() || header(line).is_some() => false,
            () if line.starts_with("note: ") || line.starts_with("stack backtrace:") => true,
            () if in_frames => framed && line.starts_with(' '),
            // The message: its first line always, others up to the next line that has a time.
            () => self.panic.len() == 1 || self.panic.len() < 30 && record::time_in(line).is_none(),
        }
    }

    fn logged(&mut self, line: &str) -> Option<Record> {
        let level = level(line);
        let Some(severity) = level.and_then(record::severity) else {
            self.passed_over += u64::from(!line.trim().is_empty());
            return None;
        };
        Some(Record {
            kind: "log",
            severity,
            title: line.trim().to_owned(),
            fingerprint: log::fingerprint(line),
            why: log::why(line),
            time: record::time_in(line),
            ..Record::default()
        })
    }
}

/// `---- a::b stdout ----` of cargo's tests.
fn header(line: &str) -> Option<&str> {
    let inner = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    inner.strip_suffix(" stdout").or_else(|| inner.strip_suffix(" stderr"))
}

/// The first word of a line that names a level, among the words before the message.
fn level(line: &str) -> Option<&str> {
    let words = line.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 2).take(8);
    let shouted = |word: &&str| word.bytes().all(|byte| byte.is_ascii_uppercase());
    let first = line.split([':', ' ']).next().unwrap_or("");
    words.clone().find(|word| shouted(word) && record::severity(word).is_some()).or_else(|| {
        // `error: …` as compilers write it.
        Some(first).filter(|word| line[word.len()..].starts_with(':') && record::severity(word).is_some())
    })
}

fn of_panic(panic: &Panic, body: String) -> Record {
    let mut record = Record {
        kind: "error",
        severity: "error",
        title: format!("panic: {}", panic.message.lines().next().unwrap_or("without a message")),
        body,
        fingerprint: panic.fingerprint(),
        why: panic.why(),
        ..Record::default()
    };
    let frames: Vec<_> = panic
        .frames
        .iter()
        .filter(|frame| frame.in_app)
        .take(8)
        .map(|frame| json!({"function": frame.name(), "line": frame.line, "in_app": true}))
        .collect();
    record.fields.insert("stacktrace".into(), frames.into());
    record
}

fn of_test(test: String, panic: &Panic, body: String) -> Record {
    let failure = Failure { test, said: body };
    Record {
        kind: "test-failure",
        severity: "error",
        title: format!("{} fails: {}", failure.test, panic.message.lines().next().unwrap_or("")),
        fingerprint: failure.fingerprint(),
        why: failure.why(),
        body: failure.said,
        ..Record::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Record> {
        let mut reader = Text::default();
        let mut found: Vec<Record> = text.lines().flat_map(|line| reader.take(line)).collect();
        found.extend(reader.end());
        found
    }

    #[test]
    fn a_panic_between_log_lines_is_one_record() {
        let found = records(
            "2026-11-22T01:02:03Z INFO up\nthread 'main' (3) panicked at src/a.rs:3:5:\nbad row 7\nstack backtrace:\n   0: core::panic\n             at /rustc/1/a.rs:1:1\n   1: app::read\n             at ./src/a.rs:3:5\nnote: x\n2026-11-22T01:02:04Z ERROR lost 4 rows",
        );
        assert_eq!(found.iter().map(|record| record.kind).collect::<Vec<_>>(), ["error", "log"]);
        assert!(found[0].why.contains("in app::read"), "{}", found[0].why);
        assert_eq!(found[1].time.unwrap().as_second(), 1_795_309_324);
    }

    #[test]
    fn a_failing_test_is_known_by_its_path() {
        let found = records(
            "running 1 test\ntest a::b ... FAILED\n\nfailures:\n\n---- a::b stdout ----\n\nthread 'a::b' (9) panicked at src/a.rs:3:5:\nassertion `left == right` failed\n  left: 1\n right: 2\nnote: run with\n\n\nfailures:\n    a::b\n\ntest result: FAILED. 0 passed",
        );
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].kind, found[0].title.as_str()),
            ("test-failure", "a::b fails: assertion `left == right` failed")
        );
    }
}
