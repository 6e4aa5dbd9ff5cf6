//! Tests of the parser: every key is read, and every mistake is named with its place.

use super::*;
use crate::types::intent::{Acceptance, Anchor, Compare, Red};

const HEAD: &str = "schema = 1\ntitle = \"t\"\noutcome = \"o\"\n";

const FULL: &str = r##"
schema  = 1
title   = "Turn CSV exports into normalised JSON"
outcome = "One command turns an export into JSON."
rationale = "The API rejects our hand conversions."
out-of-scope = ["Excel files"]

[scope]
write  = ["src/**", "tests/**"]
rounds = 3
minutes = 20

[[constraint]]
id = "no-partial-output"
kind = "ux"
text = "On a bad row nothing is written to stdout."
check = "bad-row"

[[contract]]
id = "orders"
kind = "json-schema"
path = "schema/orders.json"
examples = "examples/*.json"

[[contract]]
id = "help"
kind = "cli-help"
run = "csv2json --help"
path = "docs/help.txt"

[[contract]]
id = "api"
kind = "rust-api"
package = "orders"
baseline = "v1"

[[contract]]
id = "notes"
kind = "markdown"
files = "notes/*.md"
sections = ["Summary"]
front-matter = ["date"]

[[contract]]
id = "licence"
kind = "file"
path = "LICENSE"

[[acceptance]]
id = "bom"
text = "WHEN a file starts with a byte-order mark THE header SHALL be read without it"
test = "accept::bom"
red = "assertion"
origin = "fb-k3v9q2m7xw"
timeout = "30s"

[[acceptance]]
id = "examples"
fixtures = "csv2json {input}"
compare = "json"

[[acceptance]]
id = "bad-row"
run = "csv2json broken.csv"
exit = 2
stdin = "in.csv"
stdout = "a"
stderr = "line 3, column 2"
dir = "sub"
env = { A = "b" }
mutant = { file = "src/row.rs", find = "column + 1", replace = "column" }

[[acceptance]]
id = "alive"
http = "GET /health"
status = 204
headers = { Accept = "text/plain" }
body = "x"
contains = "ok"
schema = "schema/health.json"

[[acceptance]]
id = "few-errors"
signal = "error-rate"
max = 0.01

[[acceptance]]
id = "reads-well"
inspect = "Would a tired person know what to fix from this message?"
"##;

fn good(text: &str) -> Parsed {
    parse("x", "intents/x.toml", text.as_bytes()).unwrap_or_else(|p| panic!("{p:#?}"))
}

/// The problems as `line:column message (hint)`.
fn bad(text: &str) -> Vec<String> {
    let problems = parse("x", "f", text.as_bytes()).unwrap_err();
    problems.iter().map(|p| p.to_string().strip_prefix("f:").unwrap().to_owned()).collect()
}

#[track_caller]
fn says(text: &str, wanted: &str) {
    let problems = bad(text);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].contains(wanted), "{wanted:?} is not in {:?}", problems[0]);
}

#[test]
fn every_key_is_read() {
    let parsed = good(FULL);
    let intent = &parsed.intent;
    assert_eq!((intent.contracts.len(), intent.acceptance.len()), (5, 6));
    assert_eq!(intent.scope.write, ["src/**", "tests/**"]);
    assert_eq!(intent.constraints[0].check.as_deref(), Some("bad-row"));
    let by_id = |id: &str| -> &Acceptance { intent.acceptance.iter().find(|a| a.id == id).unwrap() };
    assert_eq!(by_id("bom").anchor, Anchor::Test { name: "accept::bom".into() });
    assert_eq!(by_id("bom").timeout().as_secs(), 30);
    assert_eq!(by_id("bom").red, Red::Assertion);
    let Anchor::Run(run) = &by_id("bad-row").anchor else { panic!() };
    assert_eq!((run.exit, run.env["A"].as_str()), (2, "b"));
    let Anchor::Fixtures(fixtures) = &by_id("examples").anchor else { panic!() };
    assert_eq!(fixtures.compare, Compare::Json);
    let Anchor::Http(http) = &by_id("alive").anchor else { panic!() };
    assert_eq!((http.method.as_str(), http.path.as_str(), http.status), ("GET", "/health", 204));
    assert_eq!(by_id("few-errors").anchor, Anchor::Signal { name: "error-rate".into(), max: Some(0.01) });
}

#[test]
fn what_is_accepted_but_not_acted_on_is_named() {
    let later = good(FULL).later;
    assert!(later.iter().any(|l| l == "`signal` of few-errors"), "{later:?}");
    assert!(good(HEAD).later.is_empty());
}

#[test]
fn a_byte_order_mark_and_crlf_are_accepted() {
    let text = format!("\u{feff}{}", FULL.replace('\n', "\r\n"));
    assert_eq!(good(&text).intent, good(FULL).intent);
    says(&format!("\u{feff}{HEAD}titel = 1\n").replace('\n', "\r\n"), "4:1: unknown key `titel`");
}

#[test]
fn malformed_toml_is_named_with_line_and_column() {
    says("schema = 1\ntitle = \"a\noutcome = \"b\"\n", "2:");
    says("schema = 1\nschema = 1\n", "2:1: malformed TOML: duplicate key");
}

#[test]
fn unknown_keys_are_named_with_the_nearest_and_their_table() {
    says(&format!("{HEAD}titel = 1\n"), "4:1: unknown key `titel` in the intent (did you mean `title`?)");
    says(
        &format!("{HEAD}[scope]\nround = 1\n"),
        "5:1: unknown key `round` in [scope] (did you mean `rounds`?)",
    );
    let text = format!("{HEAD}[[acceptance]]\nid = \"a\"\nrum = \"x\"\n");
    says(&text, "6:1: unknown key `rum` in [[acceptance]] a (did you mean `run`?)");
    says(&format!("{HEAD}[zzz]\n"), "known here: acceptance");
}

#[test]
fn wrong_types_are_named() {
    says(
        "schema = 1\ntitle = 7\noutcome = \"o\"\n",
        "2:9: `title` in the intent must be a string, not an integer",
    );
    says(&format!("{HEAD}out-of-scope = \"x\"\n"), "must be a list of strings");
    says(&format!("{HEAD}out-of-scope = [\"x\", 3]\n"), "4:22: `out-of-scope`");
    says(&format!("{HEAD}scope = 3\n"), "must be a table");
    says(&format!("{HEAD}acceptance = 3\n"), "must be written as [[acceptance]]");
    says(&format!("{HEAD}[scope]\nrounds = 0\n"), "from 1 to 10000");
}

#[test]
fn duplicate_ids_name_both_places() {
    let text =
        format!("{HEAD}[[acceptance]]\nid = \"a\"\nrun = \"x\"\n[[acceptance]]\nid = \"a\"\nrun = \"y\"\n");
    let problems = parse("x", "f", text.as_bytes()).unwrap_err();
    assert_eq!((problems[0].line(), problems[0].also[0].0.line), (8, 5));
    let json = problems[0].to_json();
    assert_eq!((json["line"].as_u64(), json["also"][0]["line"].as_u64()), (Some(8), Some(5)));
}

#[test]
fn two_anchors_are_both_named() {
    let text = format!("{HEAD}[[acceptance]]\nid = \"a\"\nrun = \"x\"\ntest = \"y\"\n");
    says(&text, "\"a\" hangs on `test` and on `run`");
}

#[test]
fn a_key_of_another_anchor_is_named() {
    let text = format!("{HEAD}[[acceptance]]\nid = \"a\"\ntest = \"y\"\nexit = 3\n");
    says(&text, "7:1: `exit` goes with `run`, not with `test`");
}

#[test]
fn a_check_without_an_anchor_is_read_as_asserting_nothing() {
    let parsed = good(&format!("{HEAD}[[acceptance]]\nid = \"a\"\ntext = \"later\"\n"));
    assert_eq!(parsed.intent.acceptance[0].anchor, Anchor::Missing);
}

#[test]
fn a_constraint_must_name_a_check_that_exists() {
    let text = format!(
        "{HEAD}[[constraint]]\nid = \"c\"\nkind = \"ux\"\ntext = \"t\"\ncheck = \"bad-rwo\"\n[[acceptance]]\nid = \"bad-row\"\nrun = \"x\"\n"
    );
    says(&text, "8:9: no acceptance check has the id \"bad-rwo\" (did you mean \"bad-row\"?)");
    let text = format!("{HEAD}[[constraint]]\nid = \"c\"\nkind = \"uxx\"\ntext = \"t\"\n");
    says(&text, "`kind` in [[constraint]] c cannot be \"uxx\"");
}

#[test]
fn a_bad_slug_is_named_with_a_better_one() {
    let problems = parse("My Intent", "intents/My Intent.toml", HEAD.as_bytes()).unwrap_err();
    assert_eq!(problems[0].hint.as_deref(), Some("rename the file to my-intent.toml"));
    assert!(parse("lessons", "f", HEAD.as_bytes()).unwrap_err()[0].message.contains("reserved"));
}

#[test]
fn a_higher_schema_says_which_version_is_needed_and_nothing_else() {
    says("schema = 2\nnew-thing = 1\n", "1:10: schema 2 needs a newer version of this tool (version 0.");
    says("title = \"t\"\noutcome = \"o\"\n", "no `schema` (add as the first line: schema = 1)");
}

#[test]
fn all_problems_of_a_file_come_at_once_in_its_order() {
    let problems = bad("schema = 1\ntitel = \"x\"\n[scope]\nrounds = \"three\"\n");
    let lines: Vec<&str> = problems.iter().map(|p| p.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["1", "1", "2", "4"], "{problems:#?}");
}

#[test]
fn an_unsolved_merge_is_named_as_one() {
    let text = format!("{HEAD}<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> other\n");
    says(&text, "4:1: the file holds an unsolved merge conflict");
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line() {
    let problems = parse("x", "f", b"schema = 1\ntitle = \"\xff\"\n").unwrap_err();
    assert_eq!((problems[0].line(), problems[0].column()), (2, 10));
    assert!(problems[0].message.contains("0xff"));
}

#[test]
fn values_that_cannot_be_meant_are_named() {
    let check = |rest: &str| format!("{HEAD}[[acceptance]]\nid = \"a\"\n{rest}\n");
    says(&check("run = \"x 'y\""), "a quote is open");
    says(&check("run = \"x\"\ntimeout = \"soon\""), "7:11: `timeout`");
    says(&check("run = \"x\"\nstdin = \"../secret\""), "inside the repository");
    says(&check("run = \"x\"\nenv = { A = 1 }"), "`env.A` must be a string");
    says(&check("http = \"/health\""), "is no request");
    says(&check("test = \"a b\""), "is no path of a test");
    says(&check("fixtures = \"x\"\ncompare = \"jsn\""), "did you mean \"json\"?");
    says(&check("fixtures = \"x\"\ncase = \"../y\""), "is not the name of one folder");
    says(&check("run = \"x\"\ncase = \"y\""), "`case` goes with `fixtures`, not with `run`");
    says(&format!("{HEAD}[[acceptance]]\nid = \"a b\"\nrun = \"x\"\n"), "perhaps \"a-b\"");
    says(&format!("{HEAD}[[acceptance]]\nrun = \"x\"\n"), "4:1: [[acceptance]] has no `id`");
}

#[test]
fn checks_may_be_written_inline() {
    let parsed = good(&format!("{HEAD}acceptance = [{{ id = \"a\", run = \"x\" }}]\n"));
    assert_eq!(parsed.intent.acceptance[0].id, "a");
}
