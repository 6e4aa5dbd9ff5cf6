//! Text with its signs written as escapes: `\u0026` of JSON, `&#61;` and `&lt;` of HTML.

use std::ops::Range;

use super::wrapped::worst;
use super::{Found, Redacted};

/// Each begins an escape.
const OPENS: [&str; 4] = ["\\u00", "&#", "&lt;", "&amp;"];

/// Where a run of such text stands in which `look` finds something once it is read, and what it is.
pub fn spans(text: &str, look: &dyn Fn(&str) -> Redacted) -> Vec<(Range<usize>, Found)> {
    if !OPENS.iter().any(|open| text.contains(open)) {
        return Vec::new();
    }
    let ends = |c: char| c.is_whitespace() || "\"'`<>".contains(c);
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(start) = text[at..].find(|c| !ends(c)).map(|skipped| at + skipped) {
        at = text[start..].find(ends).map_or(text.len(), |length| start + length);
        if let Some(plain) = unescaped(&text[start..at])
            && let Some(worst) = worst(look(&plain))
        {
            found.push((start..at, worst));
        }
    }
    found
}

/// The text of a run; `None` where it has no escape.
fn unescaped(run: &str) -> Option<String> {
    let (mut out, mut rest) = (String::with_capacity(run.len()), run);
    while let Some(at) = rest.find(['\\', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (sign, length) = sign(rest).unwrap_or_else(|| (rest.chars().next().unwrap_or('&'), 1));
        out.push(sign);
        rest = &rest[length..];
    }
    out.push_str(rest);
    (out != run).then_some(out)
}

/// The sign an escape stands for and how long the escape is.
fn sign(rest: &str) -> Option<(char, usize)> {
    if let Some(code) = rest.strip_prefix("\\u") {
        let sign = u32::from_str_radix(code.get(..4)?, 16).ok().and_then(char::from_u32)?;
        return sign.is_ascii().then_some((sign, 6));
    }
    let end = rest.find(';').filter(|end| *end <= 8 && rest.starts_with('&'))?;
    let sign = match rest.get(1..end)? {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(char::is_ascii)?
        }
    };
    Some((sign, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_json_and_html_are_read() {
        let read = |run: &str| unescaped(run).unwrap();
        assert_eq!(read("a\\u0026b\\u003dc"), "a&b=c");
        assert_eq!(read("a&#61;b&#x3D;c&lt;d&amp;e"), "a=b=c<d&e");
        assert_eq!(read("&amp;\\n&x;\\u00zz\\u00e9"), "&\\n&x;\\u00zz\\u00e9");
        for whole in ["plain", "a&b", "\\", "&", "\\u", "&#;"] {
            assert_eq!(unescaped(whole), None, "{whole}");
        }
    }
}
