//! One `[[acceptance]]` of an intent file.

use super::{id, inner_path};
use crate::types::intent::{Acceptance, Anchor, Compare, Fixtures, Http, Mutant, Red, Run};
use crate::types::toml::Section;

const ANCHORS: [&str; 6] = ["test", "run", "fixtures", "http", "signal", "inspect"];

/// Keys that only some anchors take.
const OWNERS: [(&str, &str); 14] = [
    ("exit", "run"),
    ("stdin", "run"),
    ("stdout", "run"),
    ("stderr", "run"),
    ("dir", "run"),
    ("env", "run"),
    ("compare", "fixtures"),
    ("case", "fixtures"),
    ("status", "http"),
    ("headers", "http"),
    ("body", "http"),
    ("contains", "http"),
    ("schema", "http"),
    ("max", "signal"),
];

pub fn acceptance(section: &Section, later: &mut Vec<String>) -> Acceptance {
    let id = id(section);
    section.know(&ANCHORS);
    let anchor = anchor(section, &id, later);
    let reds = [("assertion", Red::Assertion), ("build", Red::Build), ("none", Red::None)];
    let acceptance = Acceptance {
        id,
        text: section.text("text"),
        anchor,
        red: section.word("red", &reds).unwrap_or_default(),
        origin: section.text("origin"),
        timeout: section.duration("timeout"),
        mutant: section.table("mutant").map(|section| mutant(&section)),
    };
    section.finish();
    acceptance
}

fn anchor(section: &Section, id: &str, later: &mut Vec<String>) -> Anchor {
    let given: Vec<&str> = ANCHORS.into_iter().filter(|key| section.has(key)).collect();
    if given.len() > 1 {
        let message = format!("{id:?} hangs on `{}` and on `{}`", given[0], given[1]);
        let problem = section.source.problem(section.key_span(given[1]), message);
        let problem = problem.hint("keep one; give the other an [[acceptance]] of its own");
        section.source.report(section.source.also(problem, section.key_span(given[0]), "the first"));
    }
    for (key, owner) in OWNERS {
        if section.has(key) {
            check_owner(section, key, owner, &given);
        }
    }
    section.know(&OWNERS.map(|(key, _)| key));
    match given.first().copied() {
        Some("test") => Anchor::Test { name: test_name(section) },
        Some("run") => Anchor::Run(run(section)),
        Some("fixtures") => Anchor::Fixtures(Fixtures {
            command: command(section, "fixtures"),
            compare: section.word("compare", &COMPARES).unwrap_or_default(),
            case: case(section),
        }),
        Some("http") => Anchor::Http(http(section)),
        Some("signal") => {
            later.push(format!("`signal` of {id}"));
            Anchor::Signal {
                name: section.required("signal", "\"error-rate\""),
                max: section.number("max", 0.0, f64::MAX),
            }
        }
        Some("inspect") => Anchor::Inspect { question: section.required("inspect", "\"a question\"") },
        _ => Anchor::Missing,
    }
}

const COMPARES: [(&str, Compare); 3] =
    [("exact", Compare::Exact), ("text", Compare::Text), ("json", Compare::Json)];

/// The name of one folder in `intents/<slug>/`.
fn case(section: &Section) -> Option<String> {
    let case = section.text("case")?;
    if case.is_empty() || case == "." || case == ".." || case.contains(['/', '\\']) {
        let message = format!("{case:?} is not the name of one folder");
        section.wrong_value("case", message, Some("a folder of intents/<slug>/, without a path".into()));
    }
    Some(case)
}

fn check_owner(section: &Section, key: &str, owner: &str, given: &[&str]) {
    if given.is_empty() || given.contains(&owner) {
        return;
    }
    let message = format!("`{key}` goes with `{owner}`, not with `{}`", given[0]);
    section.source.report(section.source.problem(section.key_span(key), message));
}

fn test_name(section: &Section) -> String {
    let name = section.required("test", "\"module::name\"");
    let lawful = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !name.trim().is_empty() && !name.split("::").all(lawful) {
        let message = format!("{name:?} is no path of a test");
        section.wrong_value("test", message, Some("as `cargo test` lists it: \"module::name\"".into()));
    }
    name
}

/// A command line that splits into words.
pub fn command(section: &Section, key: &'static str) -> String {
    let command = section.required(key, "\"my-tool --flag\"");
    if !command.trim().is_empty() && shlex::split(&command).is_none_or(|words| words.is_empty()) {
        let message = format!("`{key}` in {} does not split into words: a quote is open", section.name);
        section.wrong_value(key, message, None);
    }
    command
}

fn run(section: &Section) -> Run {
    Run {
        command: command(section, "run"),
        exit: section.whole("exit", 0, 255).and_then(|code| i32::try_from(code).ok()).unwrap_or(0),
        stdin: inner_path(section, "stdin"),
        stdout: section.text("stdout"),
        stderr: section.text("stderr"),
        dir: inner_path(section, "dir"),
        env: section.strings("env"),
    }
}

fn http(section: &Section) -> Http {
    let asked = section.required("http", "\"GET /health\"");
    let (method, path) = asked.split_once(' ').unwrap_or((asked.as_str(), ""));
    let lawful = !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase());
    let visible = path.starts_with('/') && path.chars().all(|c| c.is_ascii_graphic());
    if !(asked.trim().is_empty() || lawful && visible) {
        let message = format!("{asked:?} is no request");
        section.wrong_value("http", message, Some("a method and a path: \"GET /health\"".into()));
    }
    Http {
        method: method.to_owned(),
        path: path.to_owned(),
        status: section.whole("status", 100, 599).and_then(|code| u16::try_from(code).ok()).unwrap_or(200),
        headers: section.strings("headers"),
        body: section.text("body"),
        contains: section.text("contains"),
        schema: inner_path(section, "schema"),
    }
}

fn mutant(section: &Section) -> Mutant {
    let mutant = Mutant {
        file: inner_path(section, "file").unwrap_or_else(|| section.required("file", "\"src/row.rs\"")),
        find: section.required("find", "\"column + 1\""),
        replace: section.text("replace").unwrap_or_default(),
    };
    section.finish();
    mutant
}
