//! What the counts of an input go under, so that the same log is the same source wherever it lies and
//! another one is another.
//!
//! A log is known by its name and its first line: it stays the same as it grows, is compressed, is
//! copied or turned over (`app.log.1`), as Filebeat's `fingerprint` file identity does it. Where that
//! line tells no time it may open other logs too, so the folder counts as well: within the repository
//! from its root on, so that clones agree. What is hashed is redacted first: a hash of a short secret can
//! be guessed.

use std::path::Path;

use anyhow::Result;
use factory::operations::redacting::Redactor;
use factory::types::event::Line;
use factory::types::id;

use super::record;

/// The name of standard input.
pub const STANDARD_INPUT: &str = "standard input";

/// The name of a source, and the one made of the text as it stood, under which an earlier version may
/// have counted it.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    as_it_stood: String,
}

impl Source {
    /// `app.log#1f0c9a3b`
    fn of(name: &str, told: &str, redactor: &Redactor) -> Self {
        let hashed = |text: &str| format!("{name}#{}", &id::sha256_hex(text.as_bytes())[..8]);
        Self { name: hashed(&redactor.redact(told).text), as_it_stood: hashed(told) }
    }

    /// The name its counts go under; `lines` are read only where an earlier version chose another.
    ///
    /// # Errors
    /// As `lines`.
    pub fn name(self, lines: impl FnOnce() -> Result<Vec<Line>>) -> Result<String> {
        if self.name == self.as_it_stood {
            return Ok(self.name);
        }
        let counted = |line: &Line| {
            line.read.as_ref().is_ok_and(|event| event.text("source") == Some(&self.as_it_stood))
        };
        Ok(if lines()?.iter().any(counted) { self.as_it_stood } else { self.name })
    }
}

/// The source a file is.
pub fn of_file(file: &Path, root: Option<&Path>, first_line: &[u8], redactor: &Redactor) -> Source {
    let name = file.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
    let line = String::from_utf8_lossy(first_line);
    let mut parts = vec![line.trim_end().to_owned()];
    if record::time_in(&line).is_none() {
        let whole = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let folder = whole.parent().unwrap_or(Path::new(""));
        let inside = root.and_then(|root| folder.strip_prefix(root).ok()).unwrap_or(folder);
        parts.push(inside.to_string_lossy().into_owned());
    }
    Source::of(without_turns(&name), &parts.join("\0"), redactor)
}

/// The name without what compressing and turning over put behind it: `.gz`, `.1`, `-20261120`.
fn without_turns(name: &str) -> &str {
    let name = [".gz", ".zst", ".zstd"].iter().fold(name, |name, end| name.strip_suffix(end).unwrap_or(name));
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match name.rsplit_once(['.', '-']) {
        Some((before, turn)) if !before.is_empty() && digits(turn) => without_turns(before),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_keeps_its_source_when_it_is_turned_over_and_another_has_its_own() {
        let none = Redactor::default();
        let of = |path: &str, line: &str| of_file(Path::new(path), None, line.as_bytes(), &none);
        let line = "2026-11-20T01:02:03Z INFO up";
        assert_eq!(of("/a/app.log", line), of("/b/old/app.log.1.gz", line));
        assert_eq!(of("/a/app.log", line), of("app.log-20261120", line));
        assert_ne!(of("/a/app.log", line), of("/b/app.log", "2026-11-20T01:02:04Z INFO up"));
        assert_ne!(of("/a/app.log", "up"), of("/b/app.log", "up"));
    }

    #[test]
    fn a_secret_in_the_first_line_is_no_part_of_the_name_unless_it_was_counted_so_before() {
        let of = |secret: &str| {
            let line = format!("2026-11-20T01:02:03Z ERROR password={secret} refused");
            of_file(Path::new("app.log"), None, line.as_bytes(), &Redactor::default())
        };
        let fresh = |source: Source| source.name(|| Ok(Vec::new())).unwrap();
        assert_eq!(fresh(of("swordfish")), fresh(of("carpfish")));
        let before = of("swordfish").as_it_stood;
        let event = format!(
            r#"{{"id":"01JD0000000000000000000001","v":1,"item":"fb-0000000000","op":"seen","t":"","source":"{before}"}}"#
        );
        let lines = vec![Line::new("c", event.as_bytes())];
        assert_eq!(of("swordfish").name(|| Ok(lines)).unwrap(), before);
    }
}
