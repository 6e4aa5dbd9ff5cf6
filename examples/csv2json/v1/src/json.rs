//! Writes JSON; there is no need to read any.

use std::fmt::Write;

/// `text` as a JSON string, with its quotes.
pub fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            // Writing to a String cannot fail.
            c if c.is_control() => write!(json, "\\u{:04x}", u32::from(c)).unwrap_or_default(),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn what_json_reserves_is_escaped() {
        assert_eq!(string("a\"b\\c\n\u{1}ü"), r#""a\"b\\c\n\u0001ü""#);
    }
}
