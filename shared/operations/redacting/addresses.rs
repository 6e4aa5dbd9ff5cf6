//! IP addresses, found by reading them: version numbers, times and Rust paths look alike to a pattern.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// Where addresses stand that could lead to somebody; loopback, unspecified and masks survive.
pub fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = runs(text, |byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.');
    spans = spans.into_iter().filter_map(|run| v6(text, run)).collect();
    for run in runs(text, |byte| byte.is_ascii_digit() || byte == b'.') {
        let taken = spans.iter().any(|span| span.start <= run.start && run.start < span.end);
        if !taken && let Some(span) = v4(text, run) {
            spans.push(span);
        }
    }
    spans.sort_by_key(|span| span.start);
    spans
}

/// The longest runs of bytes that belong to an address.
fn runs(text: &str, is_part: fn(u8) -> bool) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut runs, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            at += 1;
        }
        // The shortest address that is hidden has three bytes or more: `a::`, `1.1.1.1`.
        if at - start >= 3 {
            runs.push(start..at);
        }
        at = at.max(start + 1);
    }
    runs
}

fn v6(text: &str, mut run: Range<usize>) -> Option<Range<usize>> {
    let found = &text[run.clone()];
    if found.bytes().filter(|byte| *byte == b':').count() < 2 {
        return None;
    }
    if found.starts_with(':') && !found.starts_with("::") {
        run.start += 1;
    }
    let trimmed = text[run.clone()].trim_end_matches('.');
    let trimmed =
        if trimmed.ends_with("::") { trimmed } else { trimmed.strip_suffix(':').unwrap_or(trimmed) };
    run.end = run.start + trimmed.len();
    let address: Ipv6Addr = trimmed.parse().ok()?;
    // `dead::beef` is a path in Rust before it is an address.
    let digit = trimmed.bytes().any(|byte| byte.is_ascii_digit());
    let hidden = digit && !address.is_loopback() && !address.is_unspecified();
    (hidden && stands_alone(text, &run)).then_some(run)
}

fn v4(text: &str, mut run: Range<usize>) -> Option<Range<usize>> {
    let found = &text[run.clone()];
    let trimmed = found.trim_end_matches('.');
    // `1.2.3.4.tar` is a file.
    if trimmed.len() < found.len() && is_word(text, Some(run.end)) {
        return None;
    }
    run.end = run.start + trimmed.len();
    let address: Ipv4Addr = trimmed.parse().ok()?;
    let hidden = !address.is_loopback() && !address.is_unspecified() && address.octets()[0] != 255;
    (hidden && stands_alone(text, &run) && !is_version(&text[..run.start])).then_some(run)
}

fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    !is_word(text, span.start.checked_sub(1)) && !is_word(text, Some(span.end))
}

fn is_word(text: &str, at: Option<usize>) -> bool {
    let byte = at.and_then(|at| text.as_bytes().get(at));
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
}

/// Four numbers after the word "version", or joined to a name as in `tool-1.2.3.4`, are a version.
fn is_version(before: &str) -> bool {
    let named = before.strip_suffix('-').is_some_and(|name| name.ends_with(|c: char| c.is_alphanumeric()));
    let word = before.trim_end_matches([' ', ':', '=', '"', '\'']);
    let tail = word.len().checked_sub(7).and_then(|at| word.get(at..));
    named || tail.is_some_and(|tail| tail.eq_ignore_ascii_case("version"))
}
