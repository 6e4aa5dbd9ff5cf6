//! House rules, held by tests: layers go one way, every file says what it is, one module prints.

use std::path::{Path, PathBuf};

const LAYERS: [&str; 4] = ["types", "storage", "operations", "terminal"];
const TOOLS: [&str; 3] = ["cargo-intent", "cargo-ship", "git-feedback"];

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {}", folder.display());
    found.sort();
    found
}

pub fn product() -> Vec<(PathBuf, String)> {
    let folders = ["shared", "cargo-intent", "cargo-ship", "git-feedback"];
    folders.iter().flat_map(|folder| sources(&root().join(folder))).collect()
}

/// The code of a file, without the tests inside it, which stand last.
pub fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

#[test]
fn a_layer_uses_only_those_above_it() {
    for (place, layer) in LAYERS.iter().enumerate() {
        for (path, text) in sources(&root().join("shared").join(layer)) {
            for below in &LAYERS[place + 1..] {
                let used = format!("crate::{below}");
                let line = code(&text)
                    .lines()
                    .find(|line| line.contains(&used) && !line.trim_start().starts_with("//"));
                assert!(line.is_none(), "{} is in {layer} and uses {below}: {line:?}", path.display());
            }
        }
    }
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    for (path, text) in product().into_iter().chain(sources(&root().join("tests"))) {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && !first.contains("placeholder"), "{}: {first:?}", path.display());
    }
}

#[test]
fn only_the_repository_module_names_gix() {
    for (path, text) in product() {
        if !path.starts_with("shared/storage/repo") {
            assert!(!code(&text).contains("gix::"), "{} names gix", path.display());
        }
    }
}

#[test]
fn only_the_signing_module_starts_what_signs() {
    for (path, text) in product() {
        let named = ["\"ssh-keygen\"", "\"gpg\""].iter().find(|name| code(&text).contains(**name));
        // The tour says which program its own settings mean, the doctor what a missing one would add.
        let others = ["tour/story.rs", "doctor/programs.rs"];
        let allowed =
            path.starts_with("shared/storage/signing") || others.iter().any(|other| path.ends_with(other));
        assert!(allowed || named.is_none(), "{} names {named:?}", path.display());
    }
}

#[test]
fn records_are_written_through_the_redactor_alone() {
    for (path, text) in product() {
        let writes = ["notes::append(", "evidence::put_all(", "recover::restore(", "recover::put_back("];
        let found =
            writes.iter().find(|write| code(&text).replace("[`evidence::put_all`]", "").contains(**write));
        let doors = ["operations/recording.rs", "operations/recovering.rs"];
        let door = doors.iter().any(|door| path.ends_with(door)) || path.starts_with("shared/storage");
        assert!(door || found.is_none(), "{} has {found:?}: operations::recording writes", path.display());
    }
}

#[test]
fn only_the_terminal_layer_writes_to_the_terminal() {
    for (path, text) in product() {
        let writes = ["println!", "eprintln!", "io::stdout()", "io::stderr()"];
        // Asking whether somebody sits there writes nothing.
        let text = code(&text).replace("io::stderr().is_terminal()", "");
        let found = writes.iter().find(|write| text.contains(**write));
        assert!(path.starts_with("shared/terminal") || found.is_none(), "{} has {found:?}", path.display());
    }
}

#[test]
fn records_are_written_without_flatten_and_untagged() {
    for (path, text) in product() {
        let found = text
            .lines()
            .find(|line| line.contains("serde") && (line.contains("flatten") || line.contains("untagged")));
        assert!(found.is_none(), "{}: {found:?}", path.display());
    }
}

#[test]
fn a_tool_does_not_reach_into_another() {
    for tool in TOOLS {
        for (path, text) in sources(&root().join(tool)) {
            let other = TOOLS.iter().find(|other| **other != tool && text.contains(&format!("../{other}/")));
            assert!(other.is_none(), "{} reaches into {other:?}", path.display());
        }
    }
}

#[test]
fn no_file_of_the_product_has_grown_past_three_hundred_lines() {
    let long: Vec<String> = product()
        .iter()
        .filter(|(_, text)| code(text).lines().count() > 300)
        .map(|(path, text)| format!("{} ({} lines)", path.display(), code(text).lines().count()))
        .collect();
    assert!(long.is_empty(), "the design asks to be changed: {long:?}");
}

#[test]
fn the_changelog_holds_the_version() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let heading = format!("## {}", env!("CARGO_PKG_VERSION"));
    assert!(changelog.contains(&heading), "CHANGELOG.md has no {heading:?}");
}

/// The crates a manifest depends on, as code names them.
fn crates(manifest: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(manifest)).unwrap();
    let section = text.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap();
    section.lines().filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_"))).collect()
}

#[test]
fn the_fuzz_target_which_nobody_builds_in_passing_lists_the_crates_and_files_it_is_made_of() {
    let all = crates("Cargo.toml");
    assert!(all.len() > 10, "{all:?}");
    let parts: [(&str, &[&str]); 2] = [
        ("fuzz/factory/Cargo.toml", &["shared/types"]),
        ("fuzz/Cargo.toml", &["cargo-ship/canary", "cargo-ship/edge/worker"]),
    ];
    for (manifest, folders) in parts {
        let listed = crates(manifest);
        for (path, text) in folders.iter().flat_map(|folder| sources(&root().join(folder))) {
            let uses = |name: &&String| text.lines().any(|line| line.starts_with(&format!("use {name}::")));
            let missing: Vec<_> = all.iter().filter(uses).filter(|name| !listed.contains(name)).collect();
            assert!(missing.is_empty(), "{missing:?} of {} is not in {manifest}", path.display());
        }
    }
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let target = read("fuzz/fuzz_targets/request.rs");
    for line in read("cargo-ship/edge/worker/mod.rs").lines().filter(|line| line.starts_with("mod ")) {
        assert!(target.contains(&format!("pub {line}\n")), "`{line}` is not in the fuzz target");
    }
}
