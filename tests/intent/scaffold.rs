//! `cargo intent build --agent scaffold`: what a crate lacks, and tests from its examples.

use crate::support::{Ran, Sandbox, wait_for};

const INTENT: &str = "schema = 1
title = \"Say things\"
outcome = \"It says what it is given.\"
[[acceptance]]
id = \"cases\"
fixtures = \"say {input}\"
compare = \"json\"
[[acceptance]]
id = \"loud-one\"
fixtures = \"say --loud\"
compare = \"text\"
case = \"loud\"
[[acceptance]]
id = \"sorted\"
fixtures = \"sort {input}\"
case = \"numbers\"
";

/// A workspace of an older edition, whose package `app` has the binary the examples run.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"2\"\n");
    sandbox.write(
        "crates/other/Cargo.toml",
        "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2018\"\n",
    );
    sandbox.write("crates/other/src/lib.rs", "");
    let bin = "[[bin]]\nname = \"say\"\npath = \"src/main.rs\"\n";
    sandbox.write(
        "crates/app/Cargo.toml",
        format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2018\"\n{bin}"),
    );
    sandbox.write(
        "crates/app/src/main.rs",
        "use std::io::Read;
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut text = String::new();
    if words[0] == \"--loud\" {
        std::io::stdin().read_to_string(&mut text).unwrap();
        println!(\"{}{}   \", text.trim().to_uppercase(), words.get(1).map_or(\"\", |w| w));
        std::process::exit(3);
    }
    println!(\"{}\", std::fs::read_to_string(&words[0]).unwrap() + &std::env::var(\"MORE\").unwrap_or_default());
}
",
    );
    sandbox.write(".gitignore", "target\n");
    sandbox.write("crates/app/tests/mine.rs", "#[test]\nfn mine() {}\n");
    sandbox.write("intents/say.toml", INTENT);
    for (path, text) in [
        ("people/input.json", "[1"),
        ("people/env", "MORE=, {\"b\": \"\\u0061\", \"a\": 2}]\n"),
        ("people/expected.json", "[1.0, {\"a\": 2, \"b\": \"a\"}]"),
        ("2 days/input.json", "{}"),
        ("2 days/expected.json", "{}"),
        ("waits/input.json", "{}"),
        ("numbers/input", "2\n1\n"),
        ("numbers/expected", "1\n2\n"),
        ("loud/input.txt", "hey"),
        ("loud/args", "' you'\n"),
        ("loud/exit", "3"),
        ("loud/expected.txt", "HEY you\n\n"),
    ] {
        sandbox.write(&format!("intents/say/{path}"), text);
    }
    sandbox.run("cargo", &["generate-lockfile"]).ok();
    sandbox.commit("want it");
    sandbox
}

const FILE: &str = "crates/app/tests/intent_say.rs";

fn cargo_test(sandbox: &Sandbox) -> Ran {
    crate::support::finish(
        sandbox
            .command("cargo")
            .args(["test", "--offline", "--package", "app", "--test", "intent_say", "--", "--test-threads=1"])
            .env("RUSTFLAGS", "-Dwarnings"),
    )
}

#[test]
fn a_crate_that_exists_gets_a_test_for_each_example_and_nothing_else() {
    let sandbox = workspace();
    let built = sandbox.intent(&["build", "say", "--agent", "scaffold", "--format", "json"]);
    let rationale = built.json()["rationale"].as_str().unwrap().to_owned();
    assert!(rationale.contains(FILE) && rationale.contains("binary `sort`"), "{rationale}");
    assert_eq!(sandbox.git(&["diff", "--name-only", "HEAD", "intent/say"]).trim(), FILE);
    sandbox.git(&["merge", "-q", "intent/say"]);

    let tested = cargo_test(&sandbox).ok();
    for line in [
        "test cases::people ... ok",
        "test cases::case_2_days ... ok",
        "test cases::waits ... ignored, write intents/say/waits/expected.*",
        "test cases::every_case_has_a_test ... ok",
        "test loud_one::loud ... ok",
    ] {
        assert!(tested.stdout.contains(line), "no {line:?} in\n{}", tested.stdout);
    }
    sandbox.run("rustfmt", &["--check", FILE]).ok();

    // A wrong answer, an answer that is said by now, and an example without a test.
    sandbox.write("intents/say/2 days/expected.json", "{\"a\": 1}");
    sandbox.write("intents/say/waits/expected.json", "{}");
    let tested = cargo_test(&sandbox).exits(101);
    assert!(tested.stdout.contains("test cases::people ... ok"), "{}", tested.stdout);
    assert!(tested.stdout.contains("$[\"a\"]: missing, expected Whole(1)"), "{}", tested.stdout);
    tested.says("says what is right by now; run: cargo intent build say --agent scaffold");
    sandbox.write("intents/say/new/input.json", "{}");
    sandbox.write("intents/say/new/expected.json", "{}");
    cargo_test(&sandbox).exits(101).says("no test for [\"new\"] in intents/say; run: cargo intent build say");
    sandbox.intent(&["check", "--no-run"]).says(&format!("say: {FILE} does not follow its examples"));

    sandbox.write("intents/say/2 days/expected.json", "{}");
    std::fs::remove_dir_all(sandbox.path("intents/say/waits")).unwrap();
    sandbox.commit("more");
    // Whoever works on the intent, the tests follow it; what an agent writes into them does not stay.
    sandbox
        .write("factory.toml", format!("[agent.vandal]\ncommand = \"sed -i s/mod.cases/mod_x/ {FILE}\"\n"));
    sandbox.commit("an agent");
    sandbox.intent(&["build", "say", "--agent", "vandal"]);
    sandbox.git(&["merge", "-q", "intent/say"]);
    let tested = cargo_test(&sandbox).ok();
    assert!(tested.stdout.contains("test cases::new ... ok"), "{}", tested.stdout);
    assert!(!tested.stdout.contains("waits"), "{}", tested.stdout);
    let checked = sandbox.intent(&["check", "--no-run"]);
    assert!(!checked.stderr.contains("does not follow"), "{}", checked.stderr);
    assert_eq!(sandbox.read("crates/app/tests/mine.rs"), "#[test]\nfn mine() {}\n");
}

#[test]
fn a_test_does_not_wait_for_a_program_that_its_command_left_behind() {
    let sandbox = workspace();
    let (go, ended) = (sandbox.home.join("go"), sandbox.home.join("ended"));
    let left = format!(
        "n=0; while [ ! -e {} ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n + 1)); done; touch {}",
        go.display(),
        ended.display()
    );
    let main = sandbox.read("crates/app/src/main.rs").replace(
        "    let mut text",
        &format!(
            "    std::process::Command::new(\"sh\").args([\"-c\", {left:?}]).spawn().unwrap();\n    let mut text"
        ),
    );
    sandbox.write("crates/app/src/main.rs", main);
    std::fs::remove_dir_all(sandbox.path("intents/say/2 days")).unwrap();
    sandbox.commit("leaves something behind");
    sandbox.intent(&["build", "say", "--agent", "scaffold"]);
    sandbox.git(&["merge", "-q", "intent/say"]);
    cargo_test(&sandbox).ok();
    assert!(!ended.exists(), "the tests waited");
    std::fs::write(&go, "").unwrap();
    wait_for("what was left behind to end", 20, || ended.exists().then_some(()));
}

#[test]
fn tests_are_written_through_no_link_and_that_is_said() {
    let sandbox = workspace();
    std::fs::remove_dir_all(sandbox.path("crates/app/tests")).unwrap();
    std::os::unix::fs::symlink("../other/src", sandbox.path("crates/app/tests")).unwrap();
    sandbox.commit("tests are elsewhere");
    let built = sandbox.intent(&["build", "say", "--agent", "scaffold"]);
    built.exits(2).says("crates/app/tests is a link, and tests are written through none");
    assert!(!sandbox.path("crates/other/src/intent_say.rs").exists());
}

#[test]
fn a_file_that_a_person_wrote_is_not_touched() {
    let sandbox = workspace();
    sandbox.write(FILE, "// my own\n");
    sandbox.commit("mine");
    let built = sandbox.intent(&["build", "say", "--agent", "scaffold"]);
    built.exits(2).says(&format!("{FILE} is there already, and nothing of ours"));
    sandbox.intent(&["check", "--no-run"]).ok();
}
