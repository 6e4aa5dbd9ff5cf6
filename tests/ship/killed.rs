//! Kills at every point of a ship: `resume` ends with the old or the new release serving.

use super::project;
use crate::support::{SHIP, Sandbox, finish, has};

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

#[test]
fn a_service_killed_at_any_point_serves_old_or_new_all_the_time() {
    let sandbox = project::service("v0", false);
    let _running = project::Running(&sandbox);
    let port = project::port(&sandbox);
    sandbox.ship(&[]).ok();
    // The points around the hand-over to the edge; all of them where there is time.
    let slow = std::env::var_os("FACTORY_SLOW").is_some();
    let points = if slow { 1..40 } else { 9..14 };
    for point in points {
        let (_, before) = project::ask(port, "/").unwrap();
        let version = format!("v{point}");
        project::edit_service(&sandbox, &version, false);
        sandbox.commit(&version);
        let killed = killed_at(&sandbox, point, &[]);
        let (status, serving) = project::ask(port, "/").unwrap();
        assert_eq!(status, 200);
        assert!(serving == before || serving == format!("{version}\n"), "{serving:?} after point {point}");
        sandbox.ship(&["resume"]).ok();
        if killed && point == 1 {
            sandbox.ship(&[]).ok();
        }
        assert_eq!(
            project::ask(port, "/").unwrap(),
            (200, format!("{version}\n")),
            "killed at point {point}"
        );
        if !killed {
            break;
        }
    }
}

#[test]
fn each_journal_record_is_on_the_disk_before_its_effect() {
    if !has("strace") {
        return;
    }
    let sandbox = project::command("v0");
    let trace = sandbox.home.join("trace");
    let calls = "trace=write,fsync,fdatasync,rename,renameat,renameat2,copy_file_range,unlink,unlinkat";
    let args = ["-f", "-y", "-s", "64", "-e", calls, "-o", trace.to_str().unwrap(), SHIP];
    sandbox.run("strace", &args).ok();
    let text = std::fs::read_to_string(&trace).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let first = |from: usize, what: &dyn Fn(&str) -> bool| {
        lines.iter().skip(from).position(|line| what(line)).map(|at| at + from)
    };
    let effects = [
        ("build", "copy_file_range(", "/artifacts/"),
        ("stage", "rename", ".partial"),
        ("stable", "rename", "stable.new"),
    ];
    for (effect, call, path) in effects {
        let announced = format!("{{\\\"begin\\\":\\\"{effect}\\\"");
        let begin =
            first(0, &|line| line.contains(&announced)).unwrap_or_else(|| panic!("no begin of {effect}"));
        let synced = first(begin, &|line| line.contains("fdatasync(") && line.contains("/journal/")).unwrap();
        let acted = first(0, &|line| line.contains(call) && line.contains(path));
        let acted = acted.unwrap_or_else(|| panic!("no {call} of {path} for {effect}"));
        assert!(begin < synced && synced < acted, "{effect}: {begin} {synced} {acted}");
    }
}

#[test]
fn an_edges_journal_that_was_published_but_not_marked_so_is_published_again_to_the_same_notes() {
    let sandbox = project::service("one", false);
    let _running = project::Running(&sandbox);
    sandbox.ship(&[]).ok();
    let home = sandbox.home.to_str().unwrap();
    let found = sandbox.run("find", &[home, "-name", "journal.published"]).ok().stdout;
    let marker = std::path::Path::new(found.trim());
    let before = std::fs::read(marker).unwrap();
    project::edit_service(&sandbox, "two", false);
    sandbox.commit("two");
    sandbox.ship(&["--canary"]).ok().says("promoted");
    let notes = || sandbox.run("git", &["rev-parse", "refs/notes/ship^{tree}"]).ok().stdout;
    let (published, marked) = (notes(), std::fs::read(marker).unwrap());
    assert_ne!(before, marked);
    // As a kill between the notes and the mark leaves it.
    std::fs::write(marker, before).unwrap();
    sandbox.ship(&["status"]).ok();
    assert_eq!(notes(), published);
    assert_eq!(std::fs::read(marker).unwrap(), marked);
}
