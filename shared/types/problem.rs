//! What is wrong in a file a person wrote: where, why, and what mends it.

use std::fmt;
use std::ops::Range;

use serde_json::{Map, Value, json};

/// A stretch of one line. Lines and columns count from 1; columns are characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    /// In characters; a stretch that runs over several lines ends with its first.
    pub length: usize,
    /// The whole line, so that it can be shown without the file.
    pub excerpt: String,
}

/// One thing wrong in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    pub place: Place,
    pub message: String,
    pub hint: Option<String>,
    /// Other places that belong to it, each with what is there.
    pub also: Vec<(Place, String)>,
}

impl Problem {
    /// A problem at bytes `span` of `text`.
    pub fn at(file: &str, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let place = Place::of(text, span);
        Self { file: file.to_owned(), place, message: message.into(), hint: None, also: Vec::new() }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Name a second place.
    pub fn also(mut self, text: &str, span: Range<usize>, label: impl Into<String>) -> Self {
        self.also.push((Place::of(text, span), label.into()));
        self
    }

    pub fn line(&self) -> usize {
        self.place.line
    }

    pub fn column(&self) -> usize {
        self.place.column
    }

    pub fn to_json(&self) -> Value {
        let also: Vec<Value> = self
            .also
            .iter()
            .map(|(place, label)| json!({"line": place.line, "column": place.column, "label": label}))
            .collect();
        let mut object = Map::new();
        object.insert("file".into(), self.file.clone().into());
        object.insert("line".into(), self.line().into());
        object.insert("column".into(), self.column().into());
        object.insert("message".into(), self.message.clone().into());
        object.insert("hint".into(), self.hint.clone().into());
        object.insert("also".into(), also.into());
        Value::Object(object)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line(), self.column(), self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl Place {
    /// Where bytes `span` of `text` lie; a span outside the text is its end.
    pub fn of(text: &str, span: Range<usize>) -> Self {
        let start = floor_char(text, span.start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = &text[line_start..];
        let excerpt = rest.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let end = floor_char(text, span.end).clamp(start, (line_start + excerpt.len()).max(start));
        Self {
            line: before.matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            length: text[start..end].chars().count().max(1),
            excerpt: excerpt.to_owned(),
        }
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Everything wrong in one or several files, as an error that ends a command with usage trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_from_one() {
        let text = "a = 1\r\nü = \"é\" # x\n";
        let at = text.find("\"é\"").unwrap();
        let place = Place::of(text, at..at + 4);
        assert_eq!((place.line, place.column, place.length), (2, 5, 3));
        assert_eq!(place.excerpt, "ü = \"é\" # x");
    }

    #[test]
    fn a_span_beyond_the_end_is_the_end() {
        let place = Place::of("ab", 7..9);
        assert_eq!((place.line, place.column, place.length), (1, 3, 1));
        assert_eq!(Place::of("", 0..0).line, 1);
    }

    #[test]
    fn a_span_over_several_lines_ends_with_its_first() {
        let place = Place::of("ab\ncd\n", 1..5);
        assert_eq!((place.line, place.column, place.length), (1, 2, 1));
    }
}
