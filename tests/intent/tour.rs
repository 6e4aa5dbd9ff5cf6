//! `cargo intent tour`: the whole line, with the real binaries.

use crate::support::{INTENT, Sandbox, finish};

#[test]
fn the_tour_walks_the_whole_line_and_leaves_no_process_behind() {
    let sandbox = Sandbox::bare();
    let folder = sandbox.home.join("t");
    let told = finish(sandbox.command(INTENT).args(["tour", "--dir"]).arg(&folder)).ok();
    for part in ["$ cargo ship --canary", "$ git feedback promote fb-", "The repository is yours"] {
        assert!(told.stdout.contains(part), "no {part:?} in\n{}", told.stdout);
    }
    let folder = folder.to_string_lossy().into_owned();
    let running = std::fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let line = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(&folder).then_some(line)
    });
    assert_eq!(running.collect::<Vec<_>>(), Vec::<String>::new());
    // It has its own state, and writes nothing into that of the person.
    assert!(!sandbox.home.join("state").exists() && !sandbox.home.join(".gitconfig").exists());
}

#[test]
fn a_folder_that_holds_something_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.intent(&["tour", "--dir", "."]).exits(2).says("not empty");
}

#[test]
fn without_its_sibling_programs_it_says_how_to_install_them() {
    let sandbox = Sandbox::bare();
    let alone = sandbox.home.join("cargo-intent");
    std::fs::copy(INTENT, &alone).unwrap();
    sandbox.run(&alone, &["tour"]).exits(5).says("cargo install --path . --locked");
}
