//! Tests of edits: the block is right, and everything else stays.

use proptest::prelude::*;

use super::*;
use crate::types::intent::parse::parse;
use crate::types::intent::{Fixtures, Http, Intent, Run};

const HEAD: &str = "schema = 1 # the first\ntitle = \"t\"\noutcome = \"o\"\n";

fn check(id: &str, anchor: Anchor) -> Acceptance {
    Acceptance {
        id: id.into(),
        text: None,
        anchor,
        red: Red::Assertion,
        origin: None,
        timeout: None,
        mutant: None,
    }
}

fn run(command: &str) -> Anchor {
    Anchor::Run(Run { command: command.into(), ..Run::default() })
}

fn read(text: &str) -> Intent {
    parse("x", "intents/x.toml", text.as_bytes()).unwrap_or_else(|p| panic!("{p:?} in\n{text}")).intent
}

fn added(text: &str, new: &Acceptance) -> String {
    let added = add_acceptance("intents/x.toml", text, new).unwrap();
    let mut expected = new.clone();
    expected.id = added.id;
    let before = read(text).acceptance;
    let after = read(&added.text).acceptance;
    assert_eq!(after[..before.len()], before);
    assert_eq!(after[before.len()..], [expected]);
    added.text
}

#[test]
fn a_block_goes_after_the_last_one_and_before_what_follows() {
    let text = format!(
        "{HEAD}\n[[acceptance]]\nid = \"a\"\nrun = \"x\" # why\n# mutant = later\n\n# about scope\n[scope]\nrounds = 3\n# end"
    );
    let new = added(&text, &check("b", run("y")));
    let wanted = "# mutant = later\n\n[[acceptance]]\nid = \"b\"\nrun = \"y\"\n\n# about scope\n[scope]";
    assert!(new.contains(wanted), "{new}");
}

#[test]
fn a_comment_right_above_the_next_table_stays_with_it() {
    let text = format!("{HEAD}[[acceptance]]\nid = \"a\"\nrun = \"x\"\n# about scope\n[scope]\nrounds = 3\n");
    let new = added(&text, &check("b", run("y")));
    assert!(new.contains("run = \"y\"\n# about scope\n[scope]"), "{new}");
}

#[test]
fn a_file_without_checks_or_last_newline_gets_the_block_at_its_end() {
    let new = added(&format!("{HEAD}[scope]\nrounds = 3"), &check("b", run("y")));
    assert!(new.ends_with("rounds = 3\n\n[[acceptance]]\nid = \"b\"\nrun = \"y\"\n"), "{new}");
}

#[test]
fn line_ends_and_byte_order_mark_stay() {
    let text = format!("\u{feff}{HEAD}[[acceptance]]\nid = \"a\"\nrun = \"x\"\n").replace('\n', "\r\n");
    let new = added(&text, &check("b", run("y")));
    assert!(new.starts_with('\u{feff}') && !new.replace("\r\n", "").contains('\n'), "{new:?}");
}

#[test]
fn tables_of_the_last_check_stay_with_it() {
    let text =
        format!("{HEAD}[[acceptance]]\nid = \"a\"\nrun = \"x\"\n[acceptance.env]\nA = \"1\"\n\n[scope]\n");
    let new = added(&text, &check("b", run("y")));
    assert_eq!(read(&new).acceptance[1].anchor, run("y"));
}

#[test]
fn checks_written_inline_stay_inline() {
    for list in [
        "[]",
        "[{ id = \"a\", run = \"x\" }]",
        "[\n  { id = \"a\", run = \"x\" }, # why\n]",
        "[{ id = \"a\", run = \"x\" }, # c\n]",
    ] {
        let text = format!("schema = 1\ntitle = \"t\"\noutcome = \"o\"\nacceptance = {list}\n");
        added(&text, &check("b", run("y")));
    }
}

#[test]
fn an_id_already_taken_gets_a_number() {
    let text = format!("{HEAD}[[acceptance]]\nid = \"a\"\nrun = \"x\"\n");
    let once = add_acceptance("f", &text, &check("a", run("y"))).unwrap();
    let twice = add_acceptance("f", &once.text, &check("a", run("z"))).unwrap();
    assert_eq!((once.id.as_str(), twice.id.as_str()), ("a-2", "a-3"));
    assert_eq!(read(&twice.text).acceptance.len(), 3);
}

#[test]
fn every_kind_of_check_reads_back_as_it_was() {
    let text = HEAD.to_owned();
    let http = Http {
        method: "POST".into(),
        path: "/a?b=c".into(),
        status: 201,
        headers: [("Accept".to_owned(), "a\"b".to_owned())].into(),
        body: Some("{\n}".into()),
        contains: Some("ok".into()),
        schema: Some("s.json".into()),
    };
    let full = Run {
        command: "a 'b c'".into(),
        exit: 2,
        stdin: Some("in.txt".into()),
        stdout: Some("tab\there".into()),
        stderr: Some("\\".into()),
        dir: Some("sub".into()),
        env: [("K".to_owned(), "v".to_owned())].into(),
    };
    let fixtures =
        Fixtures { command: "c {input}".into(), compare: Compare::Json, case: Some("fb-1".into()) };
    for anchor in [
        Anchor::Test { name: "a::b".into() },
        Anchor::Run(full),
        Anchor::Fixtures(fixtures),
        Anchor::Http(http),
        Anchor::Signal { name: "latency".into(), max: Some(1.0) },
        Anchor::Inspect { question: "Is it?".into() },
        Anchor::Missing,
    ] {
        let mut new = check("b", anchor);
        new.text = Some("WHEN \"it\"".into());
        new.origin = Some("fb-k3v9q2m7xw".into());
        new.timeout = Some(std::time::Duration::from_secs(90));
        new.red = Red::Build;
        new.mutant =
            Some(crate::types::intent::Mutant { file: "f".into(), find: "a".into(), replace: "b".into() });
        added(&text, &new);
    }
}

#[test]
fn a_fresh_file_is_valid_and_keeps_the_raw_text_whole() {
    let raw = "so, um:\r\n  \"\"\" quotes \\ and\ttabs\n\nlast \"";
    let intent = read(&fresh("A \"title\"", "Done\nwhen done.", Some(raw)));
    assert_eq!(intent.rationale.as_deref(), Some(raw));
    assert_eq!((intent.title.as_str(), intent.outcome.as_str()), ("A \"title\"", "Done\nwhen done."));
    let text = fresh("t", "o", None);
    assert!(read(&text).acceptance.is_empty());
    added(&text, &check("a", run("x")));
    let enabled: String = text.lines().map(|l| format!("{}\n", l.strip_prefix("# ").unwrap_or(l))).collect();
    let guidance =
        enabled.replace("Optional, above", "#").replace("What bounds", "#").replace("How one", "#");
    assert_eq!(read(&guidance).acceptance.len(), 1, "the guidance itself is valid");
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "# [a-z\\[\\]=\" ]{0,12}\n",
        Just("\n".to_owned()),
        Just("[scope]\nrounds = 2 # r\n".to_owned()),
        "[a-z]{1,8}".prop_map(|w| format!("[[constraint]]\nid = \"{w}\"\nkind = \"ux\"\ntext = \"t\"\n")),
        "[a-z]{1,8}".prop_map(|w| format!("[[acceptance]]\nid = \"{w}\" # {w}\nrun = \"\"\"x\ny\"\"\"\n")),
        "[a-z]{1,8}"
            .prop_map(|w| format!("  [[acceptance]]\n  id = \"{w}\"\n  run = \"e\"\n  env.A = \"1\"\n")),
    ]
}

proptest! {
    #[test]
    fn everything_but_the_added_block_stays(
        pieces in proptest::collection::vec(piece(), 0..9), crlf: bool, mark: bool, cut: bool,
    ) {
        let mut text = format!("{HEAD}{}", pieces.concat());
        if cut { text.pop(); }
        if crlf { text = text.replace('\n', "\r\n"); }
        if mark { text.insert(0, '\u{feff}'); }
        prop_assume!(parse("x", "f", text.as_bytes()).is_ok());
        let new = added(&text, &check("new", run("y")));
        let at = new.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        let tail = text.len() - at;
        prop_assert_eq!(&new.as_bytes()[new.len() - tail..], &text.as_bytes()[at..]);
    }
}
