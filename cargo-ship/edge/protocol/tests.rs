//! Requests and answers of the control protocol, read and written.

use super::*;

#[test]
fn every_request_is_known_by_name_and_survives_the_wire() {
    let mut wire = Vec::new();
    write(&mut wire, &Request::Journal { after: 3 }).unwrap();
    assert_eq!(wire, b"{\"v\":1,\"do\":\"journal\",\"after\":3}\n");
    assert_eq!(parse(&wire).unwrap(), Request::Journal { after: 3 });
}

#[test]
fn an_unknown_request_is_answered_with_what_is_known() {
    let error = parse(br#"{"v":1,"do":"dance"}"#).unwrap_err();
    assert!(error.what.contains("\"dance\"") && error.what.contains("rollback"), "{}", error.what);
    assert!(parse(br#"{"v":9,"do":"status"}"#).unwrap_err().what.contains("version 1"));
    assert!(parse(b"nonsense").is_err());
    assert!(parse(br#"{"v":1,"do":"journal"}"#).unwrap_err().what.contains("after"));
}

#[test]
fn a_field_that_is_not_known_yet_is_no_error() {
    assert_eq!(parse(br#"{"v":1,"do":"status","more":1}"#).unwrap(), Request::Status {});
}

#[test]
fn an_error_arrives_as_the_error_it_was() {
    let sent = answer(Err(Hinted::busy("no").hint("wait"))).to_string();
    let error = parse_answer::<Value>(sent.as_bytes()).unwrap_err();
    let hinted = error.downcast_ref::<Hinted>().unwrap();
    assert_eq!((hinted.trouble, hinted.hint.as_deref()), (Trouble::Busy, Some("wait")));
}
