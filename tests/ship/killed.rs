//! Kills at every point of a ship: `resume` ends with the old or the new release serving.

use super::project;
use crate::support::{SHIP, Sandbox, finish};

fn installed(sandbox: &Sandbox) -> String {
    let status = sandbox.ship(&["status", "--format", "json"]).json();
    let place = status["place"].as_str().unwrap().to_owned();
    sandbox.run(&place, &["word"]).ok().stdout
}

/// Ship with the process killed at its n-th point; whether it got there.
fn killed_at(sandbox: &Sandbox, point: u32, args: &[&str]) -> bool {
    let ran = finish(sandbox.command(SHIP).args(args).env("FACTORY_KILL_AT", point.to_string()));
    assert!(ran.code == 0 || ran.code == 128 + 9, "{} {}", ran.stdout, ran.stderr);
    ran.code != 0
}

#[test]
fn a_command_killed_at_any_point_resumes_to_a_whole_release() {
    let sandbox = project::command("v0");
    sandbox.ship(&[]).ok();
    let mut point = 1;
    loop {
        let before = installed(&sandbox);
        let version = format!("v{point}");
        project::edit_command(&sandbox, &version);
        sandbox.commit(&version);
        let killed = killed_at(&sandbox, point, &[]);
        let serving = installed(&sandbox);
        assert!(serving == before || serving == format!("{version} word\n"), "half a release: {serving:?}");
        sandbox.ship(&["resume"]).ok();
        assert_eq!(installed(&sandbox), format!("{version} word\n"), "killed at point {point}");
        if !killed {
            break;
        }
        point += 1;
    }
    assert!(point > 12, "only {point} points were passed");
    let promoted = sandbox.ship(&["log", "--format", "json"]).ok().json();
    let phases: Vec<_> =
        promoted["releases"].as_array().unwrap().iter().map(|r| r["phase"].clone()).collect();
    assert!(phases.iter().all(|phase| phase == "promoted"), "{phases:?}");
}

#[test]
fn a_rollback_killed_at_any_point_is_finished_by_resume() {
    let sandbox = project::command("v0");
    sandbox.ship(&[]).ok();
    project::edit_command(&sandbox, "v1");
    sandbox.commit("v1");
    sandbox.ship(&[]).ok();
    let ids: Vec<String> = {
        let log = sandbox.ship(&["log", "--format", "json"]).ok().json();
        log["releases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["release"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut to = 1;
    for point in 1.. {
        let killed = killed_at(&sandbox, point, &["rollback", "--to", &ids[to]]);
        sandbox.ship(&["resume"]).ok();
        if killed && point == 1 {
            // Nothing was written down yet: nothing happened.
            sandbox.ship(&["rollback", "--to", &ids[to]]).ok();
        }
        assert_eq!(installed(&sandbox), format!("v{} word\n", 1 - to), "killed at point {point}");
        to = 1 - to;
        if !killed {
            break;
        }
    }
}
