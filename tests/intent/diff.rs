//! `cargo intent diff`.

use crate::support::{INTENT, Sandbox, finish};
use factory::operations::approving::{Subject, approve};
use factory::operations::digest::{AtCommit, Digester};
use factory::storage::repo::Repo;
use factory::storage::{intents, notes};

const CSV: &str = r#"schema = 1
title = "CSV to JSON"
outcome = "One command turns an export into JSON."
[scope]
write = ["src/**"]
[[constraint]]
id = "quiet"
kind = "ux"
text = "Nothing on stdout."
check = "bad-row"
[[contract]]
id = "notes"
kind = "markdown"
files = "notes/*.md"
sections = ["Why", "How"]
[[acceptance]]
id = "bad-row"
run = "csv2json broken.csv"
exit = 2
stderr = "line 3, column 2"
mutant = { file = "src/row.rs", find = "a", replace = "b" }
[[acceptance]]
id = "cases"
fixtures = "csv2json {input}"
[[acceptance]]
id = "few"
signal = "error-rate"
max = 0.01
timeout = "30s"
[[acceptance]]
id = "bom"
test = "accept::bom"
"#;

const TEST: &str = "#[test]\nfn bom() {\n    let a = 1;\n    assert_eq!(a, 1);\n    assert!(a < 2);\n}\n";

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\n");
    sandbox.write("tests/suite.rs", "mod accept;\n");
    sandbox.write("tests/accept.rs", TEST);
    sandbox.write("intents/csv.toml", CSV);
    for case in ["ascii", "two"] {
        sandbox.write(&format!("intents/csv/{case}/input.csv"), case);
        sandbox.write(&format!("intents/csv/{case}/expected.json"), "[1]\n");
    }
    sandbox.commit("an intent");
    sandbox
}

/// Sign the intent off as it stands in HEAD.
fn approved(sandbox: &Sandbox) {
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let head = repo.require_head().unwrap();
    let intent = intents::one(&sandbox.repo, "csv").unwrap().intent;
    let digest = Digester::new(&AtCommit::new(&repo, head)).digest(&intent).unwrap();
    let event = approve(&repo, &Subject { slug: "csv", digest: &digest, commit: head }, None).unwrap();
    notes::append(&repo, notes::INTENT, &[(head, event)]).unwrap();
}

/// What an edit of the intent, or of a file, is called.
#[track_caller]
fn said(sandbox: &Sandbox, file: &str, old: &str, new: &str) -> Vec<String> {
    let text = sandbox.read(file);
    assert!(text.contains(old), "{old:?} in {text}");
    sandbox.write(file, text.replace(old, new));
    let ran = sandbox.intent(&["diff", "csv"]).ok();
    sandbox.write(file, text);
    // Without the title above and what it does to the approval below.
    let lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
    lines[1..lines.len() - 1].iter().map(|line| line.trim_start().to_owned()).collect()
}

#[test]
fn changes_are_told_in_the_words_of_the_intent_and_weaker_where_it_is_certain() {
    let sandbox = project();
    let intent = "intents/csv.toml";
    for (old, new, wanted) in [
        ("0.01", "0.05", "~ check few max: 0.01 → 0.05  weaker: the bound is higher"),
        ("0.01", "0.001", "~ check few max: 0.01 → 0.001  stronger: the bound is lower"),
        ("\"30s\"", "\"90s\"", "~ check few timeout: 30s → 90s"),
        ("exit = 2", "exit = 0", "~ check bad-row exit: 2 → 0"),
        (
            "line 3, column 2",
            "line 3",
            "~ check bad-row stderr: line 3, column 2 → line 3  weaker: less is looked for in it",
        ),
        ("line 3, column 2", "row 3", "~ check bad-row stderr: line 3, column 2 → row 3"),
        ("check = \"bad-row\"\n", "", "- constraint quiet check: bad-row  weaker: no check holds it up"),
        (
            "\"src/**\"]",
            "\"src/**\", \"tests/**\"]",
            "+ scope write: tests/**  weaker: more files may be changed",
        ),
        ("\"src/**\"]", "\"src/**\", \"src/a.rs\"]", "+ scope write: src/a.rs"),
        ("\"src/**\"", "\"tests/**\"", "- scope write: src/**"),
        ("write = [\"src/**\"]\n", "", "- scope write: src/**  weaker: anything may be changed"),
        (", \"How\"", "", "- contract notes sections: How  weaker: less is required"),
        (
            "exit = 2",
            "exit = 2\nred = \"none\"",
            "~ check bad-row red: assertion → none  weaker: it need not be red before",
        ),
        (
            "{input}\"",
            "{input}\"\ncompare = \"json\"",
            "~ check cases compare: exact → json  weaker: compared less strictly",
        ),
        ("CSV to", "CSVs to", "~ title: CSV to JSON → CSVs to JSON"),
        ("[scope]", "# only here\n[scope]", "~ only layout, order or comments"),
        ("id = \"few\"", "id = \"rare\"", "→ check rare: was few"),
        ("id = \"bom\"\n", "id = \"bom\"\ntimeout = \"1s\"\n", "+ check bom timeout: 1s"),
    ] {
        assert_eq!(said(&sandbox, intent, old, new)[0], wanted, "{old} → {new}");
    }
    let mutant = "mutant = { file = \"src/row.rs\", find = \"a\", replace = \"b\" }\n";
    for line in said(&sandbox, intent, mutant, "") {
        assert!(line.contains("weaker: no mutant must turn it red"), "{line}");
    }
    let check = "[[acceptance]]\nid = \"few\"\nsignal = \"error-rate\"\nmax = 0.01\ntimeout = \"30s\"\n";
    let gone = said(&sandbox, intent, check, "");
    assert_eq!(gone, ["- check few: signal error-rate; max 0.01; timeout 30s  weaker: the check is gone"]);
    let other = said(
        &sandbox,
        intent,
        "run = \"csv2json broken.csv\"\nexit = 2\nstderr = \"line 3, column 2\"",
        "inspect = \"well?\"",
    );
    assert_eq!(
        other,
        ["~ check bad-row anchor: run csv2json broken.csv; exit 2; stderr line 3, column 2 → inspect well?"]
    );
}

#[test]
fn a_test_and_a_fixture_are_compared_by_what_they_demand() {
    let sandbox = project();
    let file = "tests/accept.rs";
    let with_why = |line: &str| format!("~ check bom: the test itself (tests/accept.rs){line}");
    let lines = said(&sandbox, file, "    assert_eq!(a, 1);\n", "");
    assert_eq!(lines[0], with_why("  weaker: an assertion is gone"));
    assert!(lines.contains(&"-     assert_eq!(a, 1);".to_owned()), "{lines:?}");
    let lines = said(&sandbox, file, "#[test]", "#[test]\n#[ignore]");
    assert_eq!(lines[0], with_why("  weaker: it is ignored now"));
    assert_eq!(said(&sandbox, file, "(a, 1)", "(a, a)")[0], with_why(""));
    let expected = "intents/csv/ascii/expected.json";
    assert_eq!(said(&sandbox, expected, "[1]", "[2]")[0], "~ case ascii/expected.json");
    std::fs::remove_dir_all(sandbox.path("intents/csv/two")).unwrap();
    let lines = said(&sandbox, "intents/csv.toml", "schema", "schema");
    assert_eq!(lines, ["- case two: expected.json; input.csv  weaker: the case is gone"]);
    sandbox.write("intents/csv/two/input.csv", "two");
    let lines = said(&sandbox, "intents/csv.toml", "schema", "schema");
    assert!(lines[0].ends_with("weaker: nothing is expected of the case any more"), "{lines:?}");
    sandbox.write("intents/csv/two/expected.json", b"\xff\0");
    let lines = said(&sandbox, "intents/csv.toml", "schema", "schema");
    assert_eq!(lines, ["~ case two/expected.json: text, 4 B → binary, 2 B"]);
}

#[test]
fn it_says_what_becomes_of_the_approval() {
    let sandbox = project();
    let last =
        |args: &[&str]| sandbox.intent(args).ok().stdout.lines().last().unwrap_or("").trim().to_owned();
    assert_eq!(last(&["diff"]), "");
    sandbox.intent(&["diff"]).ok().says("no intent differs between HEAD and the work tree");
    sandbox.write("intents/csv.toml", CSV.replace("0.01", "0.05"));
    assert_eq!(last(&["diff"]), "the digest moves; it was not approved");
    sandbox.write("intents/csv.toml", CSV);
    approved(&sandbox);
    sandbox.write("intents/csv.toml", CSV.replace("0.01", "0.05"));
    assert_eq!(last(&["diff"]), "the approval becomes stale");
    let json = sandbox.intent(&["diff", "--format", "json"]).ok().json();
    let one = &json["intents"][0];
    assert_eq!(
        (&one["approval"], &one["informative"], &one["weaker"]),
        (&"stale".into(), &false.into(), &true.into())
    );
    assert_eq!(one["changes"][0]["because"], "the bound is higher");
    sandbox.write("intents/csv.toml", CSV.replace("CSV to", "# to"));
    assert_eq!(last(&["diff"]), "only informative: the approval holds");
    std::fs::remove_file(sandbox.path("intents/csv.toml")).unwrap();
    sandbox.intent(&["diff"]).ok().says("- retired  weaker").says("the approval ends with it");
}

#[test]
fn revisions_ranges_and_renames_are_understood() {
    let sandbox = project();
    sandbox.git(&["tag", "-a", "v1", "-m", "one"]);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("intents/csv.toml", CSV.replace("0.01", "0.02"));
    sandbox.commit("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["mv", "intents/csv.toml", "intents/csv2json.toml"]);
    sandbox.git(&["mv", "intents/csv", "intents/csv2json"]);
    sandbox.commit("rename");
    for args in [
        &["diff", "v1"][..],
        &["diff", "v1..HEAD"],
        &["diff", "v1..", "csv"],
        &["diff", "HEAD~1", "csv2json"],
    ] {
        let ran = sandbox.intent(args).ok();
        let wanted = "csv2json  CSV to JSON\n  → renamed: was csv\n  only informative: the digest stays\n";
        assert_eq!(ran.stdout, wanted, "{args:?}");
    }
    let ran = sandbox.intent(&["diff", "main...side"]).ok().says("0.01 → 0.02");
    assert!(!ran.stdout.contains("renamed"), "{}", ran.stdout);
    // A bare repository has commits to compare, and no work tree.
    let bare = sandbox.home.join("bare.git");
    sandbox.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let in_bare = |args: &[&str]| finish(sandbox.command(INTENT).args(args).current_dir(&bare));
    in_bare(&["diff", "v1..main"]).ok().says("was csv");
    in_bare(&["diff"]).exits(2).says("without a work tree");
}

#[test]
fn bad_input_is_named_with_what_mends_it() {
    let sandbox = project();
    sandbox.intent(&["diff", "nope"]).exits(2).says("neither an intent nor a revision");
    sandbox.intent(&["diff", "csw"]).exits(2).says("did you mean `csv`?");
    sandbox.intent(&["diff", "HEAD", "csw"]).exits(2).says("did you mean `csv`?");
    sandbox.intent(&["diff", "v9..HEAD"]).exits(2).says("\"v9\" names no commit here").says("git log");
    sandbox.intent(&["diff", "HEAD:README.md", "csv"]).exits(2).says("names no commit");
    sandbox.git(&["branch", "csv"]);
    sandbox
        .intent(&["diff", "csv"])
        .exits(2)
        .says("is an intent and a revision")
        .says("cargo intent diff HEAD csv");
    sandbox.git(&["branch", "-D", "csv"]);
    sandbox.write("intents/other.toml", CSV);
    sandbox.write("intents/csv.toml", format!("{CSV}<<<<<<< a\nx = 1\n=======\nx = 2\n>>>>>>> b\n"));
    let ran = sandbox.intent(&["diff"]).exits(2);
    assert!(ran.stderr.contains("--> intents/csv.toml:33:1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("unsolved merge conflict"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("other  CSV to JSON\n  + new intent\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("retired"), "{}", ran.stdout);
    sandbox.intent(&["diff", "other"]).ok();
    sandbox.commit("conflict and all");
    sandbox.write("intents/csv.toml", CSV);
    sandbox.intent(&["diff"]).exits(2).says("--> HEAD:intents/csv.toml:33:1");
    let json = sandbox.intent(&["diff", "--format", "json"]).exits(2).json();
    assert_eq!(json["problems"][0]["line"], 33);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let sandbox = Sandbox::unborn();
    sandbox.intent(&["diff"]).ok().says("no intent differs between nothing and the work tree");
    sandbox.write("intents/a.toml", "schema = 1\ntitle = \"x\\u001b[2J\"\noutcome = \"o\"\n");
    let ran = sandbox.intent(&["diff", "--color", "never"]).ok();
    assert_eq!(ran.stdout, "a  x\\u{1b}[2J\n  + new intent\n  + outcome: o\n  not approved yet\n");
    sandbox.intent(&["diff", "HEAD"]).exits(2).says("no commit yet");
}

#[test]
fn many_intents_are_compared_without_a_process_each() {
    let sandbox = project();
    for number in 0..300 {
        sandbox.write(&format!("intents/n{number:03}.toml"), CSV.replace("0.01", "0.02"));
        sandbox.write(&format!("intents/n{number:03}/one/input"), "a");
    }
    sandbox.commit("many");
    for number in 0..300 {
        sandbox.write(&format!("intents/n{number:03}.toml"), CSV.replace("0.01", "0.03"));
    }
    // A git that writes down each time it is started.
    let git = which::which("git").unwrap();
    sandbox.write(".git/bin/git", format!("#!/bin/sh\necho >> ../calls\nexec {} \"$@\"\n", git.display()));
    sandbox.run("chmod", &["+x", ".git/bin/git"]).ok();
    let path = format!("{}:{}", sandbox.path(".git/bin").display(), std::env::var("PATH").unwrap());
    let ran = finish(sandbox.command(INTENT).arg("diff").env("PATH", path)).ok();
    assert_eq!(ran.stdout.matches("0.02 → 0.03").count(), 300);
    let calls = std::fs::read_to_string(sandbox.home.parent().unwrap().join("calls")).unwrap();
    assert!(calls.lines().count() <= 5, "git was started {} times", calls.lines().count());
}
