//! What the counts of an input go under, so that the same log is the same source wherever it lies and
//! another one is another.
//!
//! A log is known by its name and its first line: it stays the same as it grows, is compressed, is
//! copied or turned over (`app.log.1`), as Filebeat's `fingerprint` file identity does it. Where that
//! line tells no time it may open other logs too, so the folder counts as well: within the repository
//! from its root on, so that clones agree.

use std::path::Path;

use factory::types::id;

use super::record;

/// The name of standard input.
pub const STANDARD_INPUT: &str = "standard input";

/// `app.log#1f0c9a3b` for a file.
pub fn of_file(file: &Path, root: Option<&Path>, first_line: &[u8]) -> String {
    let name = file.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
    let line = String::from_utf8_lossy(first_line);
    let mut parts = vec![line.trim_end().to_owned()];
    if record::time_in(&line).is_none() {
        let whole = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let folder = whole.parent().unwrap_or(Path::new(""));
        let inside = root.and_then(|root| folder.strip_prefix(root).ok()).unwrap_or(folder);
        parts.push(inside.to_string_lossy().into_owned());
    }
    format!("{}#{}", without_turns(&name), &id::sha256_hex(parts.join("\0").as_bytes())[..8])
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
        let of = |path: &str, line: &str| of_file(Path::new(path), None, line.as_bytes());
        let line = "2026-11-20T01:02:03Z INFO up";
        assert_eq!(of("/a/app.log", line), of("/b/old/app.log.1.gz", line));
        assert_eq!(of("/a/app.log", line), of("app.log-20261120", line));
        assert_ne!(of("/a/app.log", line), of("/b/app.log", "2026-11-20T01:02:04Z INFO up"));
        assert_ne!(of("/a/app.log", "up"), of("/b/app.log", "up"));
    }
}
