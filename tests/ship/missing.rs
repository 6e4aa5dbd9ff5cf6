//! What a machine may lack: a component of the toolchain, the toolchain itself, a folder to write to.

use std::os::unix::fs::PermissionsExt;

use super::project;
use crate::support::{SHIP, Sandbox, finish};

/// A PATH that holds git, and what `scripts` say.
fn path_of(sandbox: &Sandbox, scripts: &[(&str, &str)]) -> std::ffi::OsString {
    let folder = sandbox.home.join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(which::which("git").unwrap(), folder.join("git")).unwrap();
    for (name, text) in scripts {
        let file = folder.join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder.into()
}

#[test]
fn a_step_whose_tool_is_not_installed_is_no_verdict_and_can_be_resumed() {
    let sandbox = project::command("one");
    let config = sandbox.read("factory.toml");
    let step = "\n[[ship.step]]\nname = \"audit\"\nrun = \"cargo no-such-tool-at-all\"\n";
    sandbox.write("factory.toml", format!("{config}{step}"));
    sandbox.commit("audit");
    let ran = sandbox.ship(&[]).exits(5).says("no-such-tool-at-all").says("cargo install");
    ran.says("cargo ship resume");
    sandbox.ship(&["status"]).says("cargo ship resume, or cargo ship abort");
    sandbox.ship(&["abort"]).ok();
}

#[test]
fn a_machine_without_rust_is_told_what_is_missing() {
    let sandbox = project::command("one");
    let path = path_of(&sandbox, &[]);
    finish(sandbox.command(SHIP).env("PATH", &path))
        .exits(5)
        .says("cargo could not be started")
        .says("rustup");
    assert!(sandbox.note_lines("ship").is_empty());
}

#[test]
fn a_state_folder_that_cannot_be_made_is_named() {
    let sandbox = project::command("one");
    std::fs::write(sandbox.home.join("state"), "a file in the way").unwrap();
    sandbox.ship(&[]).exits(5).says("personal-factory");
}
