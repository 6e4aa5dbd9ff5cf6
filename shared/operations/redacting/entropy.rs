//! Long strings that mix capitals, small letters and digits as no name does.
//!
//! Measured by how often the class of character changes from one to the next: 0.62 of the places in
//! random base62, about a quarter in CamelCase names and paths.

use std::ops::Range;

/// Shorter runs are left alone: too many names and short words in base64 look like them.
const SHORTEST: usize = 24;
/// The share of places at which the class must change.
const CHANGES: f64 = 0.38;
/// The same without the places where a capital begins a word.
const CHANGES_BEYOND_WORDS: f64 = 0.30;

pub fn spans(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            at += 1;
        }
        if at - start < SHORTEST {
            at = at.max(start + 1);
            continue;
        }
        let run = &text[start..at];
        if !is_digest(&text[..start], run) && is_random(run) && !is_readable(run) {
            spans.push(start..at);
        }
    }
    spans
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/_-=".contains(&byte)
}

#[derive(PartialEq)]
enum Class {
    Small,
    Capital,
    Digit,
    Other,
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' => Class::Small,
        b'A'..=b'Z' => Class::Capital,
        b'0'..=b'9' => Class::Digit,
        _ => Class::Other,
    }
}

fn is_random(run: &str) -> bool {
    let classes: Vec<Class> = run.bytes().map(class).collect();
    let all = [Class::Small, Class::Capital, Class::Digit].iter().all(|wanted| classes.contains(wanted));
    let (mut places, mut changes, mut words, mut numbers) = (0u32, 0u32, 0u32, 0u32);
    for pair in classes.windows(2) {
        numbers += u32::from(pair[0] != Class::Digit && pair[1] == Class::Digit);
        if pair.contains(&Class::Other) {
            continue;
        }
        places += 1;
        changes += u32::from(pair[0] != pair[1]);
        words += u32::from(pair[0] == Class::Capital && pair[1] == Class::Small);
    }
    let share = |count: u32| f64::from(count) / f64::from(places.max(1));
    // A capital that begins a word, as in CamelCase, is no sign of chance; scattered digits are.
    let scattered = numbers >= 3 || share(changes - words) >= CHANGES_BEYOND_WORDS;
    all && places >= 16 && share(changes) >= CHANGES && scattered && distinct(run) >= 12
}

fn distinct(run: &str) -> u32 {
    run.bytes().fold(0u128, |seen, byte| seen | 1 << (byte & 127)).count_ones()
}

/// `sha256-…=` of subresource integrity, `SHA256:…` of ssh keys, mangled Rust symbols: public.
fn is_digest(before: &str, run: &str) -> bool {
    let lower = run.get(..7).map(str::to_ascii_lowercase).unwrap_or_default();
    let prefixed = ["sha256-", "sha384-", "sha512-"].contains(&lower.as_str());
    let after_name =
        before.ends_with("SHA256:") || before.ends_with("sha256:") || before.ends_with("sha512:");
    prefixed || after_name || run.starts_with("_ZN") || run.starts_with("_R")
}

/// Base64 of a short readable text, which is no random string.
fn is_readable(run: &str) -> bool {
    let Some(bytes) = decode(run.trim_end_matches('=')) else { return false };
    bytes.len() <= 64 && bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
}

fn decode(run: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for byte in run.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 255) as u8);
        }
    }
    Some(out)
}
