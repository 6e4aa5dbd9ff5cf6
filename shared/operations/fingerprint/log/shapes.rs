//! The shapes of values inside a log message: which bytes make a token, and which tokens are values.

use std::ops::Range;

/// Bytes a token is made of; what is not ASCII belongs to words.
pub fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128 || b"_-./@\\$%#+~&*!?`^".contains(&byte) || byte == b'\''
}

/// The token without the punctuation around it.
pub fn trimmed(token: &[u8]) -> Range<usize> {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 128 || *byte == b'_';
    let start = token.iter().position(word).unwrap_or(token.len());
    let end = token.iter().rposition(word).map_or(start, |at| at + 1);
    start..end
}

/// The length of a value that holds bytes no token has: a URL, a path, an address or a time with colons.
pub fn special(rest: &[u8]) -> Option<usize> {
    let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if letters >= 1 && rest[letters..].starts_with(b"://") {
        return Some(until(rest, b" \t\"'<>)]},;|"));
    }
    let second = rest.get(1).copied().unwrap_or(b' ');
    if rest[0] == b'/' && (second.is_ascii_alphanumeric() || b"._-<".contains(&second)) {
        return Some(until(rest, b" \t\"'()[]{}<>,;|=").max(2));
    }
    if letters == 1 && rest[1..].starts_with(b":\\") {
        return Some(until(rest, b" \t\"'()[]{}<>,;|="));
    }
    let length = rest.iter().take_while(|byte| byte.is_ascii_hexdigit() || **byte == b':').count();
    let colons = rest[..length].iter().filter(|byte| **byte == b':').count();
    let ends = rest.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let digits = rest[..length].iter().any(u8::is_ascii_digit);
    (colons >= 2 && ends && digits).then_some(length)
}

fn until(rest: &[u8], ends: &[u8]) -> usize {
    rest.iter().position(|byte| ends.contains(byte)).unwrap_or(rest.len())
}

/// A token that may differ from message to message whatever the others are.
pub fn is_value(word: &[u8], behind: &[u8]) -> bool {
    let mut dots = 0;
    let mut slashes = 0;
    let mut hex = true;
    for &byte in word {
        match byte {
            b'0'..=b'9' | b'@' | b'\\' => return true,
            b'.' => dots += 1,
            b'/' => slashes += 1,
            _ => {}
        }
        hex &= byte.is_ascii_hexdigit();
    }
    dots >= 2 && !word.windows(2).any(|two| two == b"..")
        || slashes >= 2
        || hex && word.len() >= 8
        || is_date_word(word) && is_date(behind)
}

/// Values that are words. Behind `=` they are values as others are; elsewhere, what is told of `false`
/// and of `true` may be two things.
pub fn is_constant(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null" | b"nil" | b"None" | b"True" | b"False")
}

/// How much of what follows a token belongs to its value: `node-[3-9]`, and `host:5070` as the first.
pub fn beyond(token: &[u8], behind: &[u8], first: bool) -> Option<usize> {
    if token.ends_with(b"-") && behind.starts_with(b"[") {
        return behind.iter().take(60).position(|byte| *byte == b']').map(|at| at + 1);
    }
    let port = behind.strip_prefix(b":").filter(|_| first)?;
    let digits = port.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let ends = port.get(digits).is_none_or(u8::is_ascii_whitespace);
    ((2..=5).contains(&digits) && ends).then_some(digits + 1)
}

const DATE_WORDS: [&[u8; 3]; 19] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec", b"Mon",
    b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun",
];

fn is_date_word(word: &[u8]) -> bool {
    word.len() == 3 && DATE_WORDS.iter().any(|date| date.as_slice() == word)
}

/// A number or another part of a date follows.
fn is_date(behind: &[u8]) -> bool {
    let blank = behind.iter().take_while(|byte| matches!(byte, b' ' | b',')).count();
    let next = &behind[blank..];
    blank > 0 && (next.first().is_some_and(u8::is_ascii_digit) || next.get(..3).is_some_and(is_date_word))
}

/// Units that change with the size of the number before them.
pub fn is_unit(word: &[u8]) -> bool {
    const UNITS: [&str; 31] = [
        "b", "byte", "bytes", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "ns", "us", "ms", "s", "sec",
        "secs", "second", "seconds", "min", "mins", "minute", "minutes", "hour", "hours", "day", "days",
        "msec", "millis", "h", "m", "µs",
    ];
    word.len() <= 7 && UNITS.iter().any(|unit| unit.as_bytes().eq_ignore_ascii_case(word))
}

/// An HTTP request line.
pub fn is_request(quoted: &[u8]) -> bool {
    let methods = ["GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "PATCH ", "OPTIONS ", "CONNECT "];
    methods.iter().any(|method| quoted.starts_with(method.as_bytes()))
}

/// `TERM, HUP, INT]`: words with commas between them up to the closing bracket.
pub fn is_list(rest: &[u8]) -> bool {
    let Some(end) = rest.iter().take(400).position(|byte| *byte == b']') else { return false };
    let items = rest[..end].split(|byte| *byte == b',');
    let mut count = 0;
    for item in items {
        count += 1;
        if item.trim_ascii().iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'=') {
            return false;
        }
    }
    count > 1
}

/// The length of a bracketed text up to the bracket that closes it; where none does, up to none.
pub fn balanced(rest: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in rest.iter().enumerate().take(4000) {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}
