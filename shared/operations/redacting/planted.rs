//! Every planted secret is found, told for what it is, and nothing around it is lost.

mod adversary;
mod rows;

use super::Redactor;
pub use rows::{Row, block, rows};

/// What a placeholder may share with a secret is no secret.
#[track_caller]
pub fn assert_gone(row: &Row, text: &str) {
    assert!(!text.contains(row.secret.as_str()), "{}: left in {text:?}", row.kind);
}

fn assert_found(row: &Row) {
    let (kind, text) = (row.kind, row.text());
    let redacted = Redactor::default().redact(&text);
    assert_gone(row, &redacted.text);
    let found = redacted.found.iter().find(|found| found.kind == kind);
    let found = found.unwrap_or_else(|| panic!("{kind}: found {:?} in {text:?}", redacted.found));
    assert_eq!(found.certain, row.certain, "{kind} in {text:?}");
    assert!(redacted.text.ends_with(row.after), "{kind}: what follows is lost in {:?}", redacted.text);
    let again = Redactor::default().redact(&redacted.text);
    assert_eq!(again.text, redacted.text, "redacting twice changes nothing");
    assert!(again.found.is_empty(), "{kind}: a placeholder was taken for a secret: {:?}", again.found);
}

#[test]
fn every_planted_secret_is_found() {
    let rows = rows();
    let kinds: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.kind).collect();
    assert!(rows.len() >= 200 && kinds.len() >= 60, "{} forms of {} kinds", rows.len(), kinds.len());
    let failed: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let caught = std::panic::catch_unwind(|| assert_found(row));
            caught.err().map(|why| why.downcast_ref::<String>().cloned().unwrap_or_default())
        })
        .collect();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), rows.len(), failed.join("\n"));
}

#[test]
fn a_secret_is_found_in_the_middle_of_a_long_log() {
    let filler = "2026-11-22T10:00:00Z INFO request served in 12 ms\n".repeat(200);
    for row in rows() {
        let redacted = Redactor::default().redact(&format!("{filler}{}\n{filler}", row.text()));
        assert_gone(&row, &redacted.text);
        assert!(redacted.text.starts_with(&filler) && redacted.text.ends_with(&filler), "{}", row.kind);
    }
}

#[test]
fn a_key_block_that_breaks_off_is_found() {
    let whole = block(&format!("RSA PRIVATE {}", "KEY"), "\n");
    let redacted = Redactor::default().redact(&whole[..200]);
    assert!(redacted.is_certain());
    assert_eq!(redacted.text, "<redacted:private-key>");
}

#[test]
fn a_text_of_windows_is_read_in_its_encoding() {
    let row = &rows()[7];
    let wide: Vec<u8> = row.text().encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [wide.clone(), [&b"\xff\xfe"[..], &wide].concat()] {
        let redacted = Redactor::default().redact_bytes(&bytes);
        let narrow: String =
            redacted.bytes.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        assert!(!narrow.contains(&row.secret) && narrow.contains("<redacted:"), "{narrow:?}");
        assert_eq!(redacted.bytes.len() % 2, 0);
    }
}
