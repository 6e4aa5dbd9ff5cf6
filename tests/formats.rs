//! docs/formats.md says all that is written down: held to the parsers and to what the code writes.

mod printed;

use std::collections::BTreeSet;

use factory::operations::digest::{Entries, digest_of};
use factory::types::config::{Config, parse::lay_over};
use factory::types::event::{Event, MAX_LINE_BYTES};
use factory::types::{id, intent, lesson};
use regex::Regex;
use serde_json::Value;

use crate::tidy::{code, product, root};

fn document() -> String {
    std::fs::read_to_string(root().join("docs/formats.md")).unwrap()
}

/// The text of the section under this heading.
fn section<'d>(document: &'d str, heading: &str) -> &'d str {
    let from =
        document.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading:?}"));
    let rest = &document[from + 4..];
    rest.split("\n## ").next().unwrap()
}

/// The code blocks in this language.
fn blocks<'d>(document: &'d str, language: &str) -> Vec<&'d str> {
    let begin = format!("```{language}\n");
    document.split(begin.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

fn examples(document: &str) -> Vec<&str> {
    blocks(document, "json").into_iter().flat_map(str::lines).filter(|line| !line.is_empty()).collect()
}

/// Everything in backticks.
fn named(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// First cell and whole text of each row of the tables whose first column is `op`.
fn rows(document: &str) -> Vec<(&str, &str)> {
    let tables = document
        .split("| op | fields | merge |\n|---|---|---|\n")
        .skip(1)
        .map(|rest| rest.split("\n\n").next().unwrap());
    let rows = tables.flat_map(str::lines);
    rows.map(|row| (row.split('`').nth(1).unwrap_or_else(|| panic!("a row without an op: {row}")), row))
        .collect()
}

#[test]
fn every_example_is_an_event_that_comes_back_as_the_same_bytes() {
    let document = document();
    let examples = examples(&document);
    assert!(examples.len() > 40, "{} examples", examples.len());
    for line in examples {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(record.to_string(), line);
        if record.get("begin").is_some() {
            assert!(record["release"].is_string() && record.get("detail").is_some(), "{line}");
            continue;
        }
        let inner = record.get("event").map(Value::to_string);
        let line = inner.as_deref().unwrap_or(line);
        let event = Event::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(event.line(), line);
        assert!(line.len() <= MAX_LINE_BYTES, "{line}");
    }
}

#[test]
fn the_payload_of_the_example_is_what_is_signed() {
    let document = document();
    let told = blocks(&document, "payload")[0].trim_end().replace("\\0", "\0");
    let revoked = examples(&document).into_iter().find(|line| line.contains("\"op\":\"revoke\"")).unwrap();
    let event = Event::parse(revoked.as_bytes()).unwrap();
    let approval = factory::types::approval::Approval::read(&event).unwrap();
    assert_eq!(String::from_utf8(approval.payload()).unwrap(), told);
}

#[test]
fn every_field_of_an_example_stands_in_a_row_of_its_operation() {
    let document = document();
    let rows = rows(&document);
    for line in examples(&document) {
        let Ok(event) = Event::parse(line.as_bytes()) else { continue };
        if event.op == "batch" {
            continue;
        }
        let of_op: String =
            rows.iter().filter(|(op, _)| *op == event.op).map(|(_, row)| *row).collect::<Vec<_>>().join(" ");
        for field in event.fields.keys().filter(|field| *field != "n") {
            assert!(
                named(&of_op).contains(field.as_str()),
                "`{field}` is in no row of `{}`: {line}",
                event.op
            );
        }
    }
}

#[test]
fn every_operation_the_code_writes_has_a_row_and_an_example() {
    let document = document();
    let rows = rows(&document);
    let shown: BTreeSet<String> = examples(&document)
        .into_iter()
        .filter_map(|line| Some(Event::parse(line.as_bytes()).ok()?.op))
        .collect();
    let written = written_operations();
    for op in &written {
        assert!(rows.iter().any(|(row, _)| row == op), "docs/formats.md has no row for the operation `{op}`");
        assert!(shown.contains(op), "docs/formats.md has no example of the operation `{op}`");
    }
    for (op, row) in rows {
        let told = row.contains("not written by this version");
        assert_ne!(written.contains(op), told, "`{op}` is told as what it is not: {row}");
    }
}

#[test]
fn every_field_the_code_writes_is_named_and_in_snake_case() {
    let document = document();
    let names = named(&document);
    let call = Regex::new(r#"\.with\(\s*"([^"]+)""#).unwrap();
    let mut fields = BTreeSet::new();
    for (_, text) in product().iter().filter(|(path, _)| {
        !["digest/tests", "digest/properties"]
            .iter()
            .any(|left_out| path.to_string_lossy().contains(left_out))
    }) {
        fields.extend(call.captures_iter(code(text)).map(|found| found[1].to_owned()));
    }
    assert!(fields.len() > 60 && fields.contains("because"), "{fields:?}");
    let snake = Regex::new("^[a-z][a-z0-9_]*$").unwrap();
    for field in fields {
        assert!(snake.is_match(&field), "the field `{field}` is not in snake_case");
        assert!(names.contains(field.as_str()), "docs/formats.md does not name the field `{field}`");
    }
}

/// The operations in the sources: literals handed to whatever takes an `op: &str`, or bound to `op`.
fn written_operations() -> BTreeSet<String> {
    let sources: Vec<String> = product().iter().map(|(_, text)| code(text).to_owned()).collect();
    let makers = Regex::new(r"fn (\w+)\([^{]*?\bop: &str|let (\w+) = \|[^|]*\bop: &str").unwrap();
    let mut names = BTreeSet::new();
    for text in &sources {
        names.extend(makers.captures_iter(text).map(|found| found.get(1).or(found.get(2)).unwrap().as_str()));
    }
    names.remove("has");
    assert!(["event", "next_event", "now", "point"].iter().all(|known| names.contains(known)), "{names:?}");
    let list = names.into_iter().collect::<Vec<_>>().join("|");
    let calls = Regex::new(&format!(r"\b(?:{list})\(")).unwrap();
    let bound = Regex::new(r#"let op = ([^;]*);|\bop: ("[^"]*")"#).unwrap();
    let literal = Regex::new(r#""([a-z][a-z-]*)""#).unwrap();
    let mut written = BTreeSet::new();
    for text in &sources {
        let told = calls.find_iter(text).map(|call| arguments(&text[call.end()..]));
        for part in
            told.chain(bound.captures_iter(text).map(|found| found.get(1).or(found.get(2)).unwrap().as_str()))
        {
            written.extend(literal.captures_iter(part).map(|found| found[1].to_owned()));
        }
    }
    // The field's own name, where an event is read.
    written.remove("op");
    let known =
        ["add", "seen", "attempt", "reject", "ticks", "failed", "rolled-back", "switching", "verified"];
    assert!(known.iter().all(|op| written.contains(*op)), "the scan no longer finds all: {written:?}");
    written
}

/// Up to the parenthesis that closes the call.
fn arguments(rest: &str) -> &str {
    let mut depth = 1;
    for (at, c) in rest.char_indices() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return &rest[..at];
        }
    }
    rest
}

/// Literals that can be a key or one of a key's words.
fn words_in(folders: &[&str]) -> BTreeSet<String> {
    let literal = Regex::new(r#""([a-z][a-z-]*)""#).unwrap();
    let mut words = BTreeSet::new();
    for (path, text) in product() {
        let shown = path.to_string_lossy();
        if folders.iter().any(|folder| shown.starts_with(folder)) && !shown.ends_with("tests.rs") {
            words.extend(literal.captures_iter(code(&text)).map(|found| found[1].to_owned()));
        }
    }
    words
}

#[test]
fn every_key_and_word_of_the_intent_file_is_named() {
    let document = document();
    let names = named(section(&document, "The intent file"));
    let words = words_in(&["shared/types/intent/parse", "shared/types/intent/mod.rs"]);
    assert!(words.len() > 50 && words.contains("front-matter") && words.contains("rounds"), "{words:?}");
    for word in words {
        assert!(names.contains(word.as_str()), "docs/formats.md: The intent file does not name `{word}`");
    }
}

#[test]
fn every_key_and_word_of_the_lessons_file_is_named() {
    let document = document();
    let names = named(section(&document, "The lessons file"));
    let words = words_in(&["shared/types/lesson/parse.rs"]);
    assert!(words.len() > 10 && words.contains("pattern") && words.contains("fragment"), "{words:?}");
    for word in words {
        assert!(names.contains(word.as_str()), "docs/formats.md: The lessons file does not name `{word}`");
    }
}

#[test]
fn every_key_and_word_of_the_configuration_is_named() {
    let document = document();
    let text = section(&document, "The configuration");
    let names: BTreeSet<&str> = named(text).into_iter().flat_map(|name| name.split('.')).collect();
    let words = words_in(&["shared/types/config"]);
    assert!(words.len() > 45 && words.contains("latency-ratio") && words.contains("observe"), "{words:?}");
    for word in words {
        assert!(names.contains(word.as_str()), "docs/formats.md: The configuration does not name `{word}`");
    }
}

#[test]
fn the_files_shown_are_read_and_the_defaults_are_those_of_the_code() {
    let document = document();
    let toml = blocks(&document, "toml");
    let [example, defaults] = toml[..] else { panic!("{} blocks of TOML", toml.len()) };
    intent::parse::parse("csv2json", "csv2json.toml", example.as_bytes()).unwrap();
    let lessons = lesson::parse::parse(blocks(&document, "toml lessons")[0].as_bytes()).unwrap();
    let lesson::Kind::Rule(rule) = &lessons[0].kind else { panic!("{lessons:?}") };
    assert_eq!(lesson::rule::Compiled::of(rule).unwrap().examples_against(rule), None);
    let mut config = Config::default();
    config.canary.steps.clear();
    config.canary.alpha = 0.5;
    config.canary.promote_auto = false;
    config.ship.keep = 1;
    lay_over(&mut config, "factory.toml", defaults.as_bytes()).unwrap();
    assert_eq!(config, Config::default());
}

#[test]
fn the_vectors_hold() {
    let document = document();
    let shown = blocks(section(&document, "The digest of an intent, version 1"), "text")[0];
    let (framed, digest) = shown.trim_end().split_once('\n').unwrap();
    assert_eq!(id::sha256_hex(framed.replace('|', "\0").as_bytes()), digest);
    assert_ne!(digest_of(&Entries::new()).unwrap(), digest);
    let shown: Vec<Event> =
        examples(&document).into_iter().filter_map(|line| Event::parse(line.as_bytes()).ok()).collect();
    let ticks = shown.iter().find(|event| event.op == "ticks").unwrap();
    let end = shown.iter().find(|event| event.op == "promoted" && event.subject == ticks.subject).unwrap();
    let before_ms = id::time_ms(&end.id).unwrap() - 1;
    assert_eq!(ticks.id, id::derived_event_id(before_ms, ticks.text("evidence").unwrap().as_bytes()));
    let item = id::item_id("error", "1:abc");
    assert!(document.contains(&format!("kind `error` with fingerprint `1:abc` is `{item}`")), "{item}");
}
