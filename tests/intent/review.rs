//! `cargo intent review`.

use super::work::{build, built, project};

#[test]
fn one_screen_has_outcome_verdicts_files_and_what_is_yours_to_judge() {
    let sandbox = built();
    let screen = sandbox.intent(&["review"]).ok().stdout;
    for part in [
        "say: Say done",
        "result.txt says done.",
        "pass       say/says-done",
        "+1     -0  result.txt",
        "constraint kind-words: It is said kindly.",
        "I said it.",
        "not approved yet",
    ] {
        assert!(screen.contains(part), "no {part:?} in\n{screen}");
    }
    sandbox.intent(&["review", "say", "--diff"]).ok().says("+done");
}

#[test]
fn what_passed_is_listed_by_review_and_not_by_the_build_before_it() {
    let sandbox = project("echo done > result.txt");
    let built = sandbox.intent(&["build", "say"]).ok().says("1 passed").says("next: cargo intent review say");
    assert!(!built.stdout.contains("says-done"), "{}", built.stdout);
    sandbox.intent(&["review", "say"]).ok().says("pass       say/says-done");
    let sandbox = project("echo no > result.txt");
    sandbox.intent(&["build", "say", "--rounds", "1"]).exits(1).says("fail       say/says-done");
}

#[test]
fn it_is_the_same_as_json() {
    let sandbox = built();
    let json = sandbox.intent(&["review", "say", "--format", "json"]).ok().json();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["files"][0]["path"], "result.txt");
    assert_eq!(json["reports"][0]["verdict"], "pass");
    assert_eq!(json["unheld"][0]["id"], "kind-words");
}

#[test]
fn what_an_agent_says_cannot_act_on_the_terminal() {
    let sandbox = project("echo done > result.txt; printf 'look \\033[2J here\\n'");
    build(&sandbox, &[]).ok();
    let screen = sandbox.intent(&["review", "say"]).ok().stdout;
    assert!(!screen.contains('\u{1b}') && screen.contains("\\u{1b}[2J"), "{screen}");
}

#[test]
fn an_edited_test_that_the_intent_names_is_marked() {
    let sandbox = project("echo done > result.txt; sed -i 's/2/3/' src/lib.rs");
    let text = sandbox.read("intents/say.toml") + "\n[[acceptance]]\nid = \"adds\"\ntest = \"adds_up\"\n";
    sandbox.write("intents/say.toml", text);
    sandbox.write("src/lib.rs", "#[test]\nfn adds_up() {\n    assert_eq!(1 + 1, 2);\n}\n");
    sandbox.commit("a bound test");
    build(&sandbox, &["--rounds", "1"]).exits(1);
    let json = sandbox.intent(&["review", "say", "--format", "json"]).ok().json();
    let marked = json["files"].as_array().unwrap().iter().find(|f| f["path"] == "src/lib.rs").unwrap();
    assert_eq!(marked["edited_check"], true);
}

#[test]
fn what_a_bound_test_hangs_on_is_marked_too() {
    let sandbox = project(
        "echo done > result.txt; echo 'pub fn sum() -> i32 { 2 }' > tests/common/mod.rs; \
         printf '#[test]\\nfn fresh() {}\\n' > tests/more.rs; echo 'fn spare() {}' > tests/spare.rs",
    );
    let check = |id: &str| format!("\n[[acceptance]]\nid = \"{id}\"\ntest = \"{id}\"\n");
    let text = sandbox.read("intents/say.toml").replace("\"src/**\"", "\"tests/**\"");
    sandbox.write("intents/say.toml", text + &check("adds_up") + &check("fresh"));
    sandbox.write("Cargo.toml", "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    sandbox.write("src/lib.rs", "");
    sandbox.write("tests/common/mod.rs", "pub fn sum() -> i32 { 1 + 1 }\n");
    sandbox.write("tests/a.rs", "mod common;\n#[test]\nfn adds_up() { assert_eq!(common::sum(), 2); }\n");
    sandbox.commit("a bound test with a helper");
    build(&sandbox, &["--rounds", "1"]);
    let json = sandbox.intent(&["review", "say", "--format", "json"]).ok().json();
    let files = json["files"].as_array().unwrap();
    let marked = files.iter().filter(|file| file["edited_check"] == true);
    let marked: Vec<&str> = marked.map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(marked, ["tests/common/mod.rs", "tests/more.rs"], "a helper, and a test nobody saw yet");
    assert_eq!(files.len(), 4);
}

#[test]
fn nothing_to_review_is_told_apart() {
    let sandbox = project("exit 1");
    sandbox.intent(&["review"]).ok();
    sandbox.intent(&["review", "say"]).exits(2).says("not built yet");
    sandbox.intent(&["review", "says"]).exits(2).says("did you mean");
}
