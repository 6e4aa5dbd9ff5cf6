//! The one parser of `intents/lessons.toml`: all problems at once, each with its place.

use super::{FILE, Kind, Lesson, Rule, SCHEMA, rule};
use crate::types::intent::slug::{check_id, suggest};
use crate::types::problem::Problem;
use crate::types::toml::{Section, Source, decode, tables};

#[derive(Clone, Copy)]
enum Word {
    Fragment,
    Template,
    Rule,
}

const KINDS: [(&str, Word); 3] =
    [("fragment", Word::Fragment), ("template", Word::Template), ("rule", Word::Rule)];

/// Read the file's bytes.
///
/// # Errors
/// Everything wrong in it, in the order of the file.
pub fn parse(bytes: &[u8]) -> Result<Vec<Lesson>, Vec<Problem>> {
    let text = decode(FILE, bytes).map_err(|problems| problems.0)?;
    let tables = tables(FILE, text).map_err(|problems| problems.0)?;
    let source = Source::new(FILE, text);
    let root = Section::new(&source, &tables, "the lessons", 0..0);
    if let Some(problem) = newer_schema(&root) {
        return Err(vec![problem]);
    }
    let sections = root.tables("lesson");
    unique_ids(&sections);
    let lessons = sections.iter().filter_map(lesson).collect();
    root.finish();
    match source.into_problems() {
        problems if problems.is_empty() => Ok(lessons),
        problems => Err(problems),
    }
}

/// A file for a later version may hold keys nobody here knows, so only its version is named.
fn newer_schema(root: &Section) -> Option<Problem> {
    if !root.has("schema") {
        root.know(&["schema"]);
        let problem = root.source.problem(0..0, "the lessons have no `schema`");
        root.source.report(problem.hint(format!("add as the first line: schema = {SCHEMA}")));
        return None;
    }
    let schema = root.whole("schema", 1, i64::MAX).filter(|schema| *schema > SCHEMA)?;
    let message = format!("schema {schema} needs a newer version of this tool");
    let version = env!("CARGO_PKG_VERSION");
    let hint = format!("version {version} reads schema {SCHEMA}; install one that reads schema {schema}");
    Some(root.source.problem(root.value_span("schema"), message).hint(hint))
}

fn unique_ids(sections: &[Section]) {
    for (at, section) in sections.iter().enumerate() {
        let Some(id) = section.peek("id") else { continue };
        let same = |other: &&Section| other.peek("id") == Some(id);
        if let Some(first) = sections[..at].iter().find(same) {
            let message = format!("duplicate id {id:?} in {}", section.name);
            let problem = section.source.problem(section.value_span("id"), message);
            let problem = problem.hint("give one of them another id");
            section.source.report(section.source.also(problem, first.value_span("id"), "first used here"));
        }
    }
}

fn lesson(section: &Section) -> Option<Lesson> {
    let id = section.required("id", "\"a-short-name\"");
    if !id.trim().is_empty()
        && let Err(message) = check_id(&id)
    {
        section.wrong_value("id", message, suggest(&id).map(|id| format!("perhaps {id:?}")));
    }
    let text = section.required("text", "\"what to do\"");
    let (origin, scope) = (section.text("origin"), texts(section, "scope"));
    check_globs(section, "scope", &scope);
    let count = section.whole("count", 1, i64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok());
    let word = section.required_word("kind", &KINDS);
    let kind = match word {
        Some(Word::Fragment) => Some(Kind::Fragment),
        Some(Word::Template) => Some(Kind::Template { path: path(section) }),
        Some(Word::Rule) => Some(Kind::Rule(rule_of(section))),
        None => {
            // Which keys belong here is not known then.
            section.know(&["path", "pattern", "paths", "message", "bad", "good"]);
            None
        }
    };
    section.finish();
    Some(Lesson { id, text, kind: kind?, origin, count: count.unwrap_or(1), scope })
}

fn path(section: &Section) -> String {
    let path = section.required("path", "\"templates/note.md\"");
    if path.starts_with('/') || path.contains('\0') || path.split('/').any(|part| part == "..") {
        let message = format!("`path` in {} must be a path inside the repository", section.name);
        section.wrong_value("path", message, Some("write it relative to the repository's root".into()));
    }
    path
}

fn rule_of(section: &Section) -> Rule {
    let found = Rule {
        pattern: section.required("pattern", "'\\.unwrap\\(\\)'"),
        paths: needed(section, "paths", "[\"src/**/*.rs\"]"),
        message: section.text("message"),
        bad: needed(section, "bad", "[\"what the pattern must catch\"]"),
        good: needed(section, "good", "[\"what it must let pass\"]"),
    };
    check_globs(section, "paths", &found.paths);
    if let Err(why) = rule::pattern(&found.pattern) {
        section.wrong_value("pattern", format!("`pattern` in {}: {why}", section.name), None);
    }
    found
}

fn texts(section: &Section, key: &'static str) -> Vec<String> {
    section.texts(key).unwrap_or_default()
}

/// A list that must be there and hold something.
fn needed(section: &Section, key: &'static str, example: &str) -> Vec<String> {
    let list = texts(section, key);
    if section.has(key) && list.is_empty() {
        section.wrong_value(key, format!("`{key}` in {} is empty", section.name), None);
    } else if !section.has(key) {
        let problem =
            section.source.problem(section.span.clone(), format!("{} has no `{key}`", section.name));
        section.source.report(problem.hint(format!("add: {key} = {example}")));
    }
    list
}

fn check_globs(section: &Section, key: &'static str, globs: &[String]) {
    if let Err(why) = rule::globs(globs) {
        section.wrong_value(key, format!("`{key}` in {}: {why}", section.name), None);
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
