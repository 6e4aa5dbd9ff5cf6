//! `cargo ship` of a service: behind the edge, with a canary that proves itself or rolls back.

use super::project::{self, Running};
use crate::support::{SHIP, finish, wait_for};

#[test]
fn a_service_serves_behind_the_edge_and_a_good_canary_is_promoted_on_probes_alone() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    let port = project::port(&sandbox);
    sandbox.ship(&[]).ok().says("promoted");
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));
    project::edit_service(&sandbox, "two", false);
    sandbox.commit("two");
    sandbox.ship(&["--canary"]).ok().says("promoted").says("on probes alone");
    assert_eq!(project::ask(port, "/").unwrap(), (200, "two\n".into()));
    sandbox.ship(&["rollback"]).ok();
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));
    sandbox.ship(&["stop"]).ok().says("stopped");
    assert!(project::ask(port, "/").is_none());
    sandbox.ship(&["start"]).ok().says("serves");
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));
}

#[test]
fn a_canary_that_fails_an_http_check_rolls_itself_back_and_files_an_item_with_the_request() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    let port = project::port(&sandbox);
    sandbox.ship(&[]).ok();
    project::edit_service(&sandbox, "two", true);
    sandbox.commit("two");
    let ran = sandbox.ship(&["--canary", "--format", "json"]).exits(1);
    let ended = ran.json();
    assert_eq!(ended["phase"], "rolled-back");
    let item = ended["filed"].as_str().unwrap().to_owned();
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));
    sandbox.feedback(&["show", &item]).ok().says("POST /convert").says("a,b").says("request.csv");
    let listed = sandbox.feedback(&["list", "--format", "json"]).ok().json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_first_release_that_fails_its_checks_never_serves() {
    let sandbox = project::service("one", true);
    let _running = Running(&sandbox);
    sandbox.ship(&[]).exits(1).says("rolled back");
    let status = sandbox.ship(&["status", "--format", "json"]).ok().json();
    assert!(status["stable"].is_null(), "{status}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    let port = project::port(&sandbox);
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    sandbox.ship(&[]).exits(5).says(&port.to_string());
}

#[test]
fn an_edge_that_was_killed_is_started_again_by_the_next_command() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    let port = project::port(&sandbox);
    sandbox.ship(&[]).ok();
    let status = sandbox.ship(&["status", "--format", "json"]).ok().json();
    for process in ["supervisor", "worker"] {
        let pid = status["edge"][process].as_u64().unwrap().to_string();
        sandbox.run("kill", &["-9", &pid]).ok();
    }
    sandbox.ship(&["status"]).ok().says("ready");
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));

    // What the user unit runs does the same from anywhere, and for no edge that was stopped.
    let kill_all = || {
        let status = sandbox.ship(&["status", "--format", "json"]).ok().json();
        for process in ["supervisor", "worker"] {
            let pid = status["edge"][process].as_u64().unwrap().to_string();
            sandbox.run("kill", &["-9", &pid]).ok();
        }
    };
    let edges = |args: &[&str]| {
        let mut command = sandbox.command(SHIP);
        command.current_dir("/").arg("edges").args(args);
        command
    };
    kill_all();
    finish(&mut edges(&["--once"])).ok().says("started the edge in");
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));
    assert_eq!(finish(&mut edges(&["--once"])).ok().stderr, "", "it runs already");
    let mut watching = edges(&[]).spawn().unwrap();
    kill_all();
    wait_for("the edge", 30, || project::ask(port, "/"));
    watching.kill().unwrap();
    watching.wait().unwrap();
    // As the machine ends everything before it is switched off, in any order.
    let status = sandbox.ship(&["status", "--format", "json"]).ok().json();
    let pids = |status: &serde_json::Value| -> Vec<String> {
        let slots = status["edge"]["slots"].as_array().unwrap().iter().map(|slot| &slot["pid"]);
        let processes = [&status["edge"]["worker"], &status["edge"]["supervisor"]];
        slots.chain(processes).map(|pid| pid.as_u64().unwrap().to_string()).collect()
    };
    let all = pids(&status);
    assert_eq!(all.len(), 3, "{status}");
    sandbox.run("sh", &["-c", "kill -TERM \"$@\"", "sh", &all[0], &all[1], &all[2]]).ok();
    wait_for("their end", 30, || {
        finish(&mut edges(&["--once"])).stderr.contains("started the edge in").then_some(())
    });
    wait_for("the service", 30, || (project::ask(port, "/")? == (200, "one\n".into())).then_some(()));
    sandbox.ship(&["stop"]).ok();
    assert_eq!(finish(&mut edges(&["--once"])).ok().stderr, "", "it was stopped");
    assert!(project::ask(port, "/").is_none());
}

#[test]
fn a_service_that_takes_its_port_as_an_argument_or_under_another_name_gets_it() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    let port = project::port(&sandbox);
    let source = sandbox.read("src/main.rs");
    let argument = "std::env::args().nth(1).unwrap().split_off(19)";
    sandbox.write("src/main.rs", source.replace("std::env::var(\"PORT\").unwrap()", argument));
    let config = sandbox.read("factory.toml");
    let run = "[ship]\nrun = [\"--listen={host}:{port}\"]\n\n";
    sandbox.write("factory.toml", format!("{run}{config}"));
    sandbox.commit("argument");
    sandbox.ship(&[]).ok().says("promoted");
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));
    sandbox.write("src/main.rs", source.replace("\"PORT\"", "\"LISTEN_ON\""));
    let named = "[environment.local]\nconfig = { LISTEN_ON = \"{port}\" }\n";
    sandbox.write("factory.toml", config.replace("[environment.local]\n", named));
    sandbox.commit("variable");
    sandbox.ship(&["--canary"]).ok().says("promoted");
    assert_eq!(project::ask(port, "/").unwrap(), (200, "one\n".into()));
}

#[test]
fn the_end_of_a_plan_that_a_kill_kept_from_its_record_is_recorded_and_shown_unasked() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    sandbox.ship(&[]).ok();
    let status = sandbox.ship(&["status", "--format", "json"]).ok().json();
    let pid = status["edge"]["supervisor"].as_u64().unwrap().to_string();
    sandbox.run("kill", &["-9", &pid]).ok();
    let state = sandbox.home.join("state/personal-factory");
    let folder = std::fs::read_dir(state).unwrap().next().unwrap().unwrap().path();
    let journal = folder.join("environments/local/edge/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let kept: String =
        text.lines().filter(|l| !l.contains("\"op\":\"promoted\"")).map(|l| format!("{l}\n")).collect();
    assert!(kept.len() < text.len());
    std::fs::write(&journal, kept).unwrap();
    crate::support::wait_for("the record", 30, || {
        sandbox.ship(&["status"]).ok();
        std::fs::read_to_string(&journal).unwrap().contains("\"op\":\"promoted\"").then_some(())
    });
}

#[test]
fn a_canary_taken_out_by_hand_files_nothing() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    sandbox.ship(&[]).ok();
    let config = sandbox.read("factory.toml");
    sandbox.write("factory.toml", config.replace("[canary]\n", "[canary]\npromote = \"hold\"\n"));
    project::edit_service(&sandbox, "two", false);
    sandbox.commit("two");
    sandbox.ship(&["--canary"]).exits(3).says("held");
    sandbox.ship(&["rollback"]).ok();
    let listed = sandbox.feedback(&["list", "--format", "json"]).ok().json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 0, "{listed}");
}
