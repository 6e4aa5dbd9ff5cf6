//! Reads CSV (RFC 4180): quoted fields, doubled quotes, line breaks inside quotes, CRLF or LF.

use std::fmt;

/// One row and the line it begins on, counted from 1.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub line: usize,
    pub fields: Vec<String>,
}

/// Where a row is wrong, and how. Lines and columns are counted from 1; a column is a field.
#[derive(Debug, PartialEq)]
pub struct BadRow {
    pub line: usize,
    pub column: usize,
    pub reason: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.reason
        )
    }
}

/// All rows of `text`. Empty lines are left out; so is a byte-order mark.
pub fn rows(text: &str) -> Result<Vec<Row>, BadRow> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let mut rows = Vec::new();
    while !reader.rest.is_empty() {
        let row = reader.row()?;
        if row.fields != [""] {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// What has not been read yet, and the line it begins on.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn row(&mut self) -> Result<Row, BadRow> {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            let column = fields.len() + 1;
            let field = if self.skip("\"") {
                self.quoted(line, column)?
            } else {
                self.plain()
            };
            fields.push(field);
            if self.skip(",") {
                continue;
            }
            if self.skip("\r\n") || self.skip("\n") {
                self.line += 1;
            } else if !self.rest.is_empty() {
                return Err(BadRow {
                    line,
                    column,
                    reason: "text after the closing quote".into(),
                });
            }
            return Ok(Row { line, fields });
        }
    }

    /// Everything up to the next comma or line end.
    fn plain(&mut self) -> String {
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let field = &self.rest[..end];
        let field = field.strip_suffix('\r').unwrap_or(field);
        self.rest = &self.rest[field.len()..];
        // A carriage return that ends the file belongs to no field.
        if self.rest == "\r" {
            self.rest = "";
        }
        field.to_owned()
    }

    /// Everything up to the closing quote; two quotes stand for one.
    fn quoted(&mut self, line: usize, column: usize) -> Result<String, BadRow> {
        let mut field = String::new();
        loop {
            let Some(end) = self.rest.find('"') else {
                return Err(BadRow {
                    line,
                    column,
                    reason: "a quote is never closed".into(),
                });
            };
            let part = &self.rest[..end];
            self.line += part.matches('\n').count();
            field.push_str(part);
            self.rest = &self.rest[end + 1..];
            if !self.skip("\"") {
                return Ok(field);
            }
            field.push('"');
        }
    }

    /// Step over `token` where it comes next.
    fn skip(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<Vec<String>> {
        rows(text)
            .unwrap()
            .into_iter()
            .map(|row| row.fields)
            .collect()
    }

    #[test]
    fn quotes_may_hold_commas_quotes_and_line_breaks() {
        assert_eq!(
            fields("a,\"b,\"\"c\"\"\nd\"\ne,f\n"),
            [["a", "b,\"c\"\nd"], ["e", "f"]]
        );
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_do_not_matter() {
        assert_eq!(fields("\u{feff}a,b\r\n1,2\r\n"), fields("a,b\n1,2"));
        assert_eq!(fields("a,b\r"), fields("a,b"));
    }

    #[test]
    fn a_row_knows_its_line_after_a_break_inside_quotes() {
        let rows = rows("a\n\"1\n2\"\n\n3\n").unwrap();
        assert_eq!(
            rows.iter().map(|row| row.line).collect::<Vec<_>>(),
            [1, 2, 5]
        );
    }

    #[test]
    fn broken_quotes_are_named_by_line_and_column() {
        let unclosed = rows("a,b\n1,\"2\n").unwrap_err();
        assert_eq!((unclosed.line, unclosed.column), (2, 2));
        let trailing = rows("a,b\n\"1\"x,2\n").unwrap_err();
        assert_eq!(
            trailing.to_string(),
            "line 2, column 1: text after the closing quote"
        );
    }
}
