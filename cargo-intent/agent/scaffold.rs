//! The built-in agent without a model: the skeleton of a command-line crate, made from the intent.

use anyhow::{Result, bail};
use factory::storage::fs;
use factory::types::hint::Hinted;
use factory::types::intent::{Anchor, Compare, Fixtures, Intent};

use super::{Ran, Task};

/// What the skeleton is made of; words in capitals are filled in.
const CARGO_TOML: &str = include_str!("skeleton/Cargo.toml.in");
const CARGO_LOCK: &str = include_str!("skeleton/Cargo.lock.in");
const MAIN: &str = include_str!("skeleton/main.rs.in");
const HARNESS: &str = include_str!("skeleton/fixtures.rs.in");

/// Write the skeleton into the worktree.
///
/// # Errors
/// Where a file of it is there already: nothing is overwritten.
pub fn write(task: &Task) -> Result<Ran> {
    let files = files(task.intent)?;
    let there: Vec<&str> =
        files.iter().map(|(path, _)| *path).filter(|path| task.worktree.join(path).exists()).collect();
    if !there.is_empty() {
        bail!(
            Hinted::usage(format!("the scaffold would overwrite {}", there.join(", ")))
                .hint("the scaffold begins a crate; for work on one, name another agent")
        );
    }
    for (path, text) in &files {
        let path = task.worktree.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
    }
    let ignore = task.worktree.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "/target\n")?;
    }
    let written: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let closing = format!("A skeleton that does nothing yet: {}.", written.join(", "));
    Ok(Ran {
        transcript: closing.clone().into_bytes(),
        closing: Some(closing),
        timed_out: false,
        ended: "done".to_owned(),
    })
}

fn files(intent: &Intent) -> Result<Vec<(&'static str, String)>> {
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
    let mut files =
        vec![("Cargo.toml", fill(CARGO_TOML)), ("Cargo.lock", fill(CARGO_LOCK)), ("src/main.rs", fill(MAIN))];
    if let Some(fixtures) = fixtures {
        let words = shlex::split(&fixtures.command).unwrap_or_default();
        let words: Vec<String> = words.iter().skip(1).map(|word| format!("{word:?}")).collect();
        let harness = fill(HARNESS)
            .replace("SLUG", &intent.slug)
            .replace("ARGUMENTS", &words.join(", "))
            .replace("COMPARABLE", comparable(fixtures.compare));
        files.push(("tests/fixtures.rs", harness));
    }
    Ok(files)
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

fn comparable(compare: Compare) -> &'static str {
    match compare {
        Compare::Exact => include_str!("skeleton/exact.rs.in"),
        Compare::Text => include_str!("skeleton/text.rs.in"),
        Compare::Json => include_str!("skeleton/json.rs.in"),
    }
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
        let files = files(&intent("convert --quick {input}")).unwrap();
        let text =
            |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_str()).unwrap();
        assert!(text("Cargo.toml").contains("name = \"convert\""));
        assert!(text("Cargo.toml").contains("description = \"A \\\"fine\\\" tool\""));
        assert!(text("src/main.rs").starts_with("//! It works.\n"));
        assert!(text("tests/fixtures.rs").contains(".args([\"--quick\", \"{input}\"]"));
        assert!(text("tests/fixtures.rs").contains("intents/convert-it"));
    }

    #[test]
    fn a_command_that_is_a_path_names_no_crate() {
        assert!(files(&intent("./run.sh {input}")).is_err());
    }
}
