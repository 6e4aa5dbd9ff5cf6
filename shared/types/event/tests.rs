//! Events read, written and put in order.

use super::*;

#[test]
fn an_event_survives_a_round_trip_with_fields_it_does_not_know() {
    let line = br#"{"id":"01JD0000000000000000000000","v":7,"item":"fb-x","op":"dance","t":"2026-01-01T00:00:00Z","zz":[1,{"a":2}]}"#;
    let event = Event::parse(line).unwrap();
    assert_eq!(event.line().as_bytes(), line);
}

#[test]
fn a_line_that_is_no_event_says_why() {
    assert!(Event::parse(b"\xff\xfe").unwrap_err().contains("not a JSON object"));
    assert!(Event::parse(b"{}").unwrap_err().contains("no `id`"));
    assert!(Event::parse(br#"{"id":"x"}"#).unwrap_err().contains("not a ULID"));
    for name in [r"fb-\u001b]0;pwn\u0007", "", "fb-a; reboot", "fb-\u{202e}a"] {
        let line = format!(
            r#"{{"id":"01JD0000000000000000000000","v":1,"item":"{name}","op":"add","t":"2026-01-01T00:00:00Z"}}"#
        );
        assert!(Event::parse(line.as_bytes()).unwrap_err().contains("`item` is no name"), "{line}");
    }
}

#[test]
fn the_same_id_with_other_bytes_is_kept_and_named() {
    let a = Line::new(
        "c",
        br#"{"id":"01JD0000000000000000000000","v":1,"item":"fb-x","op":"set","t":"x","title":"a"}"#,
    );
    let b = Line::new(
        "c",
        br#"{"id":"01JD0000000000000000000000","v":1,"item":"fb-x","op":"set","t":"x","title":"b"}"#,
    );
    let lines = [a.clone(), b, a];
    assert_eq!(in_order(&lines).len(), 2);
    assert_eq!(oddities(&lines).len(), 1);
}
