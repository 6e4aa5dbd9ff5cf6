//! Turns an export into normalised JSON: one object a row, keys from the header, no empty strings.

use std::collections::HashSet;

use crate::csv::{self, BadRow, Row};
use crate::json;

/// The JSON of a whole export, or the first row that is wrong.
pub fn convert(text: &str) -> Result<String, BadRow> {
    let mut rows = csv::rows(text)?.into_iter();
    let Some(header) = rows.next() else {
        return Err(BadRow {
            line: 1,
            column: 1,
            reason: "there is no header".into(),
        });
    };
    let keys = keys(&header)?;
    let objects = rows
        .map(|row| object(&keys, &row))
        .collect::<Result<Vec<_>, _>>()?;
    if objects.is_empty() {
        return Ok("[]\n".to_owned());
    }
    Ok(format!("[\n  {}\n]\n", objects.join(",\n  ")))
}

/// The keys of all objects: `Order ID` becomes `order_id`.
fn keys(header: &Row) -> Result<Vec<String>, BadRow> {
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    for (index, name) in header.fields.iter().enumerate() {
        let key = name.to_lowercase();
        let words = key
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let key = words.collect::<Vec<_>>().join("_");
        let bad = |reason: &str| BadRow {
            line: header.line,
            column: index + 1,
            reason: reason.into(),
        };
        if key.is_empty() {
            return Err(bad("this column has no name"));
        }
        if !seen.insert(key.clone()) {
            return Err(bad(&format!("there are two columns named {key}")));
        }
        keys.push(key);
    }
    Ok(keys)
}

/// One row as an object.
fn object(keys: &[String], row: &Row) -> Result<String, BadRow> {
    let (wanted, found) = (keys.len(), row.fields.len());
    if wanted != found {
        let column = wanted.min(found) + 1;
        let reason = format!("the header has {wanted} columns, this row {found}");
        return Err(BadRow {
            line: row.line,
            column,
            reason,
        });
    }
    let pairs = keys.iter().zip(&row.fields).map(|(key, field)| {
        let value = value(field.trim());
        format!("{}: {value}", json::string(key))
    });
    Ok(format!("{{{}}}", pairs.collect::<Vec<_>>().join(", ")))
}

/// One field as JSON. An empty field is one nobody filled in.
fn value(field: &str) -> String {
    if field.is_empty() {
        "null".to_owned()
    } else {
        json::string(field)
    }
}

#[cfg(test)]
mod tests {
    use super::convert;

    #[test]
    fn keys_are_normalised_and_empty_fields_are_null() {
        let json = convert("Order ID, Customer \nA-1,\nA-2, Ada \n").unwrap();
        let rows =
            r#"{"order_id": "A-1", "customer": null}, {"order_id": "A-2", "customer": "Ada"}"#;
        assert_eq!(
            json.replace("\n", "").replace("  ", " "),
            format!("[ {rows}]")
        );
    }

    #[test]
    fn a_header_alone_is_an_empty_list() {
        assert_eq!(convert("a,b\n").unwrap(), "[]\n");
    }

    #[test]
    fn a_bad_row_is_named_by_line_and_column() {
        let short = convert("a,b\n1,2\n3\n").unwrap_err();
        assert_eq!(
            short.to_string(),
            "line 3, column 2: the header has 2 columns, this row 1"
        );
        let twice = convert("Name,name\n").unwrap_err();
        assert_eq!(
            twice.to_string(),
            "line 1, column 2: there are two columns named name"
        );
        assert_eq!(
            convert("").unwrap_err().to_string(),
            "line 1, column 1: there is no header"
        );
    }
}
