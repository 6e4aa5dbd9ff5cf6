//! Where `cargo intent check --prove` finds a base by itself, and what it leaves on disk.

use super::check::check;
use super::list::SMALL;
use crate::support::Sandbox;

#[test]
fn the_base_of_a_check_is_found_behind_a_new_name_of_its_intent() {
    let sandbox = Sandbox::new();
    sandbox.write("word.txt", "one\n");
    let before = sandbox.commit("before");
    let word = check("word", "run = \"grep -c two word.txt\"");
    sandbox.write("intents/old.toml", format!("{SMALL}{word}"));
    sandbox.write("word.txt", "two\n");
    sandbox.commit("want the word");
    sandbox.git(&["mv", "intents/old.toml", "intents/new.toml"]);
    let renamed = sandbox.commit("call it new");
    sandbox.write(
        "intents/new.toml",
        format!("{SMALL}{word}{}", check("later", "run = \"grep -c w word.txt\"")),
    );
    sandbox.commit("want more");
    let told = sandbox.intent(&["check", "--prove", "--format", "json"]).exits(1).json();
    let of = |id: &str| {
        let proofs = told["proofs"].as_array().unwrap();
        proofs.iter().find(|proof| proof["check"] == id).unwrap_or_else(|| panic!("{id} in {told}")).clone()
    };
    assert_eq!((&of("word")["verdict"], &of("word")["base"]), (&"proven".into(), &before.into()), "{told}");
    assert_eq!(
        (&of("later")["verdict"], &of("later")["base"]),
        (&"vacuous".into(), &renamed.into()),
        "{told}"
    );

    let state = std::fs::read_dir(sandbox.home.join("state/personal-factory")).unwrap();
    let place = state.map(|entry| entry.unwrap().path().join("prove")).find(|place| place.is_dir()).unwrap();
    std::fs::create_dir_all(place.join("base-target/debug")).unwrap();
    sandbox.intent(&["check", "new"]).ok();
    assert!(place.join("base-target").exists() && place.join("base").exists(), "the next proof uses them");
    sandbox.run("touch", &["-d", "2020-01-01", place.join("lock").to_str().unwrap()]).ok();
    sandbox.intent(&["check", "new"]).ok().says("are removed");
    assert!(!place.join("base-target").exists() && !place.join("base").exists());
    sandbox.intent(&["check", "new", "--prove"]).exits(1);
    assert!(place.join("base").exists());
}

#[test]
fn its_two_counts_are_told_apart_and_the_one_that_decides_comes_last() {
    let sandbox = Sandbox::new();
    sandbox.git(&["switch", "-q", "-c", "work"]);
    let wanted = "schema = 1\ntitle = \"Say it\"\noutcome = \"It is said.\"\n";
    let done = "[[acceptance]]\nid = \"done\"\nrun = \"grep -c done result.txt\"\n";
    let empty = "[[acceptance]]\nid = \"empty\"\nrun = \"cat README.md\"\n";
    let last = |checks: &str, code: i32| {
        sandbox.write("intents/x.toml", format!("{wanted}{checks}"));
        let told = sandbox.intent(&["check", "--prove", "--base", "main"]).exits(code).stderr;
        told.lines().rev().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    sandbox.write("result.txt", "done\n");
    sandbox.commit("say it");
    assert_eq!(last(done, 0), ["checks: 1 pass", "proofs: 1 proven"]);
    assert_eq!(last(&format!("{done}{empty}"), 1), ["proofs: 1 proven, 1 vacuous", "checks: 2 pass"]);
}
