//! Texts inside texts: what is base64 or percent-encoded is read as what it says.

use std::ops::Range;

use super::{Found, Redacted};

/// Shorter base64 is left alone: words look like it.
const SHORTEST: usize = 12;
/// Lines of base64 as programs wrap them.
const WRAPPED_AT: [usize; 4] = [60, 64, 72, 76];

/// Where a text stands encoded in which `look` finds something, and what it is.
pub fn spans(text: &str, look: &dyn Fn(&str) -> Redacted) -> Vec<(Range<usize>, Found)> {
    let mut found = Vec::new();
    for lines in lines_of_base64(text) {
        let whole = match (lines.first(), lines.last()) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => continue,
        };
        if let Some(worst) = said(text, &whole, look) {
            found.push((whole, worst));
            continue;
        }
        for line in lines {
            if let Some(worst) = said(text, &line, look) {
                found.push((line, worst));
            } else if let Some(end) = discord(text, &line) {
                found.push((line.start..end, Found { kind: "discord-token".to_owned(), certain: true }));
            }
        }
    }
    if text.contains('%') {
        found.extend(percent(text, look));
    }
    found.sort_by_key(|(span, _)| span.start);
    let mut end = 0;
    found.retain(|(span, _)| {
        let outside = span.start >= end;
        end = end.max(span.end);
        outside
    });
    found
}

/// What is found in the text that this base64 says.
fn said(text: &str, span: &Range<usize>, look: &dyn Fn(&str) -> Redacted) -> Option<Found> {
    let run: String = text[span.clone()].chars().filter(|c| is_base64(*c)).collect();
    let bytes = [unhexed(&run), decode(&run)].into_iter().flatten().find(|bytes| is_text(bytes))?;
    worst(look(&String::from_utf8_lossy(&bytes)))
}

/// What is certain goes first, then the name.
pub fn worst(redacted: Redacted) -> Option<Found> {
    redacted.found.into_iter().max_by_key(|found| (found.certain, found.kind != "high-entropy"))
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/_-=".contains(c)
}

/// Runs of base64; lines of equal length and the one behind them belong together.
fn lines_of_base64(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut runs: Vec<Vec<Range<usize>>> = Vec::new();
    let bytes = text.as_bytes();
    let (mut at, mut line) = (0, 0);
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && is_base64(char::from(bytes[at])) {
            at += 1;
        }
        if at == start {
            at += 1;
            continue;
        }
        let blank = |span: &Range<usize>| {
            let between = &text[span.end..start];
            between.contains('\n')
                && between.len() < 40
                && between.bytes().all(|byte| byte.is_ascii_whitespace())
        };
        let goes_on = |lines: &Vec<Range<usize>>| {
            WRAPPED_AT.contains(&line)
                && at - start <= line
                && lines.last().is_some_and(|last| last.len() == line && blank(last))
        };
        match runs.last_mut().filter(|lines| goes_on(lines)) {
            Some(lines) => lines.push(start..at),
            None => {
                let first = start..at;
                runs.push(Vec::from([first]));
                line = at - start;
            }
        }
    }
    runs.retain(|lines| lines[0].len() >= SHORTEST);
    runs
}

/// A text a person could read, and no chance.
pub fn is_text(bytes: &[u8]) -> bool {
    bytes.len() >= 8
        && std::str::from_utf8(bytes)
            .is_ok_and(|text| text.chars().all(|c| !c.is_control() || "\n\r\t\u{1b}".contains(c)))
}

/// Base64 of either alphabet, with or without its padding.
pub fn decode(run: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::with_capacity(run.len() * 3 / 4));
    for byte in run.trim_end_matches('=').bytes() {
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

/// The bytes of hexadecimal digits; a digest is no text but once in a very long while.
fn unhexed(run: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if !run.len().is_multiple_of(2) {
        return None;
    }
    run.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// A bot's token: its number in base64, a time, a signature (<https://discord.com/developers/docs/reference>).
fn discord(text: &str, first: &Range<usize>) -> Option<usize> {
    if !(23..=28).contains(&first.len()) {
        return None;
    }
    let number = decode(&text[first.clone()])?;
    let word = |from: usize| {
        text[from..].bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count()
    };
    let time =
        text[first.end..].strip_prefix('.').map(|_| word(first.end + 1)).filter(|n| (5..=8).contains(n))?;
    let behind = first.end + 1 + time;
    let signature = text[behind..].strip_prefix('.').map(|_| word(behind + 1)).filter(|n| *n >= 27)?;
    number.iter().all(u8::is_ascii_digit).then_some(behind + 1 + signature)
}

fn percent(text: &str, look: &dyn Fn(&str) -> Redacted) -> Vec<(Range<usize>, Found)> {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"%._~+-!*()".contains(&byte);
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && part(bytes[at]) {
            at += 1;
        }
        if let Some(plain) = unescaped(&bytes[start..at])
            && let Some(worst) = worst(look(&plain))
        {
            found.push((start..at, worst));
        }
        at = at.max(start + 1);
    }
    found
}

/// The text of a run with escapes such as `%3D`; `None` where it has none or is no text.
fn unescaped(run: &[u8]) -> Option<String> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (mut out, mut at, mut any) = (Vec::new(), 0, false);
    while at < run.len() {
        let pair = run.get(at + 1).copied().and_then(hex).zip(run.get(at + 2).copied().and_then(hex));
        match pair {
            Some((high, low)) if run[at] == b'%' => {
                out.push(high << 4 | low);
                at += 3;
                any = true;
            }
            _ => {
                out.push(run[at]);
                at += 1;
            }
        }
    }
    if any { String::from_utf8(out).ok() } else { None }
}
