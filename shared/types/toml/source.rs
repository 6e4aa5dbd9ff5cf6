//! A TOML text being read: decoding, syntax, and the problems found so far.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::Document;

use crate::types::problem::{Problem, Problems};

/// The text being read, and what is wrong with it so far.
pub struct Source<'a> {
    file: &'a str,
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
}

/// The text without a byte-order mark, or the problem of bytes that are not UTF-8.
pub fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Problems> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = error.valid_up_to();
        let text = String::from_utf8_lossy(bytes);
        // Valid bytes are the same in the lossy text, so the place is right.
        Problem::at(file, &text, good..good + 1, format!("byte 0x{:02x} is not UTF-8", bytes[good]))
            .hint("save the file as UTF-8")
            .into()
    })
}

/// Parse the text as TOML that is to be edited; a merge conflict is named as one.
pub fn document<'a>(file: &str, text: &'a str) -> Result<Document<&'a str>, Problems> {
    Document::parse(text).map_err(|error| malformed(file, text, error.span(), error.message()))
}

/// Parse the text as TOML that is only read, in a quarter of the time; its errors are those of
/// [`document`].
pub fn tables<'a>(file: &str, text: &'a str) -> Result<DeTable<'a>, Problems> {
    let root = DeTable::parse(text).map_err(|error| malformed(file, text, error.span(), error.message()))?;
    let root = root.into_inner();
    // What does not fit is found late there, and is no problem of a key's own.
    if root.values().any(|value| overflows(value.get_ref())) {
        document(file, text)?;
    }
    Ok(root)
}

fn overflows(value: &DeValue) -> bool {
    match value {
        DeValue::Integer(_) => whole(value).is_none(),
        DeValue::Float(_) => float(value).is_none(),
        DeValue::Array(values) => values.iter().any(|value| overflows(value.get_ref())),
        DeValue::Table(table) => table.values().any(|value| overflows(value.get_ref())),
        _ => false,
    }
}

/// The whole number a value is.
pub fn whole(value: &DeValue) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// The number with a fraction a value is.
pub fn float(value: &DeValue) -> Option<f64> {
    let text = value.as_float()?.as_str();
    let number: f64 = text.parse().ok()?;
    (number.is_finite() || !text.contains(|c: char| c.is_ascii_digit())).then_some(number)
}

fn malformed(file: &str, text: &str, span: Option<Range<usize>>, message: &str) -> Problems {
    if let Some(at) = conflict_marker(text) {
        return Problem::at(file, text, at, "the file holds an unsolved merge conflict")
            .hint("keep one side and delete the lines <<<<<<<, ======= and >>>>>>>")
            .into();
    }
    let span = span.unwrap_or(text.len()..text.len());
    Problem::at(file, text, span, format!("malformed TOML: {message}")).into()
}

/// The first line of a conflict, where its three markers follow each other.
fn conflict_marker(text: &str) -> Option<Range<usize>> {
    let line_starting = |marker: &str, from: usize| {
        let rest = &text[from..];
        if rest.starts_with(marker) {
            Some(from)
        } else {
            rest.find(&format!("\n{marker}")).map(|at| from + at + 1)
        }
    };
    let ours = line_starting("<<<<<<< ", 0)?;
    let middle = line_starting("=======", ours)?;
    line_starting(">>>>>>> ", middle)?;
    Some(ours..ours + 7)
}

impl<'a> Source<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, problems: RefCell::default() }
    }

    /// What a value is called; the text tells the ways of writing it apart.
    pub(super) fn type_name(&self, value: &Spanned<DeValue>) -> &'static str {
        match value.get_ref() {
            DeValue::Table(_) if self.begins(value, "{") => "inline table",
            DeValue::Array(_) if self.is_array_of_tables(value) => "array of tables",
            other => other.type_str(),
        }
    }

    /// Whether it is written as `[[name]]`.
    pub(super) fn is_array_of_tables(&self, value: &Spanned<DeValue>) -> bool {
        let first = value.get_ref().as_array().and_then(|values| values.first());
        first.is_some_and(|first| first.get_ref().is_table() && self.begins(first, "["))
    }

    fn begins(&self, value: &Spanned<DeValue>, with: &str) -> bool {
        self.text.get(value.span().start..).is_some_and(|text| text.starts_with(with))
    }

    pub fn problem(&self, span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem::at(self.file, self.text, span, message)
    }

    /// Name the place of the other one too.
    pub fn also(&self, problem: Problem, span: Range<usize>, label: &str) -> Problem {
        problem.also(self.text, span, label)
    }

    pub fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Everything reported, in the order of the file.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (problem.line(), problem.column()));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_read_is_refused_in_the_words_of_what_is_edited() {
        for text in [
            "x = 99999999999999999999",
            "x = [{ a = 1e999 }]",
            "a = 1\na = 2",
            "[a]\n[a]",
            "[[a]]\nb = 1\n[a]",
            "a.b = 1\n[a]",
            "x = { a = 1, a = 2 }",
            "x = [1,",
            "x = \"open",
            "x = \"\\q\"",
            "x",
            "= 1",
            "x = 2026-13-01",
            "x = nul",
        ] {
            let said = |problems: Problems| problems.to_string();
            let (read, edited) = (tables("f", text).map_err(said), document("f", text).map_err(said));
            assert_eq!(read.err(), edited.err(), "{text}");
        }
        assert!(tables("f", "x = [inf, -nan, 1_000, 0xff]\ny = 1e3").is_ok());
    }
}
