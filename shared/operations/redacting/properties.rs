//! What holds for any text: nothing planted stays, doing it again changes nothing, nothing panics.

use proptest::prelude::*;

use super::Redactor;
use super::planted::{assert_gone, rows};

fn around() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "\\PC{0,20}",
        Just("2026-11-22T10:00:00Z ERROR request failed: ".to_owned()),
        Just("{\"level\":\"error\",\"msg\":\"".to_owned()),
        Just("GET /a/b?page=2&x=".to_owned()),
        Just("\u{1b}[31merror\u{1b}[0m ".to_owned()),
        Just("<p class=\"x\">".to_owned()),
        Just("## a heading\n\n> ".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Set apart by a line: what stands around may turn any name into another.
    #[test]
    fn a_planted_secret_is_found_wherever_it_stands(at in 0usize..10_000, before in around(), after in around()) {
        let rows = rows();
        let row = &rows[at % rows.len()];
        let redacted = Redactor::default().redact(&format!("{before}\n{}\n{after}", row.text()));
        assert_gone(row, &redacted.text);
    }

    #[test]
    fn doing_it_again_changes_nothing(texts in prop::collection::vec((0usize..10_000, around(), 0usize..60), 1..5)) {
        let rows = rows();
        let mut text = String::new();
        for (at, around, cut) in texts {
            // Also what broke off in the middle.
            let row = rows[at % rows.len()].text();
            let end = row.char_indices().nth(cut * 3).map_or(row.len(), |(at, _)| at);
            text.push_str(&around);
            text.push_str(&row[..end]);
        }
        let redactor = Redactor::default();
        let once = redactor.redact(&text).text;
        prop_assert_eq!(&redactor.redact(&once).text, &once);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let redactor = Redactor::default();
        let once = redactor.redact_bytes(&bytes).bytes;
        prop_assert_eq!(&redactor.redact_bytes(&once).bytes, &once);
    }
}
