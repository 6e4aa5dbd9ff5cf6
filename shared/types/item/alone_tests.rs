//! What is seen at a glance is what reading and folding the line says.

use super::*;
use crate::types::event::{Event, Line, SubjectKind};
use crate::types::item::fold::fold;
use proptest::prelude::*;

const NOW_MS: u64 = 1_790_000_000_000;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// Nothing seen, or just what the fold of the line alone says.
fn agrees(raw: &[u8]) -> bool {
    let Some(glance) = std::str::from_utf8(raw).ok().and_then(Glance::of) else { return false };
    let event = Event::parse(raw).expect("what was seen at a glance can be read");
    assert_eq!(event.subject, Some((SubjectKind::Item, glance.item.to_owned())));
    assert_eq!((event.op.as_str(), id::order(&event.id)), (glance.op, glance.order));
    let lines = [Line::new("c0", raw)];
    let items = fold(&lines, NOW_MS);
    let item = items.by_id.values().next().expect("an item");
    if let Some(place) = glance.place_alone(NOW_MS) {
        assert_eq!((place, item.occurrences), (item.place(NOW_MS), glance.count));
        assert!(item.status.is_open());
    }
    true
}

fn line(ms: u64, rest: &str) -> String {
    let id = ulid::Ulid::from_parts(ms, 7);
    format!(r#"{{"id":"{id}","v":1,"item":"fb-0000000001","op":"add","t":"2026-11-22T00:00:00Z"{rest}}}"#)
}

#[test]
fn what_this_tool_writes_is_seen() {
    for rest in [
        "",
        r#","title":"it \"fails\" at\n§ 5","kind":"log","severity":"fatal","count":12"#,
        r#","list":[],"frames":[{"line":3,"in_app":true,"of":{}},null],"release":"r1""#,
    ] {
        assert!(agrees(line(NOW_MS, rest).as_bytes()), "{rest}");
    }
    let event = Event::now(SubjectKind::Item, &id::random_item_id(), "seen", None).with("count", 3);
    assert!(agrees(event.line().as_bytes()));
}

#[test]
fn what_is_not_surely_an_event_about_an_item_is_not() {
    let good = line(NOW_MS, r#","a":1"#);
    for (from, to) in [
        (",\"a\"", ", \"a\""),
        (":1}", ":01}"),
        (":1}", ":1e999}"),
        (":1}", ":-1}"),
        (":1}", ":1}x"),
        (":1}", ":1,}"),
        (":1}", ":truest}"),
        (":1}", ":[1 ]}"),
        (":1}", ":[1,]}"),
        (":1}", ":[[[[[[[[[[1]]]]]]]]]]}"),
        (":1}", ":\"\u{1}\"}"),
        (":1}", ":\"\\ud800\"}"),
        (":1}", ":\"\\x\"}"),
        (":1}", ":\"\\"),
        (":1}", ":1"),
        ("\"fb-0000000001\"", "7"),
        ("\"fb-0000000001\"", "\"a\\\"b\""),
        ("\"t\"", "\"T\""),
        ("\"v\":1", "\"v\":\"1\""),
        ("\"v\"", "\"w\""),
        ("\"id\":\"0", "\"id\":\""),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        assert!(!agrees(bad.as_bytes()), "{bad}");
    }
    assert!(!agrees(b"") && !agrees(b"{}") && !agrees(b"[]"));
}

#[test]
fn what_only_a_fold_tells_is_left_to_it() {
    let place = |text: &str| Glance::of(text).and_then(|glance| glance.place_alone(NOW_MS));
    assert!(place(&line(NOW_MS, "")).is_some());
    assert_eq!(place(&line(NOW_MS, r#","op":"close""#)), None);
    assert_eq!(place(&line(NOW_MS + 2 * DAY_MS, "")), None, "ahead of the clock");
    assert_eq!(place(&line(NOW_MS, r#","kind":"toil","minutes":30,"per":"week""#)), None);
    assert_eq!(place(&line(NOW_MS, r#","severity":"\"error""#)), None);
}

/// The rest of a line: members that matter and others, whole and broken.
fn rest() -> impl Strategy<Value = String> {
    let words =
        ["fatal", "error", "log", "toil", "friction", "add", "seen", "fb-2", "a\\\"b", "\\u0061", "ü"];
    let value = prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(|word| format!("\"{word}\"")),
        4 => any::<u64>().prop_map(|number| number.to_string()),
        2 => prop::sample::select(vec!["null", "-1", "1.5", "[]", "{}", "[1,{\"a\":[]}]", "1e400", "00", "tru"])
            .prop_map(str::to_owned),
    ];
    let keys = ["kind", "severity", "count", "source", "hour", "release", "item", "op", "id", "v", "t", "a"];
    let member =
        (prop::sample::select(keys.to_vec()), value).prop_map(|(key, value)| format!(",\"{key}\":{value}"));
    prop::collection::vec(member, 0..5).prop_map(|members| members.concat())
}

proptest! {
    #[test]
    fn a_glance_and_a_fold_agree(days in 0..60u64, rest in rest()) {
        agrees(line(NOW_MS + DAY_MS * 3 - days * DAY_MS, &rest).as_bytes());
    }

    #[test]
    fn a_glance_at_a_broken_line_agrees(rest in rest(), at in 0..200usize, byte in any::<u8>()) {
        let mut raw = line(NOW_MS, &rest).into_bytes();
        let at = at % raw.len();
        raw[at] = byte;
        agrees(&raw);
    }
}
