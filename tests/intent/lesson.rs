//! `cargo intent lesson`, and the rules where they are held: check, build, ship.

use super::check::has_line;
use super::work::{build, events, project};
use crate::support::Sandbox;

const FILE: &str = "intents/lessons.toml";

const RULE: &str = "schema = 1

[[lesson]]
id = \"no-unwrap\"   # mine
kind = \"rule\"
text = \"Hand the error on\"
pattern = '\\.unwrap\\(\\)'
paths = [\"src/**/*.rs\"]
bad = [\"x.unwrap()\"]
good = [\"x?\"]
";

#[test]
fn a_lesson_is_added_listed_and_made_a_rule_in_a_file_that_stays_as_it_was_written() {
    let sandbox = Sandbox::new();
    sandbox.intent(&["lesson", "list"]).ok().says("no lessons yet");
    sandbox
        .intent(&["lesson", "add", "Hand errors on", "--scope", "src/**"])
        .ok()
        .says("added hand-errors-on");
    sandbox.intent(&["lesson", "add", "Hand errors on"]).exits(2).says("says this already");
    let text = format!("{}# the end\n", sandbox.read(FILE).replace("text = ", "# why\ntext = "));
    sandbox.write(FILE, &text);
    sandbox.write("t/note.md", "# Title\n");
    let template = ["lesson", "add", "Begin notes here", "--template", "t/note.md", "--count", "3"];
    sandbox.intent(&template).ok();
    sandbox.intent(&["lesson", "add", "x y", "--template", "t/none.md"]).exits(2).says("no file");
    assert!(sandbox.read(FILE).starts_with(text.as_str()), "{}", sandbox.read(FILE));

    let promote = |pattern: &str, good: &str| {
        let rest = ["--paths", "src/**", "--bad", "a.unwrap()", "--good", good, "--pattern", pattern];
        sandbox.intent(&[&["lesson", "promote", "hand-errors-on"], &rest[..]].concat())
    };
    let before = sandbox.read(FILE);
    promote("expect", "a?").exits(2).says("does not catch its bad example \"a.unwrap()\"");
    promote("unwrap|a", "a?").exits(2).says("catches its good example \"a?\"");
    promote("(", "a?").exits(2).says("unclosed group");
    assert_eq!(sandbox.read(FILE), before, "nothing was changed");
    sandbox.write("src/a.rs", "fn f() {}\n    g().unwrap();\n");
    promote(r"\.unwrap\(", "a?").ok().says("it catches already: src/a.rs:2:8 Hand errors on");
    promote(r"\.unwrap\(", "a?").exits(2).says("a rule already");
    assert!(sandbox.read(FILE).contains("kind = \"rule\"\n# why\ntext"), "{}", sandbox.read(FILE));
    let json = sandbox.intent(&["lesson", "list", "--format", "json"]).ok().json();
    assert_eq!(json["lessons"][0]["rule"]["pattern"], r"\.unwrap\(");
    assert_eq!(
        (json["lessons"][1]["kind"].as_str(), json["lessons"][1]["count"].as_u64()),
        (Some("template"), Some(3))
    );
    sandbox
        .intent(&[
            "lesson",
            "promote",
            "hand-erors",
            "--pattern",
            "x",
            "--paths",
            "a",
            "--bad",
            "x",
            "--good",
            "y",
        ])
        .exits(2)
        .says("did you mean `hand-errors-on`?");
}

#[test]
fn check_names_every_line_a_rule_matches_and_leaves_out_what_git_ignores() {
    let sandbox = Sandbox::new();
    sandbox.write(FILE, RULE);
    has_line(&sandbox.intent(&["check"]).ok(), "pass        lessons/no-unwrap");
    sandbox.write(".gitignore", "src/generated.rs\n");
    sandbox.write("src/generated.rs", "a.unwrap()\n");
    sandbox.write("src/blob.rs", b"\0a.unwrap()\n");
    sandbox.write("docs/a.rs", "a.unwrap()\n");
    sandbox.write("src/bad.rs", b"\xff\xfe no text\n".repeat(3));
    has_line(&sandbox.intent(&["check", "--no-run"]).ok(), "pass        lessons/no-unwrap");
    sandbox.write("src/deep/b.rs", "\u{feff}ü.unwrap()\r\nx?\r\n  y.unwrap().z.unwrap()\r\n");
    let ran = sandbox.intent(&["check", "--no-run"]).exits(1);
    has_line(&ran, "fail        lessons/no-unwrap");
    let ran = ran.says("    src/deep/b.rs:1:2 Hand the error on\n    src/deep/b.rs:3:4 Hand the error on\n");
    assert_eq!(ran.stdout.matches("Hand the error on").count(), 3, "{}", ran.stdout);
    sandbox.intent(&["check", "lessons"]).exits(1);
    sandbox.write("intents/x.toml", super::list::SMALL);
    sandbox.intent(&["check", "x"]).ok();
    // A rule that fails its own examples says nothing about the files.
    sandbox.write(FILE, RULE.replace("[\"x?\"]", "[\"x.unwrap()\"]"));
    let ran = sandbox.intent(&["check", "lessons"]).exits(3);
    has_line(&ran, "unverified  lessons/no-unwrap");
    assert!(
        ran.stdout.contains("catches its good example") && !ran.stdout.contains("src/deep"),
        "{}",
        ran.stdout
    );
    sandbox.write(FILE, RULE.replace("pattern", "patern"));
    let ran =
        sandbox.intent(&["check"]).exits(2).says("intents/lessons.toml:7:1").says("did you mean `pattern`?");
    assert!(!ran.stdout.contains("lessons/"), "{}", ran.stdout);
    sandbox.write(FILE, "schema = 9\n");
    sandbox.intent(&["lesson", "list"]).exits(2).says("needs a newer version");
}

#[test]
fn an_agent_is_told_fragments_and_held_to_rules_in_what_it_changed() {
    let sandbox = project(
        "mkdir -p src; cp \"$1\" src/brief.md; echo 'x.unwrap()' > intents/lessons.toml
         if grep -q 'lessons/no-unwrap' \"$1\"; then echo 'f()?' > src/a.rs; else echo 'f().unwrap()' > src/a.rs; fi
         echo done > result.txt",
    );
    let more = "[[lesson]]\nid = \"told\"\nkind = \"fragment\"\ntext = \"Name the file in every error\"\nscope = [\"src/**\"]\n\
                [[lesson]]\nid = \"far\"\nkind = \"fragment\"\ntext = \"Only about notes\"\nscope = [\"notes/**\"]\n";
    sandbox.write(FILE, format!("{RULE}{more}"));
    sandbox.write("src/old.rs", "old().unwrap()\n");
    sandbox.commit("lessons, and a line from before them");
    let json = build(&sandbox, &[]).ok().json();
    assert_eq!(json["rounds"], 2, "the rule caught the first round: {json}");
    assert_eq!(sandbox.git(&["show", "intent/say:src/a.rs"]), "f()?\n");
    let brief = sandbox.git(&["show", "intent/say:src/brief.md"]);
    assert!(brief.contains("Name the file in every error") && !brief.contains("Only about notes"), "{brief}");
    assert!(brief.contains("src/a.rs:1:4 Hand the error on"), "{brief}");
    assert_eq!(sandbox.git(&["show", &format!("intent/say:{FILE}")]), format!("{RULE}{more}"), "protected");
    assert_eq!(events(&sandbox, "attempt")[0]["fired"], serde_json::json!(["no-unwrap"]));
    sandbox.intent(&["lesson", "list"]).ok().says("fired 1×");
}

#[test]
fn an_edit_by_hand_before_accepting_is_offered_as_a_lesson() {
    let sandbox = super::work::built();
    let state = sandbox.home.join("state/personal-factory");
    let place = std::fs::read_dir(state).unwrap().next().unwrap().unwrap().path();
    std::fs::write(place.join("worktrees/say/result.txt"), "done, kindly\n").unwrap();
    build(&sandbox, &["--resume", "--agent", "hand"]).ok();
    let ran = sandbox.intent(&["accept", "say"]).ok();
    let command = "cargo intent lesson add \"what you changed, and why\" --scope 'result.txt'";
    assert!(ran.stderr.contains(command), "{}", ran.stderr);
    // What an agent made and nobody edited offers nothing.
    let ran = super::work::built().intent(&["accept", "say"]).ok();
    assert!(!ran.stderr.contains("lesson"), "{}", ran.stderr);
}

#[test]
fn a_style_item_becomes_a_lesson_that_names_it_and_how_often_it_came_up() {
    let sandbox = Sandbox::new();
    sandbox.write("intents/say.toml", format!("{}[scope]\nwrite = [\"src/**\"]\n", super::list::SMALL));
    let add = |args: &[&str]| sandbox.feedback(args).ok().stdout.trim().to_owned();
    let id = add(&["add", "Name the file in every error", "--kind", "style"]);
    sandbox.feedback(&["promote", &id, "--run", "x"]).exits(2).says("a style item becomes a lesson");
    sandbox
        .feedback(&["promote", &id, "--intent", "say"])
        .ok()
        .says("added the lesson name-the-file-in-every");
    let text = sandbox.read(FILE);
    for line in ["kind = \"fragment\"", &format!("origin = \"{id}\""), "count = 1", "scope = [\"src/**\"]"] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    sandbox.feedback(&["show", &id]).ok().says("lesson name-the-file-in-every");
    sandbox.feedback(&["promote", &id]).exits(2).says("is the lesson name-the-file-in-every already");
    sandbox.intent(&["lesson", "add", "Say it twice", "--origin", &id[3..7]]).ok();
    assert_eq!(sandbox.read(FILE).matches(&format!("origin = \"{id}\"")).count(), 2);
    sandbox.intent(&["lesson", "add", "And again", "--origin", "fb-zzzz"]).exits(2).says("no item");
    let other = add(&["add", "broken"]);
    sandbox.feedback(&["promote", &other]).exits(2).says("--intent SLUG");
}

#[test]
fn ship_holds_the_rules_before_it_builds_and_a_project_without_them_sees_no_such_step() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    sandbox.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"tool\"\nversion = \"0.1.0\"\n");
    sandbox.write("src/main.rs", "fn main(){ let _ = \"1\".parse::<u8>().unwrap(); }\n");
    sandbox.commit("a tool");
    let plan = sandbox.ship(&["--dry-run"]).ok();
    assert!(!plan.stdout.contains("lessons"), "{}", plan.stdout);
    sandbox.write(FILE, RULE);
    sandbox.commit("a rule");
    sandbox.ship(&["--dry-run"]).ok().says("the rules of intents/lessons.toml");
    let ran = sandbox.ship(&[]).exits(1).says("lessons do not hold: no-unwrap").says("src/main.rs:1:37");
    assert!(ran.stderr.contains("cargo intent check lessons"), "{}", ran.stderr);
    // The next step stops this one, so nothing is compiled.
    sandbox.write("src/main.rs", "fn main(){ let _ = \"1\".parse::<u8>(); }\n");
    sandbox.commit("mended, badly laid out");
    sandbox.ship(&[]).exits(1).says("passed  lessons");
}
