//! What makes two failures the same: text with everything masked that differs from run to run.
//!
//! A fingerprint names its version first (`1:<hex>`), so that a later way of making them can look up
//! what an earlier one has written.

pub mod failure;
pub mod identity;
pub mod log;
pub mod miner;
pub mod panic;
pub mod trace;

use std::collections::BTreeSet;

use super::redacting::Redactor;
use crate::types::id::sha256_hex;

/// The way fingerprints are made here.
pub const VERSION: u32 = 1;

/// How many lines of an output speak for it.
const MOST_LINES: usize = 20;

/// The fingerprint of a failed command: its words, how it ended, and the lines that tell of failure,
/// whatever order they came in.
pub fn of_command(words: &[String], end: &str, output: &str) -> String {
    let telling = telling_lines(output);
    let mut parts = vec![masked(&words.join(" ")), end.to_owned()];
    parts.extend(telling);
    of_parts(&parts)
}

/// The same of what was redacted, and what [`of_command`] makes of it as it stands, by which it may be
/// known already; that one is never written.
pub fn of_command_redacted(
    redactor: &Redactor,
    words: &[String],
    end: &str,
    output: &str,
) -> (String, Vec<String>) {
    let as_it_stood = of_command(words, end, output);
    let words = [identity::masked(redactor, &words.join(" "))];
    let own = of_command(&words, end, &identity::masked(redactor, output));
    let earlier = if own == as_it_stood { Vec::new() } else { vec![as_it_stood] };
    (own, earlier)
}

/// The fingerprint of an error or a test failure known by a few texts.
pub fn of_texts(texts: &[&str]) -> String {
    of_parts(&texts.iter().map(|text| masked(text)).collect::<Vec<_>>())
}

fn of_parts(parts: &[String]) -> String {
    let framed: String = parts.iter().map(|part| format!("{}\0{part}\0", part.len())).collect();
    format!("{VERSION}:{}", &sha256_hex(framed.as_bytes())[..32])
}

/// As much of a text as is looked at for secrets before a fingerprint is made of it.
fn cut(text: &str) -> &str {
    const MOST_BYTES: usize = 16 * 1024;
    let end = (0..=text.len().min(MOST_BYTES)).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// The first line of an output that tells of failure, as it stands.
pub fn telling_line(output: &str) -> Option<String> {
    output.lines().find(|line| tells(line)).map(|line| line.trim().to_owned())
}

fn tells(line: &str) -> bool {
    const SIGNS: [&str; 7] = ["error", "panicked", "failed", "fatal", "exception", "assert", "cannot"];
    let lower = line.to_ascii_lowercase();
    SIGNS.iter().any(|sign| lower.contains(sign)) && !lower.trim_start().starts_with("warning")
}

/// The masked lines that tell of failure, sorted, each once; where none does, the last ones.
fn telling_lines(output: &str) -> Vec<String> {
    let lines: BTreeSet<String> = output.lines().filter(|line| tells(line)).map(masked).collect();
    if lines.is_empty() {
        let ends = output.lines().rev().filter(|line| !line.trim().is_empty()).take(5);
        return ends.map(masked).collect();
    }
    lines.into_iter().take(MOST_LINES).collect()
}

/// The text with numbers, hexadecimal, UUIDs, ids and the folders of paths masked.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (length, mask) = next_piece(rest, out.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        match mask {
            Some(mask) if mask == "#" && out.ends_with("#.") => out.truncate(out.len() - 1),
            Some(mask) => out.push_str(mask),
            None => out.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    let words: Vec<&str> = out.split_whitespace().map(without_folders).collect();
    words.join(" ")
}

/// The length of the next piece of the text and what stands for it, where it is masked.
fn next_piece(rest: &str, within_word: bool) -> (usize, Option<&'static str>) {
    let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
    if !within_word && is_uuid(&rest[..word]) {
        return (word, Some("<uuid>"));
    }
    let run = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if run == 0 {
        return (rest.chars().next().map_or(1, char::len_utf8), None);
    }
    let found = &rest[..run];
    let digits = found.bytes().take_while(u8::is_ascii_digit).count();
    match () {
        () if within_word => (run, None),
        () if is_hex(found) => (run, Some("<hex>")),
        () if digits > 0 && run >= 20 => (run, Some("<id>")),
        () if digits > 0 => (digits, Some("#")),
        () => (run, None),
    }
}

fn is_hex(word: &str) -> bool {
    let digits = word.strip_prefix("0x");
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match digits {
        Some(digits) => !digits.is_empty() && all(digits),
        None => {
            word.len() >= 7 && all(word) && word.bytes().any(|byte| byte.is_ascii_digit()) && {
                // A long number is a number.
                word.bytes().any(|byte| byte.is_ascii_alphabetic())
            }
        }
    }
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `/tmp/x1/src/a.rs:#:#` becomes `a.rs:#:#`, also in brackets and quotes; relative paths stay.
fn without_folders(word: &str) -> &str {
    let bare = word.trim_start_matches(['(', '[', '"', '\'', '`', '<']);
    let absolute = bare.starts_with('/') || bare.starts_with("~/");
    if !absolute || bare.starts_with("//") {
        return word;
    }
    bare.trim_end_matches('/').rsplit('/').next().unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_masked() {
        assert_eq!(masked("took 12ms, 0.03s"), "took #ms, #s");
        assert_eq!(masked("at 0x7f00a1 in 85834f3a1b"), "at <hex> in <hex>");
        assert_eq!(masked("id 550e8400-e29b-41d4-a716-446655440000"), "id <uuid>");
        assert_eq!(masked("  --> /tmp/a7/src/row.rs:3:17 "), "--> row.rs:#:#");
        assert_eq!(masked("open (/home/x/y.txt)"), "open y.txt)");
        assert_eq!(masked("src/row.rs:3:17"), "src/row.rs:#:#");
    }

    #[test]
    fn names_keep_their_digits() {
        assert_eq!(masked("test utf8::parse_2 ... v1"), "test utf8::parse_2 ... v1");
    }

    #[test]
    fn the_same_failure_has_the_same_fingerprint_at_another_time_and_place() {
        let words = ["cargo".to_owned(), "test".to_owned()];
        let one = "running 2 tests\ntest a ... FAILED\nthread 'a' (91) panicked at /w/1/src/a.rs:3:5:\nfinished in 0.01s";
        let two = "running 2 tests\nthread 'a' (17) panicked at /w/2/src/a.rs:9:5:\ntest a ... FAILED\nfinished in 1.44s";
        assert_eq!(of_command(&words, "exit code 101", one), of_command(&words, "exit code 101", two));
        assert_ne!(of_command(&words, "exit code 101", one), of_command(&words, "exit code 1", one));
        assert!(of_texts(&["x"]).starts_with("1:"));
    }

    #[test]
    fn another_failing_test_is_another_failure() {
        let words = ["cargo".to_owned(), "test".to_owned()];
        let of = |output| of_command(&words, "exit code 101", output);
        assert_ne!(of("test parses_a ... FAILED"), of("test parses_b ... FAILED"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_masked(text in "\\PC*") {
            masked(&text);
        }
    }
}
