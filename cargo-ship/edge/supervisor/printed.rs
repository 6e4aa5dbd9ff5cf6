//! What slots print: panics and error lines, counted in their logs as they grow.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;

use regex::Regex;

use crate::edge::place::Place;

/// The most bytes of a log that are read at one look; what is beyond is not looked at.
const MOST_BYTES: u64 = 4 << 20;
/// The most bytes of a line that are looked at.
const MOST_OF_A_LINE: usize = 2000;

/// What one slot printed since the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub panics: u64,
    pub error_lines: u64,
}

impl Found {
    pub fn plus(self, more: Self) -> Self {
        Self { panics: self.panics + more.panics, error_lines: self.error_lines + more.error_lines }
    }

    fn of_line(line: &[u8]) -> Self {
        let line = String::from_utf8_lossy(&line[..line.len().min(MOST_OF_A_LINE)]);
        let line = uncoloured(&line);
        let panics = is_panic(&line);
        Self { panics: u64::from(panics), error_lines: u64::from(!panics && is_error(&line)) }
    }
}

/// How far the logs were read.
#[derive(Default)]
pub struct Printed {
    /// By inode, since a log is renamed when its slot takes another's place.
    read: BTreeMap<u64, u64>,
}

impl Printed {
    /// What stable and the canary printed since the last look. A log seen for the first time is new, unless
    /// nothing was seen before: then it is one an earlier supervisor left.
    pub fn found(&mut self, place: &Place) -> [Found; 2] {
        let first = self.read.is_empty();
        ["stable", "canary"].map(|slot| self.in_log(&place.log(slot), first))
    }

    fn in_log(&mut self, path: &Path, first: bool) -> Found {
        // A log that cannot be read tells nothing; the slot itself is looked after elsewhere.
        let nothing = Found::default();
        let Ok(mut file) = File::open(path) else { return nothing };
        let Ok(found) = file.metadata() else { return nothing };
        let length = found.len();
        let from = self.read.get(&found.ino()).copied().unwrap_or(if first { length } else { 0 });
        // Emptied since, as a log that reached its cap is.
        let from = if from > length { 0 } else { from };
        let mut text = Vec::new();
        let read = file
            .seek(SeekFrom::Start(from))
            .and_then(|_| file.take((length - from).min(MOST_BYTES)).read_to_end(&mut text));
        if read.is_err() {
            return nothing;
        }
        // A line that is not whole yet is read when it is.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let beyond = if length - from > MOST_BYTES { length } else { from + whole as u64 };
        self.read.insert(found.ino(), beyond);
        text[..whole].split(|byte| *byte == b'\n').map(Found::of_line).fold(nothing, Found::plus)
    }
}

/// Without its colours: loggers write them to a file as well, unless they are told not to.
fn uncoloured(line: &str) -> Cow<'_, str> {
    static COLOUR: OnceLock<Regex> = OnceLock::new();
    // The pattern is a constant, and a test compiles it.
    COLOUR.get_or_init(|| Regex::new("\x1b\\[[0-9;]*m").expect("it is well formed")).replace_all(line, "")
}

/// The first line of a panic's message, as Rust's own hook prints it.
fn is_panic(line: &str) -> bool {
    line.starts_with("thread '") && line.contains(" panicked at ")
}

/// A line logged as an error, told by its level and by no word of its text. The level is the first word in
/// capitals among those loggers use that stands in the line's first 60 characters (`ERROR`, `FATAL` and
/// `CRITICAL` are errors); or `level=` or `severity=` before `error`, `fatal` or `critical`; or a JSON field
/// `level` or `severity` with one of them, or with 50 or 60 as bunyan and pino write them.
fn is_error(line: &str) -> bool {
    static LEVEL: OnceLock<Regex> = OnceLock::new();
    static FIELD: OnceLock<Regex> = OnceLock::new();
    // The patterns are constants, and a test compiles them.
    let regex = |pattern: &str| Regex::new(pattern).expect("the pattern is well formed");
    let level = LEVEL
        .get_or_init(|| regex(r"^.{0,60}?\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b"));
    let field = FIELD.get_or_init(|| {
        let names = r#"(?i:\b(?:level|severity)=(?:error|fatal|critical)\b|"(?:level|severity)"\s*:\s*(?:"(?:error|fatal|critical)"|[56]0\b))"#;
        regex(names)
    });
    match level.captures(line).and_then(|found| found.get(1)) {
        Some(level) => matches!(level.as_str(), "ERROR" | "FATAL" | "CRITICAL"),
        None => field.is_match(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn an_error_line_is_told_by_its_level_and_not_by_a_word_in_its_text() {
        let logged = [
            "[2026-11-22T10:00:00Z ERROR app] no",
            "2026-11-22T10:00:00.1Z ERROR app::db: no",
            "ERROR: no",
            "ts=1 level=error msg=no",
            r#"{"t":1,"level":"ERROR","msg":"no"}"#,
            r#"{"level":50,"time":1,"msg":"no"}"#,
        ];
        assert!(logged.iter().all(|line| is_error(line)), "{logged:?}");
        let other = [
            "INFO 0 errors",
            "INFO upstream said ERROR",
            "WARN level=error was asked for",
            "error handling is on",
            "warn: no ERRORS",
            r#"{"level":"info","m":"error"}"#,
            r#"{"level":30,"took":50}"#,
        ];
        assert!(other.iter().all(|line| !is_error(line)), "{other:?}");
        let panic = Found::of_line(b"thread 'main' (7) panicked at src/ERROR.rs:1:1:");
        assert_eq!(panic, Found { panics: 1, error_lines: 0 });
        // As tracing_subscriber's `fmt` writes them.
        let coloured = |level: &str| {
            let line =
                format!("\x1b[2m2026-11-22T10:00:00.123456Z\x1b[0m {level} \x1b[2mapp\x1b[0m: an ERROR");
            Found::of_line(line.as_bytes()).error_lines
        };
        assert_eq!([coloured("\x1b[31mERROR\x1b[0m"), coloured("\x1b[32m INFO\x1b[0m")], [1, 0]);
    }

    #[test]
    fn each_panic_counts_once_and_follows_its_log() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(dir.path().join("edge"), dir.path().join("s")).unwrap();
        place.create().unwrap();
        let append = |slot: &str, text: &str| {
            let mut log = super::super::logs::open(&place.log(slot)).unwrap();
            log.write_all(text.as_bytes()).unwrap();
        };
        append("stable", "thread 'main' panicked at src/main.rs:1:1:\nlong ago\n");
        let mut printed = Printed::default();
        let found = |stable, canary| [stable, canary].map(|panics| Found { panics, error_lines: 0 });
        assert_eq!(printed.found(&place), found(0, 0), "an earlier supervisor's");
        append(
            "canary",
            "begins\nthread '<unnamed>' (12) panicked at src/main.rs:4:9:\nno\nthread 'x' panic",
        );
        assert_eq!(printed.found(&place), found(0, 1));
        append("canary", "ked at src/main.rs:4:9:\nno\n");
        append("stable", "a panic is mentioned\n");
        assert_eq!(printed.found(&place), found(0, 1));
        std::fs::rename(place.log("canary"), place.log("stable")).unwrap();
        assert_eq!(printed.found(&place), found(0, 0));
    }
}
