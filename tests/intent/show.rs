//! `cargo intent show`, and the digest it names.

use super::list::SMALL;
use crate::support::{INTENT, Sandbox, on_terminal};
use factory::operations::digest::{AtCommit, Digester, InFolder};
use factory::storage::intents;
use factory::storage::repo::Repo;
use unicode_width::UnicodeWidthStr;

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
    assert_eq!(entries["fixture/one/input.txt"].held().unwrap(), b"a\nb\n");
    assert!(entries.contains_key("acceptance/bound/item/tests/accept.rs/0"));
    sandbox.write("tests/accept.rs", "#[test] #[ignore] fn bom() {}\n");
    assert_ne!(digest(&sandbox), before);
}

#[test]
fn a_large_intent_fits_the_screen_it_is_shown_on_and_says_where_the_rest_is() {
    let sandbox = Sandbox::new();
    let mut text = format!(
        "schema = 1\ntitle = \"{0}\"\noutcome = \"{0} {0} {0}\"\n",
        "日本語 and long words ".repeat(6)
    );
    for number in 0..9 {
        text.push_str(&format!(
            "[[constraint]]\nid = \"c{number}\"\nkind = \"ux\"\ntext = \"{}\"\n",
            "bound ".repeat(20)
        ));
        text.push_str(&format!(
            "[[acceptance]]\nid = \"a{number}\"\nrun = \"echo {}\"\n",
            "word ".repeat(20)
        ));
    }
    sandbox.write("intents/x.toml", &text);
    for columns in [80, 40] {
        let shown = on_terminal(&sandbox, columns, &format!("{INTENT} show x"));
        let wide = |line: &&str| factory::terminal::safe::uncoloured(line).width() > usize::from(columns);
        assert_eq!(shown.lines().find(wide), None, "{shown:?}");
        assert!(shown.lines().count() <= 23, "{shown}");
        assert!(shown.contains("cut to fit; all of it: intents/x.toml") && shown.contains("more"), "{shown}");
    }
    let piped = sandbox.intent(&["show", "x"]).ok();
    assert!(piped.stdout.contains("a8") && !piped.stderr.contains("cut to fit"));
}

#[test]
fn for_an_agent_it_is_the_brief() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/x.toml", WHOLE);
    sandbox.write("intents/x/one/input.csv", "a,b\n");
    let shown = sandbox.intent(&["show", "x", "--for", "agent"]).ok();
    assert!(shown.stdout.starts_with("# Turn CSV into JSON\n\nOne command does it."), "{}", shown.stdout);
    assert!(
        shown.stdout.contains("- `intents/x/one`: input.csv")
            && shown.stdout.contains("Change only `src/**`")
    );
    let json = sandbox.intent(&["show", "x", "--for", "agent", "--format", "json"]).ok().json();
    assert_eq!(json["brief"].as_str(), Some(shown.stdout.as_str()));
}
