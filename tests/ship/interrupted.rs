//! Ctrl-C: in the middle of the build it ends everything; while a canary is watched, the watching only.

use std::process::{Child, Stdio};

use super::project::{self, Running};
use crate::support::{SHIP, Sandbox, wait_for};

fn begin(sandbox: &Sandbox, args: &[&str]) -> Child {
    sandbox.command(SHIP).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Send Ctrl-C's signal; the exit code, and what was said on standard error.
fn interrupt(sandbox: &Sandbox, child: Child) -> (Option<i32>, String) {
    sandbox.run("kill", &["-INT", &child.id().to_string()]).ok();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn while_a_canary_is_watched_the_edge_goes_on_and_resume_watches_again() {
    let sandbox = project::service("one", false);
    let _running = Running(&sandbox);
    sandbox.ship(&[]).ok();
    let config = sandbox.read("factory.toml").replace("min-time = \"1s\"", "min-time = \"5s\"");
    sandbox.write("factory.toml", config);
    project::edit_service(&sandbox, "two", false);
    sandbox.commit("two");
    let child = begin(&sandbox, &["--canary"]);
    wait_for("the canary", 60, || {
        let status = sandbox.ship(&["status", "--format", "json"]).ok().json();
        status["edge"]["plan"]["release"]
            .is_string()
            .then_some(())
            .filter(|()| status["edge"]["slots"][1].is_object())
    });
    let (code, said) = interrupt(&sandbox, child);
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("the edge goes on") && said.contains("cargo ship resume"), "{said}");
    sandbox.ship(&["resume"]).ok().says("promoted");
    assert_eq!(project::ask(project::port(&sandbox), "/").unwrap().1, "two\n");
}

#[test]
fn in_a_step_nothing_of_it_runs_on_and_the_release_can_be_resumed() {
    let sandbox = project::command("one");
    let config = sandbox.read("factory.toml");
    let wait = "\n[[ship.step]]\nname = \"wait\"\nrun = \"sh -c 'test -e ../go || { touch ../here; sleep 600; }'\"\n";
    sandbox.write("factory.toml", format!("{config}{wait}"));
    sandbox.commit("wait");
    let child = begin(&sandbox, &[]);
    let state = sandbox.home.join("state/personal-factory");
    let folder = wait_for("the step", 60, || {
        let folder = std::fs::read_dir(&state).ok()?.next()?.ok()?.path();
        folder.join("here").exists().then_some(folder)
    });
    let (code, said) = interrupt(&sandbox, child);
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("cargo ship resume, or cargo ship abort"), "{said}");
    std::fs::write(folder.join("go"), "").unwrap();
    sandbox.ship(&["resume"]).ok().says("promoted");
}
