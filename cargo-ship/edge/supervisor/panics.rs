//! Panics and error lines that slots print: counted in their logs as they grow.

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

/// How far the logs were read.
#[derive(Default)]
pub struct Panics {
    /// By inode, since a log is renamed when its slot takes another's place.
    read: BTreeMap<u64, u64>,
}

impl Panics {
    /// Panics since the last look of stable and of the canary. A log seen for the first time is new, unless
    /// nothing was seen before: then it is one an earlier supervisor left.
    pub fn found(&mut self, place: &Place) -> (u64, u64) {
        let first = self.read.is_empty();
        let found = ["stable", "canary"].map(|slot| self.in_log(&place.log(slot), first));
        (found[0], found[1])
    }

    fn in_log(&mut self, path: &Path, first: bool) -> u64 {
        // A log that cannot be read tells nothing; the slot itself is looked after elsewhere.
        let Ok(mut file) = File::open(path) else { return 0 };
        let Ok(found) = file.metadata() else { return 0 };
        let length = found.len();
        let from = self.read.get(&found.ino()).copied().unwrap_or(if first { length } else { 0 });
        // Emptied since, as a log that reached its cap is.
        let from = if from > length { 0 } else { from };
        let mut text = Vec::new();
        let read = file
            .seek(SeekFrom::Start(from))
            .and_then(|_| file.take((length - from).min(MOST_BYTES)).read_to_end(&mut text));
        if read.is_err() {
            return 0;
        }
        // A line that is not whole yet is read when it is.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let beyond = if length - from > MOST_BYTES { length } else { from + whole as u64 };
        self.read.insert(found.ino(), beyond);
        text[..whole].split(|byte| *byte == b'\n').filter(|line| is_panic(line)).count() as u64
    }
}

/// The first line of a panic's message, as Rust's own hook prints it, or a line logged as an error: the level
/// as a word in capitals near the beginning, as `level=error`, or as a JSON field.
fn is_panic(line: &[u8]) -> bool {
    static LOGGED: OnceLock<Regex> = OnceLock::new();
    let logged = LOGGED.get_or_init(|| {
        let levels = "error|fatal|critical";
        let capitals = r"^.{0,60}?\b(?:ERROR|FATAL|CRITICAL)\b";
        let pattern = format!(
            r#"{capitals}|(?i:\b(?:level|severity)=(?:{levels})\b|"(?:level|severity)"\s*:\s*"(?:{levels})")"#
        );
        // The pattern is a constant, and a test compiles it.
        Regex::new(&pattern).expect("the pattern is well formed")
    });
    let line = String::from_utf8_lossy(&line[..line.len().min(2000)]);
    line.starts_with("thread '") && line.contains(" panicked at ") || logged.is_match(&line)
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
            "thread 'main' (7) panicked at src/main.rs:1:1:",
        ];
        assert!(logged.iter().all(|line| is_panic(line.as_bytes())), "{logged:?}");
        let other =
            ["INFO 0 errors", "error handling is on", "warn: no ERRORS", r#"{"level":"info","m":"error"}"#];
        assert!(other.iter().all(|line| !is_panic(line.as_bytes())), "{other:?}");
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
        let mut panics = Panics::default();
        assert_eq!(panics.found(&place), (0, 0), "an earlier supervisor's");
        append(
            "canary",
            "begins\nthread '<unnamed>' (12) panicked at src/main.rs:4:9:\nno\nthread 'x' panic",
        );
        assert_eq!(panics.found(&place), (0, 1));
        append("canary", "ked at src/main.rs:4:9:\nno\n");
        append("stable", "a panic is mentioned\n");
        assert_eq!(panics.found(&place), (0, 1));
        std::fs::rename(place.log("canary"), place.log("stable")).unwrap();
        assert_eq!(panics.found(&place), (0, 0));
    }
}
