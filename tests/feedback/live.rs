//! `git feedback import` of what comes while one waits.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use super::items;
use crate::support::{FEEDBACK, Sandbox, wait_for};

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn wait_for_items(sandbox: &Sandbox, count: usize) {
    wait_for("the items", 60, || (items(sandbox).len() >= count).then_some(()));
}

#[test]
fn what_a_watched_command_says_is_filed_while_it_runs_and_ctrl_c_ends_both() {
    let sandbox = Sandbox::new();
    sandbox.write("say.sh", "echo ERROR: no disk >&2; while [ ! -e go ]; do sleep 0.05; done; echo 'ERROR: no net'; touch said; exec sleep 600");
    let mut command = sandbox.command(FEEDBACK);
    let mut child = command.args(["import", "--watch", "sh say.sh"]).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_items(&sandbox, 1);
    sandbox.write("go", "");
    // It may have been said and not be filed yet: ending writes it.
    wait_for("the command", 60, || sandbox.path("said").exists().then_some(()));
    signal(&child, "INT");
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!(items(&sandbox).len(), 2);
}

#[test]
fn standard_input_is_filed_as_it_comes_and_its_end_writes_the_rest() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(FEEDBACK);
    let mut child =
        command.args(["import", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"ERROR: no disk\nERROR: no n").unwrap();
    wait_for_items(&sandbox, 1);
    stdin.write_all(b"et\nERROR: no disk\nERROR: half a line").unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    let found = items(&sandbox);
    let mut titles: Vec<&str> = found.iter().map(|item| item["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["ERROR: half a line", "ERROR: no disk", "ERROR: no net"]);
    let disk = found.iter().find(|item| item["title"] == "ERROR: no disk").unwrap();
    assert_eq!(disk["occurrences"], 2);
}

#[test]
fn what_comes_again_after_it_was_closed_is_regressed() {
    let sandbox = Sandbox::new();
    let import = || sandbox.feedback(&["import", "--watch", "echo", "ERROR: no disk"]).ok();
    import();
    let id = items(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    sandbox.feedback(&["close", &id]).ok();
    import();
    assert_eq!(items(&sandbox)[0]["status"], "regressed");
}

#[test]
fn a_command_that_cannot_start_is_the_outside_and_one_that_fails_is_told() {
    let sandbox = Sandbox::new();
    sandbox.feedback(&["import", "--watch", "no-such-program-here"]).exits(5).says("no-such-program-here");
    sandbox.feedback(&["import", "--watch", "false"]).ok().says("exit status: 1");
    sandbox.feedback(&["import", "--watch", "'x"]).exits(2).says("a quote does not end");
}
