//! `git feedback promote`.

use super::{add, items};
use crate::support::Sandbox;

const INTENT: &str = "schema  = 1
title   = \"CSV to JSON\"   # why not
outcome = \"It converts.\"

[[acceptance]]
id = \"examples\"
text = \"Every example converts\"
fixtures = \"head -n 99 {input}\"   # the tool
compare = \"json\"
# the end
";

fn with_intent() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("intents/csv.toml", INTENT);
    sandbox.commit("an intent");
    sandbox.write("export.csv", "\u{feff}a,b\n1,2\n");
    sandbox
}

#[test]
fn the_attached_file_becomes_a_fixture_and_the_check_names_its_origin() {
    let sandbox = with_intent();
    sandbox.write("want.json", "[{\"a\":1}]\n");
    let id = add(&sandbox, &["A file with a byte-order mark is refused today", "--attach", "export.csv"]);
    let ran = sandbox.feedback(&["promote", &id, "--intent", "csv", "--expected", "want.json"]).ok();
    assert!(ran.stdout.ends_with("next: cargo intent check csv\n"), "{}", ran.stdout);
    assert_eq!(sandbox.read(&format!("intents/csv/{id}/input.csv")), "\u{feff}a,b\n1,2\n");
    assert_eq!(sandbox.read(&format!("intents/csv/{id}/expected.json")), "[{\"a\":1}]\n");
    let text = sandbox.read("intents/csv.toml");
    assert!(text.starts_with(INTENT.trim_end_matches("# the end\n")), "the rest is kept:\n{text}");
    assert!(text.contains("# the end"));
    for line in [
        "id = \"a-file-with-a-byte\"",
        "fixtures = \"head -n 99 {input}\"\ncompare = \"json\"",
        &format!("case = \"{id}\""),
        &format!("origin = \"{id}\""),
    ] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    sandbox
        .feedback(&["show", &id])
        .ok()
        .says("promoted:    intent csv, check a-file-with-a-byte, fixture fb-");
    sandbox
        .feedback(&["promote", &id, "--intent", "csv"])
        .exits(2)
        .says("already became the check")
        .says("nothing was changed");
}

#[test]
fn the_expected_output_may_come_from_standard_input_or_be_left_to_the_person() {
    let sandbox = with_intent();
    let id = add(&sandbox, &["one", "--attach", "export.csv"]);
    let args = ["promote", &id, "--intent", "csv", "--case", "bom", "--expected", "-"];
    super::with_stdin(&sandbox, &args, b"[1]").ok().says("added the check bom");
    assert_eq!(sandbox.read(&format!("intents/csv/{id}/expected.json")), "[1]");
    let id = add(&sandbox, &["two", "--attach", "export.csv"]);
    sandbox.feedback(&["promote", &id, "--intent", "csv"]).ok().says("expected output is yours to write");
    assert!(sandbox.read("intents/csv.toml").contains("id = \"two\""));
}

#[test]
fn an_intent_without_fixtures_needs_the_command() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/csv.toml", "schema = 1\ntitle = \"t\"\noutcome = \"o\"\n");
    sandbox.write("in.txt", "x");
    let id = add(&sandbox, &["bad", "--attach", "in.txt"]);
    let before = sandbox.read("intents/csv.toml");
    sandbox.feedback(&["promote", &id, "--intent", "csv"]).exits(2).says("no `fixtures` check").says("--run");
    assert_eq!(sandbox.read("intents/csv.toml"), before);
    assert!(!sandbox.path("intents/csv").exists(), "nothing was written");
    sandbox.feedback(&["promote", &id, "--intent", "csv", "--run", "head -n 99 {input}"]).ok();
    let text = sandbox.read("intents/csv.toml");
    assert!(
        text.contains("fixtures = \"head -n 99 {input}\"") && text.contains(&format!("case = \"{id}\"")),
        "{text}"
    );
}

#[test]
fn an_item_without_input_becomes_a_command_to_run() {
    let sandbox = with_intent();
    let id = add(&sandbox, &["help is missing"]);
    sandbox.feedback(&["promote", &id, "--intent", "csv"]).exits(2).says("no input").says("--input FILE");
    sandbox.feedback(&["promote", &id, "--intent", "csv", "--run", "mytool --help"]).ok();
    assert!(sandbox.read("intents/csv.toml").contains("run = \"mytool --help\""));
    assert!(!sandbox.path("intents/csv").exists());
}

#[test]
fn which_input_is_asked_where_there_are_several() {
    let sandbox = with_intent();
    sandbox.write("b.csv", "b");
    let id = add(&sandbox, &["two files", "--attach", "export.csv", "--attach", "b.csv"]);
    sandbox
        .feedback(&["promote", &id, "--intent", "csv"])
        .exits(2)
        .says("holds several files")
        .says("--input");
    sandbox
        .feedback(&["promote", &id, "--intent", "csv", "--input", "no.csv"])
        .exits(2)
        .says("neither evidence");
    sandbox.feedback(&["promote", &id, "--intent", "csv", "--input", "b.csv"]).ok();
    assert_eq!(sandbox.read(&format!("intents/csv/{id}/input.csv")), "b");
}

#[test]
fn a_fixture_is_written_through_no_link() {
    let sandbox = with_intent();
    let outside = sandbox.home.join("elsewhere");
    std::fs::create_dir_all(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.path("intents/csv")).unwrap();
    let id = add(&sandbox, &["a link", "--attach", "export.csv"]);
    sandbox.feedback(&["promote", &id, "--intent", "csv"]).exits(2).says("intents/csv is a link");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    assert_eq!(sandbox.read("intents/csv.toml"), INTENT);
}

#[test]
fn two_pieces_of_one_name_are_told_apart_by_digest() {
    let sandbox = with_intent();
    std::fs::create_dir_all(sandbox.path("x")).unwrap();
    std::fs::create_dir_all(sandbox.path("y")).unwrap();
    sandbox.write("x/in.csv", "a;1\n");
    sandbox.write("y/in.csv", "b;2\n");
    let id = add(&sandbox, &["two of a name", "--attach", "x/in.csv", "--attach", "y/in.csv"]);
    let shown = sandbox.feedback(&["show", &id, "--format", "json"]).ok().json();
    let short = |at: usize| shown["evidence"][at]["sha256"].as_str().unwrap()[..12].to_owned();
    let refused =
        sandbox.feedback(&["show", &id, "--evidence", "in.csv"]).exits(2).says("has 2 evidence named");
    let mut all = [0, 1].map(|at| {
        assert!(refused.stderr.contains(&short(at)), "{}", refused.stderr);
        sandbox.feedback(&["show", &id, "--evidence", &short(at)]).ok().stdout
    });
    all.sort();
    assert_eq!(all, ["a;1\n", "b;2\n"]);
    let several = sandbox.feedback(&["promote", &id, "--intent", "csv"]).exits(2).says("holds several files");
    assert!(several.stderr.contains(&format!("--input {}", short(0))), "{}", several.stderr);
    sandbox.feedback(&["promote", &id, "--intent", "csv", "--input", &short(1)]).ok();
    assert!(sandbox.path(format!("intents/csv/{id}/input.csv")).exists());
}

#[test]
fn an_unknown_or_broken_intent_is_named_and_nothing_is_written() {
    let sandbox = with_intent();
    let id = add(&sandbox, &["x", "--attach", "export.csv"]);
    sandbox.feedback(&["promote", &id, "--intent", "csw"]).exits(2).says("did you mean `csv`?");
    sandbox.feedback(&["promote", &id, "--intent", "../csv"]).exits(2);
    sandbox.feedback(&["promote", &id, "--intent", "csv", "--case", "a b"]).exits(2).says("is no id");
    sandbox.write("intents/csv.toml", "schema = 1\ntitle = \n");
    sandbox.feedback(&["promote", &id, "--intent", "csv"]).exits(2);
    assert!(!sandbox.path("intents/csv").exists());
}

#[test]
fn an_item_whose_id_is_a_path_never_leaves_the_repository() {
    let sandbox = with_intent();
    let line = r#"{"id":"01JD0000000000000000000000","v":1,"item":"fb-../../../x","op":"add","t":"2026-11-22T00:00:00Z","title":"t"}"#;
    sandbox.git(&["notes", "--ref=feedback", "add", "-m", line]);
    assert_eq!(items(&sandbox).len(), 0);
    sandbox.feedback(&["list"]).ok().says("1 line is not as written by this tool");
    sandbox.git(&["notes", "--ref=feedback", "add", "-f", "-m", &line.replace("../../../x", "..")]);
    let args = ["promote", "fb-..", "--intent", "csv", "--input", "export.csv"];
    sandbox.feedback(&args).exits(2).says("no item id that can name a folder");
    assert_eq!(sandbox.read("intents/csv.toml"), INTENT);
}

#[test]
fn a_promoted_case_is_red_until_it_is_fixed_and_green_afterwards() {
    let sandbox = with_intent();
    sandbox.write("intents/csv/one/input.json", "[1]");
    sandbox.write("intents/csv/one/expected.json", "[1]");
    sandbox.write("in.json", "[1,2]");
    sandbox.write("want.json", "[2,1]");
    let id = add(&sandbox, &["The order is wrong", "--attach", "in.json"]);
    sandbox.feedback(&["promote", &id, "--intent", "csv", "--expected", "want.json"]).ok();
    let red = sandbox.intent(&["check", "csv"]).exits(1);
    assert!(red.stdout.contains("the-order-is-wrong"), "{}", red.stdout);
    sandbox.write(&format!("intents/csv/{id}/expected.json"), "[1,2]");
    sandbox.intent(&["check", "csv"]).ok();
}

#[test]
fn a_promotion_that_cannot_be_recorded_is_taken_back_and_can_be_tried_again() {
    let sandbox = with_intent();
    let id = add(&sandbox, &["x", "--attach", "export.csv"]);
    let lock = sandbox.path(".git/refs/notes/feedback.lock");
    std::fs::write(&lock, "").unwrap();
    let ran = sandbox.feedback(&["promote", &id, "--intent", "csv"]);
    assert_ne!(ran.code, 0);
    ran.says("nothing was promoted").says("feedback.lock");
    assert_eq!(sandbox.read("intents/csv.toml"), INTENT);
    assert!(!sandbox.path(format!("intents/csv/{id}")).exists());
    std::fs::remove_file(lock).unwrap();
    sandbox.feedback(&["promote", &id, "--intent", "csv"]).ok();
}

#[test]
fn a_hint_can_be_followed_to_the_letter() {
    let sandbox = with_intent();
    sandbox.write("b c.csv", "b");
    let id = add(&sandbox, &["two files", "--attach", "b c.csv", "--attach", "export.csv"]);
    let told = sandbox.feedback(&["promote", &id, "--intent", "csv", "--format", "json"]).exits(2).json();
    let hint = told["hint"].as_str().unwrap().strip_prefix("git feedback ").unwrap().to_owned();
    sandbox.run("sh", &["-c", &format!("{} {hint}", crate::support::FEEDBACK)]).ok();
}

#[test]
fn an_expected_output_that_is_not_there_is_a_mistake_of_usage() {
    let sandbox = with_intent();
    let id = add(&sandbox, &["x", "--attach", "export.csv"]);
    let args = ["promote", &id, "--intent", "csv", "--expected", "nope.json"];
    sandbox.feedback(&args).exits(2).says("nope.json").says("hint:");
    assert!(!sandbox.path("intents/csv").exists());
}
