//! What was expected beside what came: exactly, as text, or as JSON.

use serde_json::Value;
use similar::TextDiff;

use super::{SHOWN_LINES, first_lines};
use crate::types::intent::Compare;

/// The difference, or `None` where there is none.
pub fn difference(compare: Compare, expected: &[u8], got: &[u8]) -> Option<String> {
    match compare {
        Compare::Exact if expected == got => None,
        Compare::Exact => Some(of_bytes(expected, got)),
        Compare::Text => {
            let (expected, got) = (as_text(expected), as_text(got));
            (expected != got).then(|| of_bytes(expected.as_bytes(), got.as_bytes()))
        }
        Compare::Json => of_json(expected, got),
    }
}

/// Line ends, trailing space and empty lines at the end do not count.
fn as_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}

fn of_bytes(expected: &[u8], got: &[u8]) -> String {
    let (Ok(expected), Ok(got)) = (std::str::from_utf8(expected), std::str::from_utf8(got)) else {
        return of_binary(expected, got);
    };
    if expected.replace("\r\n", "\n") == got.replace("\r\n", "\n") {
        return "only the line ends differ".to_owned();
    }
    let diff = TextDiff::from_lines(expected, got);
    let shown = diff.unified_diff().context_radius(3).header("expected", "got").to_string();
    first_lines(&shown, SHOWN_LINES)
}

fn of_binary(expected: &[u8], got: &[u8]) -> String {
    let same = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    format!("binary: expected {} bytes, got {}; first difference at byte {same}", expected.len(), got.len())
}

fn of_json(expected: &[u8], got: &[u8]) -> Option<String> {
    let expected = match serde_json::from_slice(expected) {
        Ok(value) => value,
        Err(error) => return Some(format!("the expected file is not JSON: {error}")),
    };
    let got = match serde_json::from_slice(got) {
        Ok(value) => value,
        Err(error) => {
            let start = String::from_utf8_lossy(&got[..got.len().min(200)]).into_owned();
            return Some(format!("not JSON: {error}\n{}", first_lines(&start, 3)));
        }
    };
    let mut differences = Vec::new();
    walk("$", &expected, &got, &mut differences);
    (!differences.is_empty()).then(|| first_lines(&differences.join("\n"), SHOWN_LINES))
}

fn walk(path: &str, expected: &Value, got: &Value, differences: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            for (key, value) in expected {
                match got.get(key) {
                    Some(other) => walk(&member(path, key), value, other, differences),
                    None => {
                        differences.push(format!("{}: missing, expected {}", member(path, key), short(value)))
                    }
                }
            }
            for (key, value) in got.iter().filter(|(key, _)| !expected.contains_key(*key)) {
                differences.push(format!("{}: not expected, got {}", member(path, key), short(value)));
            }
        }
        (Value::Array(expected), Value::Array(got)) => {
            for (at, (value, other)) in expected.iter().zip(got).enumerate() {
                walk(&format!("{path}[{at}]"), value, other, differences);
            }
            for (at, value) in expected.iter().enumerate().skip(got.len()) {
                differences.push(format!("{path}[{at}]: missing, expected {}", short(value)));
            }
            for (at, value) in got.iter().enumerate().skip(expected.len()) {
                differences.push(format!("{path}[{at}]: not expected, got {}", short(value)));
            }
        }
        (Value::Number(a), Value::Number(b)) if a == b || a.as_f64() == b.as_f64() && mixed(a, b) => {}
        (expected, got) if expected == got => {}
        (expected, got) => {
            differences.push(format!("{path}: expected {}, got {}", short(expected), short(got)));
        }
    }
}

/// Whether one is written with a fraction and the other without: `1` and `1.0` are one number.
fn mixed(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    a.is_f64() != b.is_f64()
}

fn member(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!("{path}.{key}") } else { format!("{path}[{key:?}]") }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 {
        return text;
    }
    text.chars().take(59).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_means_every_byte() {
        assert_eq!(difference(Compare::Exact, b"a\n", b"a\n"), None);
        let shown = difference(Compare::Exact, b"a\nb\nc\n", b"a\nB\nc\n").unwrap();
        assert!(shown.contains("-b\n+B"), "{shown}");
        assert_eq!(difference(Compare::Exact, b"a\n", b"a\r\n").unwrap(), "only the line ends differ");
        let shown = difference(Compare::Exact, b"\xff\x00\x01", b"\xff\x00").unwrap();
        assert_eq!(shown, "binary: expected 3 bytes, got 2; first difference at byte 2");
    }

    #[test]
    fn text_forgives_line_ends_and_trailing_space() {
        assert_eq!(difference(Compare::Text, b"a \r\nb\r\n\r\n", b"a\nb"), None);
        assert!(difference(Compare::Text, b" a", b"a").is_some());
    }

    #[test]
    fn json_names_the_path_of_each_difference() {
        let expected = br#"{"a":[1,{"b c":"x"}],"n":1,"gone":null}"#;
        assert_eq!(
            difference(Compare::Json, expected, b"{\"gone\":null,\"n\":1.0,\n\"a\":[1,{\"b c\":\"x\"}]}"),
            None
        );
        let shown =
            difference(Compare::Json, expected, br#"{"a":[1,{"b c":"y"},3],"n":"1","new":true}"#).unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines,
            [
                "$.a[1][\"b c\"]: expected \"x\", got \"y\"",
                "$.a[2]: not expected, got 3",
                "$.n: expected 1, got \"1\"",
                "$.gone: missing, expected null",
                "$.new: not expected, got true",
            ]
        );
        assert!(difference(Compare::Json, b"{}", b"oops").unwrap().starts_with("not JSON"));
        assert!(difference(Compare::Json, b"", b"{}").unwrap().starts_with("the expected file"));
    }

    #[test]
    fn long_differences_are_cut_and_say_so() {
        let many: String = (0..100).map(|n| format!("{n}\n")).collect();
        let shown = difference(Compare::Exact, b"", many.as_bytes()).unwrap();
        assert!(shown.lines().count() <= SHOWN_LINES + 1 && shown.contains("more lines"), "{shown}");
    }
}
