//! `cargo intent log`.

use crate::support::{INTENT, Sandbox, finish};

const CSV: &str = r#"schema = 1
title = "CSV to JSON"
outcome = "One command turns an export into JSON."
rationale = "because"
[[constraint]]
id = "quiet"
kind = "ux"
text = "Nothing on stdout."
check = "bad-row"
[[acceptance]]
id = "bad-row"
run = "csv2json broken.csv"
exit = 2
[[acceptance]]
id = "few"
signal = "error-rate"
max = 0.01
[[acceptance]]
id = "bom"
test = "accept::bom"
"#;

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\n");
    sandbox.write("tests/suite.rs", "mod accept;\n");
    sandbox
        .write("tests/accept.rs", "#[test]\nfn bom() {\n    assert_eq!(1, 1);\n}\n#[test]\nfn other() {}\n");
    sandbox.write("intents/csv.toml", CSV);
    sandbox.write("intents/csv/ascii/input.csv", "a");
    sandbox.commit("say what is wanted");
    sandbox
}

fn edit(sandbox: &Sandbox, file: &str, old: &str, new: &str, message: &str) -> String {
    let text = sandbox.read(file);
    assert!(text.contains(old), "{old:?} in {text}");
    sandbox.write(file, text.replace(old, new));
    sandbox.commit(message)
}

/// Each line without commit and day.
fn lines(sandbox: &Sandbox, slug: &str) -> Vec<String> {
    let ran = sandbox.intent(&["log", slug]).ok();
    let day = |line: &str| line.splitn(3, "  ").nth(2).unwrap().to_owned();
    ran.stdout.lines().map(day).collect()
}

#[test]
fn each_commit_that_changed_it_is_one_line_that_says_what() {
    let sandbox = project();
    edit(&sandbox, "intents/csv.toml", "0.01", "0.05", "raise");
    edit(&sandbox, "README.md", "project", "thing", "elsewhere");
    edit(
        &sandbox,
        "tests/accept.rs",
        "fn other() {}",
        "fn other() { }\n#[test]\nfn third() {}",
        "another test",
    );
    edit(&sandbox, "tests/accept.rs", "    assert_eq!(1, 1);\n", "", "empty the test");
    edit(&sandbox, "intents/csv.toml", "because", "it hurts", "why");
    edit(&sandbox, "intents/csv/ascii/input.csv", "a", "b", "another input");
    let head = edit(&sandbox, "intents/csv.toml", "schema = 1", "# note\nschema = 1", "a comment");
    assert_eq!(
        lines(&sandbox, "csv"),
        [
            "only layout, order or comments  a comment",
            "case ascii/input.csv: a → b  another input",
            "rationale: because → it hurts  why",
            "check bom: the test itself (tests/accept.rs) (weaker)  empty the test",
            "check few max: 0.01 → 0.05 (weaker)  raise",
            "new intent: 1 constraints, 3 checks  say what is wanted",
        ]
    );
    let json = sandbox.intent(&["log", "intents/csv.toml", "--format", "json"]).ok().json();
    assert_eq!(json["commits"][0]["commit"], head);
    assert_eq!(json["commits"][0]["digest"], json["commits"][1]["digest"]);
    assert_ne!(json["commits"][1]["digest"], json["commits"][3]["digest"]);
    assert_eq!(json["commits"][4]["changes"][0]["strength"], "weaker");
    assert_eq!(json["complete"], true);
}

#[test]
fn a_version_that_cannot_be_read_is_said_and_the_log_goes_on() {
    let sandbox = project();
    edit(&sandbox, "intents/csv.toml", "exit = 2", "exit = 2\noops", "break");
    edit(&sandbox, "intents/csv.toml", "exit = 2\noops", "exit = 1\noops", "still broken");
    edit(&sandbox, "intents/csv.toml", "exit = 1\noops", "exit = 1", "mend");
    let said = lines(&sandbox, "csv");
    assert_eq!(said[0], "check bad-row exit: 2 → 1  mend");
    assert!(said[1].starts_with("cannot be read: line 14: malformed TOML"), "{said:?}");
    assert_eq!(said.len(), 4);
    sandbox.write("intents/csv.toml", "<<<<<<< a\ntitle = \"x\"\n=======\ntitle = \"y\"\n>>>>>>> b\n");
    sandbox.commit("a merge nobody finished");
    let said = lines(&sandbox, "csv");
    assert_eq!(
        said[0],
        "cannot be read: line 1: the file holds an unsolved merge conflict  a merge nobody finished"
    );
    let json = sandbox.intent(&["log", "csv", "--format", "json"]).ok().json();
    assert_eq!(json["commits"][0]["state"], "broken");
    assert_eq!(json["commits"][0]["problems"][0]["line"], 1);
}

#[test]
fn a_renamed_intent_is_followed_and_a_retired_one_is_still_told() {
    let sandbox = project();
    sandbox.git(&["mv", "intents/csv.toml", "intents/csv2json.toml"]);
    sandbox.git(&["mv", "intents/csv", "intents/csv2json"]);
    sandbox.commit("rename");
    assert_eq!(
        lines(&sandbox, "csv2json"),
        ["renamed: was csv  rename", "new intent: 1 constraints, 3 checks  say what is wanted"]
    );
    sandbox.git(&["rm", "-rq", "intents/csv2json.toml", "intents/csv2json"]);
    sandbox.commit("retire");
    assert_eq!(lines(&sandbox, "csv2json")[0], "retired (weaker)  retire");
    assert_eq!(lines(&sandbox, "csv2json").len(), 3);
}

#[test]
fn what_a_branch_changed_is_told_once_and_not_again_by_the_merge() {
    let sandbox = project();
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    edit(&sandbox, "intents/csv.toml", "check = \"bad-row\"\n", "", "drop");
    sandbox.git(&["checkout", "-q", "main"]);
    edit(&sandbox, "README.md", "project", "thing", "elsewhere");
    sandbox.git(&["merge", "-q", "side", "-m", "merge side"]);
    assert_eq!(
        lines(&sandbox, "csv"),
        [
            "- constraint quiet check: bad-row (weaker)  drop",
            "new intent: 1 constraints, 3 checks  say what is wanted"
        ]
    );
}

#[test]
fn where_there_is_nothing_to_tell_it_says_why() {
    let sandbox = Sandbox::unborn();
    sandbox.intent(&["log", "x"]).exits(2).says("no commit yet");
    let sandbox = project();
    sandbox.intent(&["log", "csw"]).exits(2).says("did you mean `csv`?");
    sandbox.write("intents/fresh.toml", CSV);
    sandbox.intent(&["log", "fresh"]).ok().says("no commit holds fresh yet");
    edit(&sandbox, "README.md", "project", "thing", "elsewhere");
    let clone = sandbox.home.join("shallow");
    let url = format!("file://{}", sandbox.repo.display());
    sandbox.git(&["clone", "-q", "--depth", "1", &url, clone.to_str().unwrap()]);
    let mut command = sandbox.command(INTENT);
    let ran = finish(command.args(["log", "csv"]).current_dir(clone)).ok();
    ran.says("was there already where the history of this clone begins").says("git fetch --unshallow");
}
