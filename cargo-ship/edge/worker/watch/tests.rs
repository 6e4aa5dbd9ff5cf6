//! When a client has gone, and when it only waits.

use super::*;

const AT_ONCE: Patience =
    Patience { head: Duration::ZERO, idle: Duration::from_secs(60), stalled: Duration::ZERO };

#[test]
fn a_head_is_timed_from_its_first_byte_and_not_while_a_request_is_answered() {
    let watch = Watch::new();
    assert!(!watch.is_overdue(AT_ONCE), "nothing was sent yet");
    watch.read(b"GET / HT");
    assert!(watch.is_overdue(AT_ONCE) && !watch.is_overdue(PATIENCE));
    let busy = watch.request();
    watch.read(b"a body");
    assert!(!watch.is_overdue(AT_ONCE));
    drop(busy);
    assert!(watch.is_overdue(Patience { idle: Duration::ZERO, ..PATIENCE }));
}

#[test]
fn an_answer_that_is_not_read_is_overdue_also_in_flight() {
    let watch = Watch::new();
    let _busy = watch.request();
    watch.wrote(true);
    assert!(watch.is_overdue(AT_ONCE));
    watch.wrote(false);
    assert!(!watch.is_overdue(AT_ONCE));
}

#[test]
fn who_ends_early_is_answered_while_bytes_move_and_who_ends_late_has_gone() {
    let watch = Watch::new();
    watch.read(b"GET / HTTP/1.1");
    let long_ago = |watch: &Watch| watch.state().asked = Instant::now().checked_sub(GAVE_UP).unwrap();
    let busy = watch.request();
    watch.look(|| panic!("it waits for a moment only"));
    long_ago(&watch);
    watch.look(|| true);
    assert!(!busy.is_alone() && !watch.is_overdue(PATIENCE));
    let stalled = Patience { stalled: Duration::ZERO, ..PATIENCE };
    assert!(watch.is_overdue(stalled), "nothing of the answer moves");
    drop(busy);
    let busy = watch.request();
    long_ago(&watch);
    watch.look(|| false);
    watch.look(|| panic!("so soon again"));
    watch.state().looked = Instant::now().checked_sub(LOOK);
    watch.look(|| true);
    assert!(busy.is_alone());
    drop(busy);
    let busy = watch.request();
    long_ago(&watch);
    watch.read(b"the rest of a body");
    watch.look(|| panic!("it has waited for a moment only"));
    assert!(!busy.is_alone());
}

#[test]
fn http2_has_no_head_to_wait_for() {
    let watch = Watch::new();
    watch.read(b"PRI * HTTP/2.0");
    assert!(watch.speaks_http2() && !watch.is_overdue(AT_ONCE));
}
