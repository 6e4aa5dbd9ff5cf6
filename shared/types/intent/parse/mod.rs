//! The one parser of intent files: all problems of a file at once, each with its place.

mod acceptance;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::slug::{check_id, check_slug, suggest};
use super::{CONSTRAINT_KINDS, Constraint, Contract, ContractKind, Intent, SCHEMA, Scope};
use crate::types::problem::Problem;
use crate::types::toml::{Section, Source, decode, nearest, tables};

/// An intent, and what of it this version accepts but does not act on yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    pub intent: Intent,
    /// In words: `` `signal` of few-errors ``.
    pub later: Vec<String>,
}

/// Read the file `file_name` of the intent `slug`.
pub fn parse(slug: &str, file_name: &str, text: &[u8]) -> Result<Parsed, Vec<Problem>> {
    let text = decode(file_name, text).map_err(|problems| problems.0)?;
    let tables = tables(file_name, text).map_err(|problems| problems.0)?;
    let source = Source::new(file_name, text);
    if let Err(message) = check_slug(slug) {
        let problem = source.problem(0..0, message);
        source.report(match suggest(slug) {
            Some(slug) => problem.hint(format!("rename the file to {slug}.toml")),
            None => problem.hint("rename the file"),
        });
    }
    let root = Section::new(&source, &tables, "the intent", 0..0);
    if let Some(problem) = newer_schema(&root) {
        return Err(vec![problem]);
    }
    let mut later = Vec::new();
    let intent = intent(slug, &root, &mut later);
    root.finish();
    match source.into_problems() {
        problems if problems.is_empty() => Ok(Parsed { intent, later }),
        problems => Err(problems),
    }
}

/// A file for a later version may hold keys nobody here knows, so only its version is named.
fn newer_schema(root: &Section) -> Option<Problem> {
    if !root.has("schema") {
        let problem = root.source.problem(0..0, "the intent has no `schema`");
        root.source.report(problem.hint(format!("add as the first line: schema = {SCHEMA}")));
        root.know(&["schema"]);
        return None;
    }
    let schema = root.whole("schema", 1, i64::MAX)?;
    if schema <= SCHEMA {
        return None;
    }
    let message = format!("schema {schema} needs a newer version of this tool");
    let version = env!("CARGO_PKG_VERSION");
    let hint = format!("version {version} reads schema {SCHEMA}; install one that reads schema {schema}");
    Some(root.source.problem(root.value_span("schema"), message).hint(hint))
}

fn intent(slug: &str, root: &Section, later: &mut Vec<String>) -> Intent {
    let title = root.required("title", "\"what is wanted, in one line\"");
    if title.contains('\n') {
        root.wrong_value("title", "`title` is one line", Some("put the rest into `outcome`".into()));
    }
    let outcome = root.required("outcome", "\"what is true when this is done\"");
    let (rationale, out_of_scope) = (root.text("rationale"), root.texts("out-of-scope").unwrap_or_default());
    let scope = root.table("scope").map_or_else(Scope::default, |section| scope(&section));
    let constraints = root.tables("constraint");
    let contracts = root.tables("contract");
    let checks = root.tables("acceptance");
    for sections in [&constraints, &contracts, &checks] {
        unique_ids(sections);
    }
    let ids: Vec<String> = checks.iter().filter_map(peek_id).collect();
    Intent {
        slug: slug.to_owned(),
        title,
        outcome,
        rationale,
        out_of_scope,
        scope,
        constraints: constraints.iter().map(|section| constraint(section, &ids)).collect(),
        contracts: contracts.iter().filter_map(contract).collect(),
        acceptance: checks.iter().map(|section| acceptance::acceptance(section, later)).collect(),
    }
}

fn scope(section: &Section) -> Scope {
    let count = |key| section.whole(key, 1, 10_000).and_then(|number| u32::try_from(number).ok());
    let scope = Scope {
        write: section.texts("write").unwrap_or_default(),
        rounds: count("rounds"),
        minutes: count("minutes"),
    };
    section.finish();
    scope
}

/// The id, read without reporting anything.
fn peek_id(section: &Section) -> Option<String> {
    section.peek("id").map(str::to_owned)
}

fn unique_ids(sections: &[Section]) {
    let mut seen: Vec<(String, Range<usize>)> = Vec::new();
    for section in sections {
        let Some(id) = peek_id(section) else { continue };
        let span = section.value_span("id");
        match seen.iter().find(|(other, _)| *other == id) {
            Some((_, first)) => {
                let message = format!("duplicate id {id:?} in {}", section.name);
                let problem = section.source.problem(span, message).hint("give one of them another id");
                section.source.report(section.source.also(problem, first.clone(), "first used here"));
            }
            None => seen.push((id, span)),
        }
    }
}

/// The id of an entry; from here on problems name it.
fn id(section: &Section) -> String {
    let id = section.required("id", "\"a-short-name\"");
    if !id.trim().is_empty()
        && let Err(message) = check_id(&id)
    {
        section.wrong_value("id", message, suggest(&id).map(|id| format!("perhaps {id:?}")));
    }
    id
}

fn constraint(section: &Section, checks: &[String]) -> Constraint {
    let words = CONSTRAINT_KINDS.map(|kind| (kind, kind));
    let kind = section.required_word("kind", &words).unwrap_or_default();
    let check = section.text("check");
    if let Some(check) = check.as_ref().filter(|check| !checks.contains(check)) {
        let hint = match nearest(check, checks.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near:?}?"),
            None => "write that acceptance check, or leave `check` out: then a person judges it".to_owned(),
        };
        section.wrong_value("check", format!("no acceptance check has the id {check:?}"), Some(hint));
    }
    let constraint = Constraint {
        id: id(section),
        kind: kind.to_owned(),
        text: section.required("text", "\"what must hold\""),
        check,
    };
    section.finish();
    constraint
}

#[derive(Clone, Copy)]
enum ContractWord {
    JsonSchema,
    CliHelp,
    RustApi,
    Markdown,
    File,
}

const CONTRACT_KINDS: [(&str, ContractWord); 5] = [
    ("json-schema", ContractWord::JsonSchema),
    ("cli-help", ContractWord::CliHelp),
    ("rust-api", ContractWord::RustApi),
    ("markdown", ContractWord::Markdown),
    ("file", ContractWord::File),
];

fn contract(section: &Section) -> Option<Contract> {
    let id = id(section);
    let Some(word) = section.required_word("kind", &CONTRACT_KINDS) else {
        // Which keys belong here is not known then.
        section.know(&[
            "path",
            "examples",
            "run",
            "package",
            "baseline",
            "files",
            "sections",
            "front-matter",
        ]);
        section.finish();
        return None;
    };
    let kind = match word {
        ContractWord::JsonSchema => {
            ContractKind::JsonSchema { path: required_path(section), examples: section.text("examples") }
        }
        ContractWord::CliHelp => {
            ContractKind::CliHelp { run: acceptance::command(section, "run"), path: required_path(section) }
        }
        ContractWord::RustApi => ContractKind::RustApi {
            package: section.text("package"),
            path: inner_path(section, "path"),
            baseline: section.text("baseline"),
        },
        ContractWord::Markdown => ContractKind::Markdown {
            files: section.required("files", "\"notes/**/*.md\""),
            sections: section.texts("sections").unwrap_or_default(),
            front_matter: section.texts("front-matter").unwrap_or_default(),
        },
        ContractWord::File => ContractKind::File { path: required_path(section) },
    };
    section.finish();
    Some(Contract { id, kind })
}

fn required_path(section: &Section) -> String {
    if section.has("path") {
        return inner_path(section, "path").unwrap_or_default();
    }
    section.required("path", "\"a file of the repository\"")
}

/// A path below the repository's root.
fn inner_path(section: &Section, key: &'static str) -> Option<String> {
    let path = section.text(key)?;
    let leaves = path.split('/').any(|part| part == "..") || path.starts_with('/') || path.is_empty();
    if leaves || path.contains('\0') {
        let message = format!("`{key}` in {} must be a path inside the repository", section.name);
        section.wrong_value(key, message, Some("write it relative to the repository's root".into()));
    }
    Some(path)
}
