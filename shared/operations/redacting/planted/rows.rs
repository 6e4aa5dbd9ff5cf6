//! Planted secrets, each of which must be found.
//!
//! They are put together from pieces and a generator at run time: no token shape stands in these files.

#[path = "certain.rs"]
mod certain;
#[path = "likely.rs"]
mod likely;
#[path = "wrapped.rs"]
mod wrapped;

pub const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub const HEX: &str = "0123456789abcdef";

/// `length` characters of `alphabet` that look random and are the same each time.
pub fn made(alphabet: &str, length: usize, seed: u64) -> String {
    let letters = alphabet.as_bytes();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(letters[(state >> 33) as usize % letters.len()])
    };
    (0..length).map(next).collect()
}

/// One secret in its surroundings.
pub struct Row {
    pub kind: &'static str,
    pub before: String,
    pub secret: String,
    pub after: &'static str,
    /// Beyond doubt a secret: a write is refused.
    pub certain: bool,
}

impl Row {
    pub fn text(&self) -> String {
        format!("{}{}{}", self.before, self.secret, self.after)
    }
}

pub fn row(kind: &'static str, before: &str, secret: impl Into<String>, after: &'static str) -> Row {
    Row { kind, before: before.to_owned(), secret: secret.into(), after, certain: false }
}

pub fn b62(length: usize, seed: u64) -> String {
    made(BASE62, length, seed)
}

pub fn hex(length: usize, seed: u64) -> String {
    made(HEX, length, seed)
}

pub fn block(label: &str, newline: &str) -> String {
    let lines: Vec<String> = (0..4).map(|n| made(BASE62, 64, n + 90)).collect();
    let dashes = "-".repeat(5);
    format!(
        "{dashes}BEGIN {label}{dashes}{newline}{}{newline}{dashes}END {label}{dashes}",
        lines.join(newline)
    )
}

/// Base64 as programs write it.
pub fn base64(text: &str) -> String {
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let value = (bits >> (18 - 6 * place) & 63) as usize;
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            out.push(if place <= chunk.len() { char::from(alphabet[value]) } else { '=' });
        }
    }
    out
}

pub fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = certain::rows().into_iter().map(|row| Row { certain: true, ..row }).collect();
    rows.extend(likely::rows());
    rows.extend(wrapped::rows());
    rows
}
