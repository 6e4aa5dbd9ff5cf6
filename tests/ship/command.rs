//! `cargo ship` of a command: from a commit to the link `stable`, and back.

use super::project;
use crate::support::Sandbox;

/// What the promoted binary prints.
fn installed(sandbox: &Sandbox) -> String {
    let status = sandbox.ship(&["status", "--format", "json"]).json();
    let place = status["place"].as_str().unwrap().to_owned();
    sandbox.run(&place, &["word"]).ok().stdout
}

#[test]
fn a_fresh_cargo_project_ships_without_any_configuration() {
    let sandbox = Sandbox::bare();
    sandbox.run("cargo", &["new", "-q", "--vcs", "git", "fresh"]).ok();
    let folder = sandbox.path("fresh");
    let run = |program: &str, args: &[&str]| {
        crate::support::finish(sandbox.command(program).current_dir(&folder).args(args))
    };
    run(crate::support::SHIP, &[]).exits(2).says("no commit yet").says("git commit");
    run("git", &["add", "-A"]).ok();
    run("git", &["commit", "-q", "-m", "begin"]).ok();
    run(crate::support::SHIP, &[]).ok().says("promoted").says("no Cargo.lock");
    let again = run(crate::support::SHIP, &[]).ok();
    again.says("serves already");
    run("git", &["status", "--porcelain"]).ok();
}

#[test]
fn a_release_is_promoted_recorded_and_rolled_back() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok().says("promoted");
    assert_eq!(installed(&sandbox), "one word\n");
    project::edit_command(&sandbox, "two");
    sandbox.commit("two");
    sandbox.ship(&[]).ok().says("promoted");
    assert_eq!(installed(&sandbox), "two word\n");
    sandbox.ship(&["rollback"]).ok().says("rolled back");
    assert_eq!(installed(&sandbox), "one word\n");
    sandbox.ship(&["log"]).ok().says("rolled-back").says("promoted");
    sandbox.ship(&[]).ok().says("this commit was rolled back before").says("promoted");
    assert!(sandbox.git(&["log", "--notes=ship"]).contains("\"op\":\"promoted\""));
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn a_dirty_tree_is_refused_or_recorded() {
    let sandbox = project::command("one");
    sandbox.write("stray.txt", "x");
    sandbox.ship(&[]).exits(2).says("stray.txt").says("--allow-dirty");
    sandbox.ship(&["--allow-dirty"]).ok().says("promoted");
    let shown = sandbox.ship(&["show", "--format", "json"]).ok().json();
    assert_eq!(shown["events"][0]["dirty"], true);
}

#[test]
fn a_failing_step_fails_the_release_and_what_serves_goes_on() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    sandbox.write("src/main.rs", "fn main() {\n    println!(\"unformatted\")  ;\n}\n");
    sandbox.commit("bad");
    sandbox.ship(&[]).exits(1).says("step fmt failed");
    assert_eq!(installed(&sandbox), "one word\n");
    sandbox.ship(&["log"]).ok().says("failed");
    sandbox.ship(&["resume"]).ok().says("nothing to resume");
}

#[test]
fn a_build_that_fails_says_what_the_compiler_said() {
    let sandbox = project::command("one");
    sandbox.write("src/main.rs", "fn main() {\n    nothing_of_this_name();\n}\n");
    sandbox.commit("broken");
    sandbox.ship(&[]).exits(1).says("nothing_of_this_name");
}

#[test]
fn a_dry_run_names_the_steps_and_does_nothing() {
    let sandbox = project::command("one");
    sandbox.ship(&["--dry-run"]).ok().says("would ship app 0.1.0").says("acceptance");
    assert!(sandbox.note_lines("ship").is_empty());
}

#[test]
fn steps_are_added_and_a_circle_is_named() {
    let sandbox = project::command("one");
    let config = sandbox.read("factory.toml");
    sandbox
        .write("factory.toml", format!("{config}\n[[ship.step]]\nname = \"audit\"\nrun = \"sh audit.sh\"\n"));
    sandbox.write("audit.sh", "echo \"no colour: $NO_COLOR on $TERM, cargo's: $CARGO_TERM_COLOR\"; exit 1\n");
    sandbox.commit("audit");
    let ran = sandbox.ship(&[]).exits(1).says("step audit failed");
    ran.says("no colour: 1 on dumb, cargo's: never");
    let circle = "\n[[ship.step]]\nname = \"a\"\nrun = \"true\"\nneeds = [\"b\"]\n\n[[ship.step]]\nname = \"b\"\nrun = \"true\"\nneeds = [\"a\"]\n";
    sandbox.write("factory.toml", format!("{config}{circle}"));
    sandbox.commit("circle");
    sandbox.ship(&[]).exits(2).says("circle");
}

#[test]
fn a_secret_is_found_before_anything_is_built_and_an_example_of_one_can_be_named() {
    let sandbox = project::command("one");
    let key = format!("-----BEGIN {0}-----\nMIIEvQIBADANBgkqhkiG\n-----END {0}-----\n", "PRIVATE KEY");
    sandbox.write("tests/data/key.pem", key);
    sandbox.commit("key");
    let ran = sandbox.ship(&[]).exits(1).says("tests/data/key.pem").says("except = ");
    assert!(!ran.stderr.contains("build"), "{}", ran.stderr);
    let config = sandbox.read("factory.toml");
    let step = "\n[[ship.step]]\nname = \"secrets\"\nexcept = [\"tests/data/*.pem\"]\n";
    sandbox.write("factory.toml", format!("{config}{step}"));
    sandbox.commit("example");
    sandbox.ship(&["--dry-run"]).ok().says("but tests/data/*.pem");
    sandbox.ship(&[]).ok().says("promoted");
    sandbox.write("factory.toml", format!("{config}{}", step.replace("secrets", "fmt")));
    sandbox.ship(&["--allow-dirty"]).exits(2).says("`except` is for the step `secrets`");
}

#[test]
fn a_canary_of_a_command_replays_its_fixtures_through_old_and_new() {
    let sandbox = project::command("one");
    sandbox.write(
        "intents/app.toml",
        "schema = 1\ntitle = \"Say\"\noutcome = \"It says the word.\"\n\n[[acceptance]]\nid = \"says\"\ntext = \"It \
         says the word\"\nrun = \"app hello\"\nstdout = \"hello\"\n",
    );
    sandbox.commit("intent");
    sandbox.ship(&[]).ok();
    project::edit_command(&sandbox, "two");
    sandbox.commit("two");
    sandbox.ship(&["--canary"]).ok().says("promoted");
    assert_eq!(installed(&sandbox), "two word\n");
}

#[test]
fn a_canary_with_nothing_to_replay_is_held_for_a_person() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    project::edit_command(&sandbox, "two");
    sandbox.commit("two");
    sandbox.ship(&["--canary"]).exits(3).says("nothing to replay");
    assert_eq!(installed(&sandbox), "one word\n");
    sandbox.ship(&["status"]).exits(3).says("held");
    sandbox.ship(&[]).exits(4).says("not finished");
    sandbox.ship(&["promote"]).ok().says("promoted");
    assert_eq!(installed(&sandbox), "two word\n");
}

#[test]
fn bad_places_say_what_mends_them() {
    let nowhere = Sandbox::bare();
    nowhere.ship(&[]).exits(2).says("not a git repository").says("git init");
    let unborn = Sandbox::unborn();
    unborn.ship(&[]).exits(2).says("no commit yet");
    let plain = Sandbox::new();
    plain.ship(&[]).exits(2).says("not a cargo project");
    plain.ship(&["--env", "production"]).exits(2).says("no environment").says("factory.toml");
    plain.ship(&["show", "r1"]).exits(2).says("no release r1");
    plain.ship(&["abort"]).exits(2).says("unfinished");
    plain.ship(&["promote"]).exits(2).says("no canary");
    plain.ship(&["start"]).exits(2).says("nothing was promoted");
    plain.ship(&["stop"]).ok().says("nothing runs");
}

#[test]
fn two_ships_at_once_are_told_apart_by_the_lock() {
    let sandbox = project::command("one");
    let config = sandbox.read("factory.toml");
    let waits = "\n[[ship.step]]\nname = \"wait\"\nrun = \"sh -c 'touch ../waits; while [ ! -e ../go ]; do sleep 0.05; done'\"\n";
    sandbox.write("factory.toml", format!("{config}{waits}"));
    sandbox.commit("wait");
    let mut first = sandbox.command(crate::support::SHIP).spawn().unwrap();
    let state = sandbox.home.join("state/personal-factory");
    let folder = crate::support::wait_for("the first to be under way", 60, || {
        let folder = std::fs::read_dir(&state).ok()?.next()?.ok()?.path();
        folder.join("waits").exists().then_some(folder)
    });
    sandbox.ship(&["resume"]).exits(4).says("another ship").says("process");
    std::fs::write(folder.join("go"), "").unwrap();
    assert!(first.wait().unwrap().success());
}

#[test]
fn what_the_configuration_asks_for_and_is_not_done_is_said() {
    let sandbox = project::command("one");
    let config = sandbox.read("factory.toml");
    sandbox.write("factory.toml", format!("[environment.local]\nsecrets = [\"KEY\"]\n\n{config}"));
    sandbox.commit("secrets");
    sandbox.ship(&["--dry-run"]).ok().says("[environment.local] secrets: read, and not acted on");
}
