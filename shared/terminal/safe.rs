//! Text that came from outside, shown so that it cannot act on the terminal.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with control characters, direction overrides and invisible marks made visible
/// (`\u{1b}` for ESC); tabs become spaces and newlines are made visible too.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

/// The same over several lines: newlines stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

/// Bytes of unknown encoding: what is not UTF-8 is shown as `\xff`.
pub fn bytes(raw: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in raw.utf8_chunks() {
        shown.push_str(&line(chunk.valid()));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// The text without the codes that colour it on a terminal.
pub fn uncoloured(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// The beginning of a text that was made safe, in at most so many columns.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    Cow::Owned(kept)
}

fn escape(text: &str, keep_newlines: bool) -> Cow<'_, str> {
    let harmless = |c: char| !is_unsafe(c) || (keep_newlines && c == '\n');
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if harmless(c) => shown.push(c),
            '\t' => shown.push_str("    "),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            c => {
                // Writing to a String cannot fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(shown)
}

/// Control characters, and the marks that reorder or hide text (Unicode Technical Report 36).
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_overrides_become_visible() {
        assert_eq!(line("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(line("abc\u{202e}txt"), "abc\\u{202e}txt");
        assert_eq!(line("a\nb"), "a\\nb");
        assert_eq!(lines("a\nb"), "a\nb");
        assert_eq!(line("größe ✓"), "größe ✓");
        assert_eq!(bytes(b"a\xffb"), "a\\xffb");
    }

    #[test]
    fn a_long_text_is_cut_by_columns_and_says_so() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("日本語日本語", 6), "日本…");
    }
}
