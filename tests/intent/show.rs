//! `cargo intent show`, and the digest it names.

use super::list::SMALL;
use crate::support::Sandbox;
use factory::operations::digest::{AtCommit, Digester, InFolder};
use factory::storage::intents;
use factory::storage::repo::Repo;

const WHOLE: &str = r#"schema = 1
title = "Turn CSV into JSON"
outcome = "One command does it."
out-of-scope = ["Excel"]
[scope]
write = ["src/**"]
[[constraint]]
id = "quiet"
kind = "ux"
text = "No noise."
check = "works"
[[constraint]]
id = "kind"
kind = "ux"
text = "Friendly words."
[[contract]]
id = "licence"
kind = "file"
path = "LICENSE"
[[acceptance]]
id = "works"
run = "true"
[[acceptance]]
id = "cases"
text = "Every example converts"
fixtures = "cat {input}"
compare = "json"
[[acceptance]]
id = "bound"
test = "accept::bom"
"#;

fn digest(sandbox: &Sandbox) -> String {
    let shown = sandbox.intent(&["show", "x", "--format", "json"]).ok().json();
    shown["digest"].as_str().unwrap().to_owned()
}

#[test]
fn one_screen_says_what_is_wanted_and_how_one_will_know() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/x.toml", WHOLE);
    sandbox.write("intents/x/one/input.csv", "a,b\n");
    sandbox
        .intent(&["show", "x"])
        .ok()
        .says("One command does it.")
        .says("out of scope: Excel")
        .says("ux: No noise. (held by works)")
        .says("ux: Friendly words. (a person judges it)")
        .says("the file LICENSE")
        .says("Every example converts — `cat {input}` gives what is expected in each case, as JSON")
        .says("one/input.csv  4 B")
        .says("unapproved  digest ");
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let sandbox = Sandbox::new();
    sandbox.intent(&["show", "csv2json"]).exits(2).says("cargo intent new csv2json");
    sandbox.write("intents/csv2json.toml", SMALL);
    sandbox.intent(&["show", "csv2jsn"]).exits(2).says("did you mean `csv2json`?");
    sandbox.intent(&["show", "../../etc/passwd"]).exits(2).says("no intent is called");
    sandbox.intent(&["show", "intents/csv2json.toml"]).ok();
}

#[test]
fn a_broken_file_is_shown_with_every_problem() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/x.toml", "schema = 1\noutcome = 3\n");
    sandbox.intent(&["show", "x"]).exits(2).says("has no `title`").says("--> intents/x.toml:2:11");
}

#[test]
fn the_digest_is_the_same_in_the_work_tree_and_in_the_commit() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "*.txt text eol=crlf\n");
    sandbox.write("intents/x.toml", WHOLE);
    sandbox.write("intents/x/one/input.txt", "a\r\nb\r\n");
    sandbox.write("LICENSE", "MIT\n");
    sandbox.write("Cargo.toml", "[package]\nname = \"p\"\n");
    sandbox.write("tests/suite.rs", "mod accept;\n");
    sandbox.write("tests/accept.rs", "#[test] fn bom() {}\n");
    let before = digest(&sandbox);
    sandbox.commit("all");
    assert_eq!(digest(&sandbox), before, "git's clean filter makes LF of CRLF in both");
    let repo = Repo::discover(&sandbox.repo).unwrap();
    let intent = intents::one(&sandbox.repo, "x").unwrap().intent;
    let at = AtCommit::new(&repo, repo.require_head().unwrap());
    assert_eq!(Digester::new(&at).digest(&intent).unwrap(), before);
    let folder = InFolder::new(&repo);
    let entries = Digester::new(&folder).entries(&intent).unwrap();
    assert_eq!(entries["fixture/one/input.txt"].bytes, b"a\nb\n");
    assert!(entries.contains_key("acceptance/bound/item/tests/accept.rs/0"));
    sandbox.write("tests/accept.rs", "#[test] #[ignore] fn bom() {}\n");
    assert_ne!(digest(&sandbox), before);
}
