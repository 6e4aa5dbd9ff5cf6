//! Text as a TOML string, so that reading it gives the same text back.

use std::fmt::Write;

/// A basic string on one line.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => escape(c, &mut out),
        }
    }
    out.push('"');
    out
}

/// A string over several lines, as easy to read as the text itself.
pub fn quoted_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str("\"\"\"\n");
    let mut quotes = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        quotes = if c == '"' { quotes + 1 } else { 0 };
        match c {
            '"' if quotes == 3 || rest.peek().is_none() => {
                out.push_str("\\\"");
                quotes = 0;
            }
            '"' | '\n' => out.push(c),
            c => escape(c, &mut out),
        }
    }
    out.push_str("\"\"\"");
    out
}

fn escape(c: char, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\t' => out.push('\t'),
        '\r' => out.push_str("\\r"),
        c if c.is_control() => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04X}", u32::from(c));
        }
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(written: &str) -> String {
        let text = format!("x = {written}\n");
        let document = toml_edit::Document::parse(text.as_str()).unwrap();
        document.as_table()["x"].as_str().unwrap().to_owned()
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back_the_same(text in r#"[a\\"'\r\n\t\x00-\x20ü{}]{0,30}"#) {
            prop_assert_eq!(read_back(&quoted(&text)), text.clone());
            prop_assert_eq!(read_back(&quoted_lines(&text)), text);
        }
    }

    #[test]
    fn any_number_of_quotes_in_any_place_reads_back() {
        for count in 0..9 {
            for (before, after) in [("", ""), ("a", ""), ("", "b"), ("\n", "\n")] {
                let text = format!("{before}{}{after}", "\"".repeat(count));
                assert_eq!(read_back(&quoted_lines(&text)), text);
            }
        }
    }
}
