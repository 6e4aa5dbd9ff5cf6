//! What an agent is given: the intent in words, the lessons that apply, what failed in the last round,
//! why work was rejected.

use std::fmt::Write;

use factory::types::intent::{Acceptance, Anchor, Constraint, Contract, ContractKind, Intent};
use factory::types::lesson::{Kind, Lesson, scope};

/// One thing that did not hold, as the next round is told it.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub name: String,
    pub reason: String,
    /// May have many lines, or none.
    pub detail: String,
}

/// A fixture folder and the files in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub folder: String,
    pub files: Vec<String>,
}

/// Everything the brief is made of.
pub struct Brief<'a> {
    pub intent: &'a Intent,
    pub cases: &'a [Case],
    pub failures: &'a [Failure],
    pub reasons: &'a [String],
    /// All of them; those that apply are told.
    pub lessons: &'a [Lesson],
}

/// How much of one failure's detail is shown.
const DETAIL_BYTES: usize = 6_000;

impl Brief<'_> {
    /// The brief as markdown.
    pub fn markdown(&self) -> String {
        let intent = self.intent;
        let mut text = format!("# {}\n\n{}\n", intent.title, intent.outcome);
        let mut section = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                // Writing to a String cannot fail.
                let _ = write!(text, "\n## {title}\n\n{}\n", lines.join("\n"));
            }
        };
        section("What failed in the last round", self.failures.iter().map(failure).collect());
        section("Why earlier work was rejected", self.reasons.iter().map(|why| format!("- {why}")).collect());
        section("How it will be judged", intent.acceptance.iter().map(acceptance).collect());
        section("Examples in the repository", self.cases.iter().map(case).collect());
        section("Constraints", intent.constraints.iter().map(constraint).collect());
        section("Contracts", intent.contracts.iter().map(contract).collect());
        section("What earlier work taught", self.lessons.iter().filter_map(|l| lesson(l, intent)).collect());
        section("Not asked for", intent.out_of_scope.iter().map(|what| format!("- {what}")).collect());
        section("How to work", vec![rules(intent)]);
        text
    }
}

fn failure(failure: &Failure) -> String {
    let mut text = format!("- **{}**: {}", failure.name, failure.reason);
    let detail = tail(failure.detail.trim_end(), DETAIL_BYTES);
    if !detail.is_empty() {
        // A fence longer than any inside.
        let fence = "`".repeat(longest_run(detail).max(2) + 1);
        let _ = write!(text, "\n\n{fence}\n{detail}\n{fence}\n");
    }
    text
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The last `limit` bytes, from a character's start.
pub fn tail(text: &str, limit: usize) -> &str {
    let mut start = text.len().saturating_sub(limit);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

fn acceptance(check: &Acceptance) -> String {
    let how = match &check.anchor {
        Anchor::Missing => "nothing is asserted yet".to_owned(),
        Anchor::Test { name } => format!("the test `{name}` exists and passes under `cargo test`"),
        Anchor::Run(run) => {
            let mut how = format!("`{}` ends with exit code {}", run.command, run.exit);
            for (stream, wanted) in [("standard output", &run.stdout), ("standard error", &run.stderr)] {
                if let Some(wanted) = wanted {
                    let _ = write!(how, ", {stream} contains `{wanted}`");
                }
            }
            if let Some(file) = &run.stdin {
                let _ = write!(how, ", given `{file}` on standard input");
            }
            how
        }
        Anchor::Fixtures(fixtures) => format!(
            "`{}` run on the input of every example below answers with what is expected beside it",
            fixtures.command
        ),
        Anchor::Http(http) => {
            let mut how =
                format!("the running service answers `{} {}` with {}", http.method, http.path, http.status);
            if let Some(body) = &http.body {
                let _ = write!(how, ", sent `{body}`");
            }
            if let Some(wanted) = &http.contains {
                let _ = write!(how, ", and the answer contains `{wanted}`");
            }
            if let Some(schema) = &http.schema {
                let _ = write!(how, ", and the answer satisfies `{schema}`");
            }
            how
        }
        Anchor::Signal { name, max } => match max {
            Some(max) => format!("in use, `{name}` stays at or below {max}"),
            None => format!("in use, `{name}` is watched"),
        },
        Anchor::Inspect { question } => format!("a person answers: {question}"),
    };
    match &check.text {
        Some(text) => format!("- **{}**: {text} ({how})", check.id),
        None => format!("- **{}**: {how}", check.id),
    }
}

fn case(case: &Case) -> String {
    format!("- `{}`: {}", case.folder, case.files.join(", "))
}

fn constraint(constraint: &Constraint) -> String {
    let Constraint { id, kind, text, check } = constraint;
    match check {
        Some(check) => format!("- **{id}** ({kind}): {text} Held by the check `{check}`."),
        None => format!("- **{id}** ({kind}): {text} A person judges it."),
    }
}

fn contract(contract: &Contract) -> String {
    let words = match &contract.kind {
        ContractKind::JsonSchema { path, .. } => format!("JSON satisfies the schema `{path}`"),
        ContractKind::CliHelp { run, path } => format!("`{run}` prints what `{path}` holds"),
        ContractKind::RustApi { package, .. } => {
            format!("the public interface of {} stays", package.as_deref().unwrap_or("the crate"))
        }
        ContractKind::Markdown { files, sections, .. } => {
            format!("`{files}` have the sections {}", sections.join(", "))
        }
        ContractKind::File { path } => format!("`{path}` stays as it is"),
    };
    format!("- **{}**: {words}", contract.id)
}

/// A lesson that is about what the intent may change. A rule is held by `check`, and needs no words.
fn lesson(lesson: &Lesson, intent: &Intent) -> Option<String> {
    if !scope::meet(&lesson.scope, &intent.scope.write) {
        return None;
    }
    match &lesson.kind {
        Kind::Fragment => Some(format!("- {}", lesson.text.trim_end().replace('\n', "\n  "))),
        Kind::Template { path } => Some(format!("- {} (begin with a copy of `{path}`)", lesson.text)),
        Kind::Rule(_) => None,
    }
}

fn rules(intent: &Intent) -> String {
    let mut rules =
        vec!["- Work in the current folder alone; it is a git worktree of the project.".to_owned()];
    if !intent.scope.write.is_empty() {
        let globs: Vec<String> = intent.scope.write.iter().map(|glob| format!("`{glob}`")).collect();
        rules.push(format!("- Change only {}; other edits are not taken.", globs.join(", ")));
    }
    rules.extend([
        "- `intents/`, `factory.toml` and CI files are not yours to change; edits there are not taken."
            .to_owned(),
        "- Do not commit, and leave `.git` alone: the files are taken as you leave them.".to_owned(),
        "- The checks are run on a clean copy when you are done. Saying that they pass changes nothing."
            .to_owned(),
        "- End with a few sentences on what you did and why.".to_owned(),
    ]);
    rules.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent() -> Intent {
        Intent {
            slug: "x".into(),
            title: "A title".into(),
            outcome: "It is so.".into(),
            rationale: Some("never shown to agents as a demand".into()),
            out_of_scope: vec!["Excel".into()],
            scope: Default::default(),
            constraints: Vec::new(),
            contracts: Vec::new(),
            acceptance: Vec::new(),
        }
    }

    #[test]
    fn what_failed_comes_before_everything_but_the_outcome() {
        let failures =
            [Failure { name: "x/bom".into(), reason: "exit code 1".into(), detail: "```\nout\n```".into() }];
        let reasons = ["too clever".to_owned()];
        let intent = intent();
        let text =
            Brief { intent: &intent, cases: &[], failures: &failures, reasons: &reasons, lessons: &[] }
                .markdown();
        let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what:?} in {text}"));
        assert!(place("It is so.") < place("x/bom"));
        assert!(place("too clever") < place("## Not asked for"));
        assert!(text.contains("````\n```\nout"), "the fence is longer than what it holds: {text}");
    }

    #[test]
    fn a_section_without_lines_is_left_out() {
        let intent = intent();
        let text =
            Brief { intent: &intent, cases: &[], failures: &[], reasons: &[], lessons: &[] }.markdown();
        assert!(!text.contains("failed") && !text.contains("rejected") && !text.contains("Contracts"));
    }

    #[test]
    fn lessons_about_the_intents_paths_are_told_until_a_rule_holds_them() {
        let of = |text: &str, scope: &[&str], kind| Lesson {
            id: "a".into(),
            text: text.into(),
            kind,
            origin: None,
            count: 1,
            scope: scope.iter().map(|glob| (*glob).to_owned()).collect(),
        };
        let lessons = [
            of("Short sentences", &[], Kind::Fragment),
            of("Only for notes", &["notes/**"], Kind::Fragment),
            of("Begin so", &["src/**"], Kind::Template { path: "t/mod.rs".into() }),
            of("Held already", &[], Kind::Rule(Default::default())),
        ];
        let mut intent = intent();
        intent.scope.write = vec!["src/**".into()];
        let text =
            Brief { intent: &intent, cases: &[], failures: &[], reasons: &[], lessons: &lessons }.markdown();
        assert!(text.contains("- Short sentences\n- Begin so (begin with a copy of `t/mod.rs`)"), "{text}");
        assert!(!text.contains("Only for notes") && !text.contains("Held already"), "{text}");
    }

    #[test]
    fn a_long_detail_keeps_its_end() {
        assert_eq!(tail("äbc", 3), "bc");
        assert_eq!(tail("abc", 9), "abc");
    }
}
