//! A line of an event seen at a glance: walked over once, without making an event of it.
//!
//! Only what surely is an object that [`super::Event::parse`] reads is walked: members as this tool writes
//! them, without spaces, fractions or `\u`. Of any other line nothing is said, and it is read whole.

/// Deeper than any event of ours; what nests deeper is read whole.
const MOST_DEPTH: u32 = 8;

/// With more digits a number might not fit into 64 bits.
const MOST_DIGITS: usize = 18;

/// The value of a member at the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'l> {
    /// With nothing escaped in it.
    Text(&'l str),
    Count(u64),
    Other,
}

/// Show key and value of each member of the line's object, in order, a key that comes twice twice; whether
/// the line surely is one.
#[must_use]
pub fn members<'l>(line: &'l str, mut each: impl FnMut(&'l str, Seen<'l>)) -> bool {
    walk(line, &mut each) == Some("")
}

fn walk<'l>(line: &'l str, each: &mut impl FnMut(&'l str, Seen<'l>)) -> Option<&'l str> {
    let mut rest = line.strip_prefix('{')?;
    loop {
        let (key, behind) = key(rest)?;
        let (value, behind) = value(behind, 0)?;
        each(key, value);
        rest = behind.get(1..)?;
        match behind.as_bytes()[0] {
            b',' => {}
            b'}' => return Some(rest),
            _ => return None,
        }
    }
}

/// A key and what comes behind its colon.
fn key(line: &str) -> Option<(&str, &str)> {
    match text(line.strip_prefix('"')?)? {
        (Seen::Text(key), rest) => Some((key, rest.strip_prefix(':')?)),
        _ => None,
    }
}

fn value(line: &str, depth: u32) -> Option<(Seen<'_>, &str)> {
    match line.as_bytes().first()? {
        b'"' => text(&line[1..]),
        b'0'..=b'9' => count(line),
        b'[' | b'{' if depth < MOST_DEPTH => Some((Seen::Other, nested(line, depth + 1)?)),
        _ => {
            let word = ["true", "false", "null"].into_iter().find_map(|word| line.strip_prefix(word));
            Some((Seen::Other, word?))
        }
    }
}

/// A text behind its opening quote.
fn text(line: &str) -> Option<(Seen<'_>, &str)> {
    let bytes = line.as_bytes();
    let mut at = 0;
    let mut escaped = false;
    loop {
        match *bytes.get(at)? {
            b'"' => break,
            b'\\' => {
                escaped = true;
                if !matches!(bytes.get(at + 1)?, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') {
                    return None;
                }
                at += 2;
            }
            0..b' ' => return None,
            _ => at += 1,
        }
    }
    let seen = if escaped { Seen::Other } else { Seen::Text(&line[..at]) };
    Some((seen, &line[at + 1..]))
}

fn count(line: &str) -> Option<(Seen<'_>, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    let fraction = rest.starts_with(['.', 'e', 'E']);
    if fraction || digits > MOST_DIGITS || digits > 1 && number.starts_with('0') {
        return None;
    }
    Some((Seen::Count(number.parse().ok()?), rest))
}

/// What comes behind a list or an object.
fn nested(line: &str, depth: u32) -> Option<&str> {
    let (object, close) = if line.starts_with('{') { (true, '}') } else { (false, ']') };
    let mut rest = &line[1..];
    if let Some(rest) = rest.strip_prefix(close) {
        return Some(rest);
    }
    loop {
        if object {
            rest = key(rest)?.1;
        }
        rest = value(rest, depth)?.1;
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind,
            None => return rest.strip_prefix(close),
        }
    }
}
