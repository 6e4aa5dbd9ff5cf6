//! What must hold whatever the order of commands, kills and other people's settings.

use super::project;
use crate::support::{SHIP, Sandbox, finish, wait_for};

fn installed(sandbox: &Sandbox, environment: &str) -> String {
    let status = sandbox.ship(&["status", "--env", environment, "--format", "json"]).json();
    let place = status["place"].as_str().unwrap_or_default().to_owned();
    sandbox.run(&place, &["word"]).ok().stdout
}

fn shipped(sandbox: &Sandbox, versions: &[&str]) {
    for version in versions {
        project::edit_command(sandbox, version);
        if sandbox.git(&["status", "--porcelain"]).is_empty() {
            continue;
        }
        sandbox.commit(version);
        sandbox.ship(&[]).ok();
    }
}

fn killed_at(sandbox: &Sandbox, point: u32, args: &[&str]) {
    finish(sandbox.command(SHIP).args(args).env("FACTORY_KILL_AT", point.to_string())).exits(128 + 9);
}

fn environment_folder(sandbox: &Sandbox) -> std::path::PathBuf {
    let state = sandbox.home.join("state/personal-factory");
    std::fs::read_dir(state).unwrap().next().unwrap().unwrap().path()
}

const OTHER: &str = "\n[environment.other]\ntarget = \"local\"\n";

fn with_config(sandbox: &Sandbox, more: &str) {
    let config = sandbox.read("factory.toml");
    sandbox.write("factory.toml", format!("{config}{more}"));
    sandbox.commit("configure");
}

#[test]
fn a_binary_an_earlier_release_left_is_not_shipped_as_this_one() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    project::edit_command(&sandbox, "two");
    with_config(&sandbox, "\n[ship]\nbuild = \"true\"\n");
    sandbox.ship(&[]).exits(1).says("the build made no");
    assert_eq!(installed(&sandbox, "local"), "one word\n");
}

#[test]
fn a_release_whose_checks_fail_leaves_no_binary_behind() {
    let sandbox = project::command("one");
    with_config(&sandbox, "\n[[ship.step]]\nname = \"never\"\nrun = \"false\"\n");
    sandbox.ship(&[]).exits(1);
    let left = std::fs::read_dir(environment_folder(&sandbox).join("artifacts")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn rolling_back_twice_goes_further_back_not_to_what_was_rolled_back() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    shipped(&sandbox, &["two", "three"]);
    sandbox.ship(&["rollback"]).ok();
    assert_eq!(installed(&sandbox, "local"), "two word\n");
    sandbox.ship(&["rollback"]).ok();
    assert_eq!(installed(&sandbox, "local"), "one word\n");
    sandbox.ship(&["rollback"]).exits(2).says("no release served before");
}

#[test]
fn a_rollback_asked_again_after_a_kill_goes_back_once() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    shipped(&sandbox, &["two", "three"]);
    killed_at(&sandbox, 3, &["rollback"]);
    sandbox.ship(&["rollback"]).ok().says("rolled back");
    assert_eq!(installed(&sandbox, "local"), "two word\n");
    sandbox.ship(&["resume"]).ok().says("nothing to resume");
    assert_eq!(installed(&sandbox, "local"), "two word\n");
}

#[test]
fn a_release_aborted_after_its_flip_no_longer_serves() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    project::edit_command(&sandbox, "two");
    sandbox.commit("two");
    killed_at(&sandbox, 11, &[]);
    assert_eq!(installed(&sandbox, "local"), "two word\n", "the kill came after the flip");
    sandbox.ship(&["abort"]).ok();
    assert_eq!(installed(&sandbox, "local"), "one word\n");
    sandbox.ship(&[]).ok().says("promoted");
    assert_eq!(installed(&sandbox, "local"), "two word\n");
}

#[test]
fn a_first_release_aborted_after_its_flip_leaves_nothing_serving() {
    let sandbox = project::command("one");
    killed_at(&sandbox, 11, &[]);
    sandbox.ship(&["rollback"]).ok();
    sandbox.ship(&["status"]).ok().says("nothing serves");
}

#[test]
fn a_rollback_left_open_in_one_environment_stops_no_other() {
    let sandbox = project::command("one");
    with_config(&sandbox, OTHER);
    sandbox.ship(&["--env", "other"]).ok();
    sandbox.ship(&[]).ok();
    project::edit_command(&sandbox, "two");
    sandbox.commit("two");
    sandbox.ship(&["--env", "other"]).ok();
    killed_at(&sandbox, 2, &["rollback", "--env", "other"]);
    sandbox.ship(&["resume"]).ok().says("nothing to resume");
    sandbox.ship(&[]).ok().says("promoted");
    sandbox.ship(&["--env", "other"]).exits(4).says("resume");
    sandbox.ship(&["resume", "--env", "other"]).ok();
    assert_eq!(installed(&sandbox, "other"), "one word\n");
    assert_eq!(installed(&sandbox, "local"), "two word\n");
}

#[test]
fn ships_to_two_environments_do_not_share_the_checkout_at_once() {
    let sandbox = project::command("one");
    let waits = "\n[[ship.step]]\nname = \"wait\"\nrun = \"sh -c 'touch ../waits; while [ ! -e ../go ]; do sleep 0.05; done'\"\n";
    with_config(&sandbox, &format!("{OTHER}{waits}"));
    let mut first = sandbox.command(SHIP).spawn().unwrap();
    wait_for("the first ship", 60, || sandbox.home.join("state/personal-factory").exists().then_some(()));
    wait_for("the first ship's step", 60, || {
        environment_folder(&sandbox).join("waits").exists().then_some(())
    });
    project::edit_command(&sandbox, "two");
    sandbox.commit("two");
    let said = sandbox.home.join("said");
    let log = std::fs::File::create(&said).unwrap();
    let mut second = sandbox.command(SHIP).args(["--env", "other"]).stderr(log).spawn().unwrap();
    wait_for("the second to wait", 60, || {
        let text = std::fs::read_to_string(&said).unwrap();
        (text.contains("waiting") || text.contains("build")).then_some(text)
    });
    assert!(std::fs::read_to_string(&said).unwrap().contains("waiting"));
    std::fs::write(environment_folder(&sandbox).join("go"), "").unwrap();
    assert!(first.wait().unwrap().success() && second.wait().unwrap().success());
    assert_eq!(installed(&sandbox, "local"), "one word\n");
    assert_eq!(installed(&sandbox, "other"), "two word\n");
}

#[test]
fn a_look_while_a_ship_runs_settles_nothing() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    let log = sandbox.ship(&["log", "--format", "json"]).ok().json();
    let id = log["releases"][0]["release"].as_str().unwrap().to_owned();
    with_config(
        &sandbox,
        "\n[[ship.step]]\nname = \"wait\"\nrun = \"sh -c 'touch ../waits; while [ ! -e ../go ]; do sleep 0.05; done'\"\n",
    );
    let mut first = sandbox.command(SHIP).spawn().unwrap();
    let folder = environment_folder(&sandbox);
    wait_for("the ship's step", 60, || folder.join("waits").exists().then_some(()));
    // As if the running ship were just closing the record of this one.
    let journal = format!(".git/factory/journal/{id}.jsonl");
    sandbox.write(&journal, "{\"begin\":\"stage\"}\n");
    sandbox.ship(&["status"]).ok();
    assert!(sandbox.path(&journal).exists(), "whoever holds the lock closes it");
    std::fs::write(folder.join("go"), "").unwrap();
    assert!(first.wait().unwrap().success());
    sandbox.ship(&["status"]).ok();
    assert!(!sandbox.path(&journal).exists());
}

#[test]
fn a_hook_s_git_variables_reach_no_step() {
    let sandbox = project::command("one");
    let step = "\n[[ship.step]]\nname = \"env\"\nrun = \"sh -c 'test -z \\\"$GIT_DIR$GIT_INDEX_FILE$GIT_WORK_TREE$GIT_PREFIX\\\"'\"\n";
    with_config(&sandbox, step);
    let git = sandbox.path(".git");
    let mut command = sandbox.command(SHIP);
    command.env("GIT_DIR", &git).env("GIT_INDEX_FILE", git.join("index")).env("GIT_PREFIX", "");
    finish(&mut command).ok().says("promoted");
}

#[test]
fn every_command_answers_in_json_where_asked() {
    let sandbox = project::command("one");
    let json = ["--format", "json"];
    let ask = |command: &str| sandbox.ship(&[&[command], &json[..]].concat()).ok().json();
    assert_eq!(ask("resume")["schema"], 1);
    assert_eq!(ask("stop")["schema"], 1);
    killed_at(&sandbox, 6, &[]);
    assert_eq!(ask("abort")["phase"], "failed");
}

#[test]
fn a_canary_of_a_day_is_published_although_its_ticks_are_many() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    let log = sandbox.ship(&["log", "--format", "json"]).ok().json();
    let id = log["releases"][0]["release"].as_str().unwrap().to_owned();
    let record = |n: usize, op: &str, pad: &str| {
        let time = "2026-01-01T00:00:00Z";
        format!(
            "{{\"id\":\"01ZJD{n:021}\",\"v\":1,\"release\":\"{id}\",\"op\":\"{op}\",\"t\":\"{time}\",\"pad\":\"{pad}\",\"n\":{n}}}\n"
        )
    };
    let pad = "0".repeat(300);
    let mut journal: String = (1..30_000).map(|n| record(n, "tick", &pad)).collect();
    journal.push_str(&record(30_000, "rolled-back", ""));
    let edge = environment_folder(&sandbox).join("environments/local/edge");
    std::fs::create_dir_all(&edge).unwrap();
    std::fs::write(edge.join("journal.jsonl"), journal).unwrap();
    sandbox.ship(&["log"]).ok().says("rolled-back");
    let ticks = sandbox.note_lines("ship").iter().filter(|line| line.contains("\"op\":\"ticks\"")).count();
    assert_eq!(ticks, 2);
}

#[test]
fn a_release_with_very_many_binaries_is_recorded_whole() {
    let sandbox = project::command("one");
    for n in 0..16 {
        let name = format!("{}{n:02}", "a".repeat(180));
        sandbox.write(&format!("src/bin/{name}.rs"), "fn main() {}\n");
    }
    sandbox.commit("many");
    sandbox.ship(&[]).ok().says("promoted");
    let shown = sandbox.ship(&["show", "--format", "json"]).ok().json();
    assert_eq!(shown["artifacts"].as_array().unwrap().len(), 17);
    let lines = sandbox.note_lines("ship");
    assert!(lines.iter().all(|line| line.len() <= 4096));
    assert!(lines.iter().any(|line| line.contains("\"op\":\"batch\"")));
}

#[test]
fn a_stable_release_whose_files_are_gone_is_said_to_be() {
    let sandbox = project::command("one");
    sandbox.ship(&[]).ok();
    std::fs::remove_dir_all(environment_folder(&sandbox).join("environments/local/releases")).unwrap();
    sandbox.ship(&["status"]).exits(1).says("gone").says("cargo ship");
    sandbox.ship(&[]).ok().says("promoted");
    sandbox.ship(&["status"]).ok();
}

#[test]
fn a_reason_that_quotes_a_secret_is_redacted_before_it_is_recorded() {
    let sandbox = project::command("one");
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let step = format!(
        "\n[[ship.step]]\nname = \"secrets\"\nremove = true\n\n[[ship.step]]\nname = \"x\"\nrun = \"false {token}\"\n"
    );
    with_config(&sandbox, &step);
    sandbox.ship(&[]).exits(1);
    let lines = sandbox.note_lines("ship").join("\n");
    assert!(lines.contains("step x failed") && !lines.contains(&token), "{lines}");
}
