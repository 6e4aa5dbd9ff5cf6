//! Long strings that mix capitals, small letters and digits as no name does.
//!
//! Measured by how often the class of character changes from one to the next: 0.62 of the places in
//! random base62, about a quarter in CamelCase names and paths.

use std::ops::Range;

use super::wrapped;

/// Shorter runs are left alone: too many names and short words in base64 look like them.
const SHORTEST: usize = 24;
/// The share of places at which the class must change.
const CHANGES: f64 = 0.38;
/// The same without the places where a capital begins a word.
const CHANGES_BEYOND_WORDS: f64 = 0.30;

pub fn spans(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let armour = public_blocks(text);
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
        let public = is_digest(&text[..start], run) || is_public(run);
        if !public && is_random(run) && !armour.iter().any(|block| block.contains(&start)) {
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

/// `sha256-…=` of subresource integrity, `h1:…` of go.sum, `SHA256:…` of ssh keys, mangled Rust symbols.
fn is_digest(before: &str, run: &str) -> bool {
    let lower = run.get(..7).map(str::to_ascii_lowercase).unwrap_or_default();
    let prefixed = ["sha256-", "sha384-", "sha512-"].contains(&lower.as_str()) || lower.starts_with("sha1-");
    let after_name = ["SHA256:", "sha256:", "sha384:", "sha512:", "sha1:", "h1:"]
        .iter()
        .any(|name| before.ends_with(name));
    // The line between the parts of a form.
    let boundary = run.contains("boundary=") || run.contains("FormBoundary");
    prefixed
        || after_name
        || boundary
        || run.starts_with("_ZN")
        || run.starts_with("_R")
        || run.starts_with("__ZN")
}

/// Base64 of a text (whose words are looked at apart), of an image or font, of a public ssh key.
fn is_public(run: &str) -> bool {
    const FILES: &[&[u8]] = &[
        b"\x89PNG",
        b"GIF8",
        b"\xff\xd8\xff",
        b"RIFF",
        b"wOFF",
        b"wOF2",
        b"%PDF",
        b"OTTO",
        b"\0asm",
        b"\0\0\x01\0",
        b"\0\0\0\x07ssh-",
        b"\0\0\0\x0bssh-",
        b"\0\0\0\x13ecdsa-",
        b"\0\0\0\x1ask-",
        b"SSHSIG",
    ];
    // `data:image/png;base64,` ends with a part of its own: a run may begin with other things.
    let Some(bytes) = wrapped::decode(run) else { return false };
    FILES.iter().any(|file| bytes.starts_with(file)) || wrapped::is_text(&bytes)
}

/// What stands between `-----BEGIN …-----` and its end, unless it is a private key.
fn public_blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("-----BEGIN ").map(|at| from + at) {
        from = at + 11;
        let Some(label) = text[from..].split("-----").next().filter(|label| label.len() < 60) else {
            continue;
        };
        let Some(end) = text[from..].find("-----END ").map(|end| from + end) else { break };
        if !label.contains("PRIVATE") {
            blocks.push(at..end);
        }
        from = end;
    }
    blocks
}
