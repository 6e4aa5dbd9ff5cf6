//! The built-in agent without a model: what an intent asks for and a crate lacks, made from the intent.

use std::path::Path;

use anyhow::{Result, bail};
use factory::storage::cargo::{self, Project};
use factory::storage::fs;
use factory::types::hint::Hinted;
use factory::types::intent::{Anchor, Fixtures, Intent};

use super::{Ran, Task};
use crate::harness::{self, Planned};

/// What the skeleton is made of; words in capitals are filled in.
const CARGO_TOML: &str = include_str!("skeleton/Cargo.toml.in");
const CARGO_LOCK: &str = include_str!("skeleton/Cargo.lock.in");
const MAIN: &str = include_str!("skeleton/main.rs.in");

/// Write what is missing: the skeleton of a crate where there is none, and the tests from the
/// intent's examples. Nothing a person wrote is overwritten.
///
/// # Errors
/// A file in the way, named; a command that cannot name a crate.
pub fn write(task: &Task) -> Result<Ran> {
    let (root, intent) = (task.worktree, task.intent);
    let mut written = Vec::new();
    if cargo::projects(root)?.is_empty() {
        for (path, text) in skeleton(intent)? {
            let path_in = root.join(path);
            if path_in.exists() {
                continue;
            }
            if let Some(folder) = path_in.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path_in, &text)?;
            written.push(path.to_owned());
        }
    }
    let planned = harness::plan(root, intent)?;
    written.extend(harness::write(root, intent, &planned)?);
    let closing = closing(task, &written, &planned)?;
    Ok(Ran {
        transcript: closing.clone().into_bytes(),
        closing: Some(closing),
        timed_out: false,
        ended: "done".to_owned(),
    })
}

/// What was done, and what of the intent's examples plain `cargo test` will not run.
fn closing(task: &Task, written: &[String], planned: &[Planned]) -> Result<String> {
    let mut said = vec![match written {
        [] => "Nothing is missing.".to_owned(),
        written if written.iter().any(|path| path == "Cargo.toml") => {
            format!("A skeleton that does nothing yet: {}.", written.join(", "))
        }
        written => format!("Tests from the examples: {}.", written.join(", ")),
    }];
    let has_test = |program: &String| {
        let wanted = format!("\"CARGO_BIN_EXE_{program}\"");
        planned.iter().any(|file| file.text.contains(&wanted))
    };
    let mut programs: Vec<String> = harness::programs(task.intent).collect();
    programs.sort();
    programs.dedup();
    for program in programs.iter().filter(|program| !has_test(program)) {
        said.push(format!(
            "No package here has a binary `{program}`, so its examples are no tests for cargo; \
             `cargo intent check` runs them."
        ));
    }
    for file in planned.iter().filter(|file| written.contains(&file.path)) {
        if !is_target(task.worktree, &file.path)? {
            said.push(format!(
                "Cargo does not find {0} by itself (autotests = false): add [[test]] with its path.",
                file.path
            ));
        }
    }
    Ok(said.join(" "))
}

/// Whether cargo takes the file for a test.
fn is_target(root: &Path, path: &str) -> Result<bool> {
    let stem = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    for folder in cargo::projects(root)? {
        let project = Project::load(&folder)?;
        if project.iter().flat_map(|project| &project.packages).any(|package| package.tests.contains(&stem)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn skeleton(intent: &Intent) -> Result<Vec<(&'static str, String)>> {
    let fixtures = intent.acceptance.iter().find_map(|check| match &check.anchor {
        Anchor::Fixtures(fixtures) => Some(fixtures),
        _ => None,
    });
    let name = program(intent, fixtures)?;
    let fill = |text: &str| {
        text.replace("NAME", &name)
            .replace("TITLE", &toml_text(&intent.title))
            .replace("OUTCOME", &one_line(&intent.outcome))
    };
    Ok(vec![
        ("Cargo.toml", fill(CARGO_TOML)),
        ("Cargo.lock", fill(CARGO_LOCK)),
        ("src/main.rs", fill(MAIN)),
        (".gitignore", "/target\n".to_owned()),
    ])
}

/// What the command is called: the first word of the first check that runs one, else the slug.
fn program(intent: &Intent, fixtures: Option<&Fixtures>) -> Result<String> {
    let run = intent.acceptance.iter().find_map(|check| match &check.anchor {
        Anchor::Run(run) => Some(run.command.as_str()),
        _ => None,
    });
    let command = fixtures.map(|fixtures| fixtures.command.as_str()).or(run).unwrap_or(&intent.slug);
    let name = command.split_whitespace().next().unwrap_or(&intent.slug).to_owned();
    let fits = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if fits {
        return Ok(name);
    }
    bail!(
        Hinted::usage(format!("{name:?} cannot be the name of a crate"))
            .hint("let a check of the intent run a command named by a word, as in run = \"convert FILE\"")
    )
}

fn toml_text(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(command: &str) -> Intent {
        let check = factory::types::intent::parse::parse(
            "convert-it",
            "intents/convert-it.toml",
            format!("schema = 1\ntitle = \"A \\\"fine\\\" tool\"\noutcome = \"It\\nworks.\"\n[[acceptance]]\nid = \"x\"\nfixtures = \"{command}\"\n").as_bytes(),
        );
        check.unwrap().intent
    }

    #[test]
    fn the_crate_is_called_what_the_checks_call() {
        let files = skeleton(&intent("convert --quick {input}")).unwrap();
        let text =
            |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_str()).unwrap();
        assert!(text("Cargo.toml").contains("name = \"convert\""));
        assert!(text("Cargo.toml").contains("description = \"A \\\"fine\\\" tool\""));
        assert!(text("src/main.rs").starts_with("//! It works.\n"));
    }

    #[test]
    fn a_command_that_is_a_path_names_no_crate() {
        assert!(skeleton(&intent("./run.sh {input}")).is_err());
    }
}
