//! `git feedback import` of what real programs write: kept in `producers/made`, and with `FACTORY_SLOW=1`
//! written anew.

use super::items;
use crate::support::Sandbox;

const MADE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/feedback/producers/made");

fn import(sandbox: &Sandbox, name: &str) -> serde_json::Value {
    sandbox.feedback(&["import", &format!("{MADE}/{name}"), "--format", "json"]).ok().json()
}

#[test]
fn a_failing_test_is_one_item_whoever_ran_it() {
    let sandbox = Sandbox::new();
    for name in ["cargo-test.txt", "nextest.txt", "junit.xml"] {
        let told = import(&sandbox, name);
        assert_eq!((told["records"].as_u64(), told["unread"].as_u64()), (Some(3), Some(0)), "{name}: {told}");
    }
    let found = items(&sandbox);
    let mut titles: Vec<&str> = found.iter().map(|item| item["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(
        titles,
        [
            "tests::a_word_is_a_number fails: called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
            "tests::an_empty_row_has_no_total fails: assertion `left == right` failed: rows <a> & \"b\"",
            "tests::an_error_is_returned fails: Error: \"no rows\"",
        ]
    );
    assert!(found.iter().all(|item| item["occurrences"] == 3 && item["kind"] == "test-failure"), "{found:?}");
}
