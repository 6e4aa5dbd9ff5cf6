//! Tests of capture: nothing is lost, the same text gives the same intent, each format finds its keys.

use factory::types::intent::parse::parse;
use factory::types::intent::write::written;
use factory::types::intent::{Anchor, Compare};
use proptest::prelude::*;

use super::markdown::CARRIED;
use super::proposal::values;
use super::source::lost;
use super::*;

fn said() -> Said {
    Said { slug: "it".into(), ..Said::default() }
}

/// What is made of the text, after it was written and read again.
fn made(name: &str, text: &str) -> Captured {
    let captured = capture(Some(name), text, &said());
    let file = written(&captured.intent);
    let read = parse("it", "it.toml", file.as_bytes()).unwrap_or_else(|p| panic!("{p:?} in\n{file}")).intent;
    assert_eq!(read, captured.intent);
    let mut kept = values(&read);
    let files = captured.examples.iter().flat_map(|example| &example.files);
    kept.extend(files.map(|(_, content)| content.clone()));
    let missing = lost(text, &kept, &CARRIED);
    assert!(missing.is_empty(), "{missing:?} of\n{text}\nis not in\n{file}");
    captured
}

fn texts(captured: &Captured) -> Vec<(&str, &str)> {
    let checks = captured.intent.acceptance.iter();
    checks.map(|check| (check.id.as_str(), check.text.as_deref().unwrap_or_default())).collect()
}

/// Lines of every format, so that any mixture of them comes up.
const LINES: [&str; 40] = [
    "",
    "",
    "# Orders: a title",
    "## Out of scope",
    "## Acceptance criteria",
    "## Requirements",
    "## Goal",
    "### Requirement: It is quiet",
    "#### Scenario: A bad row",
    "### User Story 1 - Export (Priority: P1)",
    "## REMOVED Requirements",
    "- **WHEN** a row is bad",
    "- **THEN** its line is named",
    "- [ ] It `exports` all.",
    "- **FR-001**: System MUST log. [NEEDS CLARIFICATION: where?]",
    "1. Given a file, When it is read, Then it is kept",
    "  continued here and it must stop.",
    "It must never lose a row. It is used daily, e.g. on Mondays.",
    "Not Excel files.",
    "WHEN it ends THE tool SHALL say so.",
    "`tool x` exits with 2 and prints \"no\".",
    "$ tool --version",
    "tool 1.0",
    "```csv",
    "```",
    "a;b { } \\ \"\"\" ** 2**3",
    "Input:",
    "Expected output:",
    "> quoted must text",
    "| a | must |",
    "|---|---|",
    "---",
    "Feature: Sell",
    "  Scenario: Sold out",
    "    Given a shop",
    "    When I buy",
    "    Then I pay",
    "<b>it must</b>",
    "**Status**: Draft",
    "[link]: http://example.com",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_line_is_found_again(picked in prop::collection::vec((0..LINES.len(), 0..40_u32), 1..24), name in 0..3) {
        // A number tells lines that are alike apart.
        let lines = picked.iter().map(|(place, number)| match *number {
            number if number < 20 || LINES[*place].is_empty() || LINES[*place].starts_with("```") => {
                LINES[*place].to_owned()
            }
            number => format!("{} n{number}", LINES[*place]),
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        if !text.trim().is_empty() {
            made(["a.md", "a.feature", "a.txt"][name as usize], &text);
        }
    }

    #[test]
    fn any_text_becomes_an_intent_that_reads_back(text in "[ -~\n#*`üß\t]{1,200}") {
        let captured = capture(Some("a.md"), &text, &said());
        let again = capture(Some("a.md"), &text, &said());
        prop_assert_eq!(&captured.intent, &again.intent);
        let file = written(&captured.intent);
        if !captured.intent.outcome.trim().is_empty() && !captured.intent.title.trim().is_empty() {
            prop_assert_eq!(parse("it", "it.toml", file.as_bytes()).unwrap().intent, captured.intent);
        }
    }
}

#[test]
fn the_first_sentence_of_prose_is_the_outcome_and_the_others_go_by_their_words() {
    let text = "I want one command that tidies my downloads. It gets messy every week.\n\
It must never delete a file without asking. Not photos. `tidy --dry-run` prints \"nothing moved\".\r\n\
When a name is taken the tool shall add a number. It should finish within 2 seconds.";
    let captured = made("memo.txt", text);
    let intent = &captured.intent;
    assert_eq!(captured.format, Format::Prose);
    assert_eq!(intent.outcome, "I want one command that tidies my downloads.");
    assert_eq!(intent.title, intent.outcome);
    assert_eq!(intent.out_of_scope, ["Not photos."]);
    let bounds: Vec<(&str, &str)> =
        intent.constraints.iter().map(|c| (c.kind.as_str(), c.text.as_str())).collect();
    assert_eq!(
        bounds,
        [
            ("ux", "It must never delete a file without asking."),
            ("performance", "It should finish within 2 seconds.")
        ]
    );
    assert_eq!(texts(&captured)[1].1, "When a name is taken the tool shall add a number.");
    let Anchor::Run(run) = &intent.acceptance[0].anchor else { panic!("{:?}", intent.acceptance) };
    assert_eq!((run.command.as_str(), run.stdout.as_deref()), ("tidy --dry-run", Some("nothing moved")));
    assert_eq!(intent.rationale.as_deref(), Some("It gets messy every week."));
    assert_eq!((waiting(intent), started(intent)), (1, vec!["tidy --dry-run"]));
}

#[test]
fn a_transcript_of_speech_stays_whole() {
    let text = "tidy my downloads it must be quick";
    let (intent, _) = {
        let mut draft = Draft::new(text);
        prose::read(&mut draft);
        draft.finish(&Said { whole: true, ..said() })
    };
    assert_eq!((intent.outcome.as_str(), intent.rationale.as_deref()), (text, Some(text)));
}

#[test]
fn an_issue_gives_its_checklist_and_keeps_how_it_came_about() {
    let text = "# Export stops at an empty amount\n\nThe monthly export ends early.\n\n\
## Steps to reproduce\n\n1. `orders export march.csv`\n2. Look at the last line\n\n\
## Expected\n\n`orders export march.csv` exits with 2 and prints `line 9` on stderr.\n\n\
## Actual\n\nIt ends with 0.\n\n- [ ] The line is named\n- [x] Nothing is written\n\n## Out of scope\n\n- Excel\n";
    let captured = made("issue.md", text);
    let intent = &captured.intent;
    assert_eq!(intent.title, "Export stops at an empty amount");
    assert_eq!(intent.outcome, "The monthly export ends early.");
    assert_eq!(intent.out_of_scope, ["Excel"]);
    assert_eq!(intent.acceptance.len(), 3, "{:?}", texts(&captured));
    let Anchor::Run(run) = &intent.acceptance[0].anchor else { panic!("{:?}", intent.acceptance) };
    assert_eq!((run.exit, run.stderr.as_deref()), (2, Some("line 9")));
    let rationale = intent.rationale.as_deref().unwrap();
    assert!(rationale.contains("## Steps to reproduce\n\n1. `orders export march.csv`"), "{rationale}");
    assert!(rationale.contains("It ends with 0.") && !rationale.contains("## Expected"), "{rationale}");
}

#[test]
fn fenced_pairs_become_fixture_folders_and_transcripts_checks() {
    let text = "# Convert\n\nOrders become JSON by `conv {input}`.\n\nInput:\n\n```csv\na;1\n```\n\n\
Expected:\n\n```json\n{\"a\":1}\n```\n\n```console\n$ conv --version\nconv 1.0\n```\n";
    let captured = made("notes.md", text);
    let files = &captured.examples[0].files;
    assert_eq!(captured.examples[0].case, "example-1");
    assert_eq!(files[0], ("input.csv".into(), "a;1\n".into()));
    assert_eq!(files[1], ("expected.json".into(), "{\"a\":1}\n".into()));
    let Anchor::Fixtures(fixtures) = &captured.intent.acceptance[0].anchor else { panic!() };
    assert_eq!((fixtures.command.as_str(), fixtures.compare), ("conv {input}", Compare::Exact));
    assert_eq!(started(&captured.intent), ["conv {input}", "conv --version"]);
    let bare = made("notes.md", &text.replace("`conv {input}`", "conv"));
    assert!(matches!(bare.intent.acceptance[0].anchor, Anchor::Inspect { .. }));
}

#[test]
fn a_feature_file_gives_its_scenarios_and_keeps_what_has_no_key() {
    let text = "@shop\nFeature: Sell a book\n  Readers buy without an account. It must be quick.\n\n\
  # a comment\n  Background:\n    Given a shop\n\n  Rule: Nobody pays twice\n\n    Scenario: Sold out\n\
      Given no copies\n      When I buy one\n      But I wait\n      Then I am told\n\n\
    Scenario Outline: Prices\n      When I buy <n>\n      Then I pay <p>\n\n      Examples:\n\
        | n | p |\n        | 1 | 2 |\n";
    let captured = made("sell.feature", text);
    let intent = &captured.intent;
    assert_eq!((captured.format, captured.remark.as_deref()), (Format::Gherkin, None));
    assert_eq!(intent.title, "Sell a book");
    assert_eq!(intent.outcome, "Readers buy without an account.");
    assert_eq!(intent.constraints[1].text, "Nobody pays twice");
    let wanted = "Sold out: GIVEN no copies WHEN I buy one BUT I wait THEN I am told";
    assert_eq!(texts(&captured)[0], ("sold-out", wanted));
    let rationale = intent.rationale.as_deref().unwrap();
    for kept in
        ["@shop", "# a comment", "Background:", "Given a shop", "Scenario Outline: Prices", "| 1 | 2 |"]
    {
        assert!(rationale.contains(kept), "no {kept:?} in {rationale}");
    }
    let broken = made("bad.feature", "Feature: x\n  Scenarioo\n  nonsense: [");
    assert!(broken.remark.is_some() || broken.format == Format::Gherkin);
}

#[test]
fn ears_sentences_become_checks_in_their_words() {
    let text = "Rows are named.\n\nWHEN a row is bad THE tool SHALL name its line.\n\
IF the disk is full, THEN THE tool SHALL stop.\nWHILE offline THE app SHALL queue.\n\
WHERE a proxy is set, THE client SHALL use it.\nTHE tool SHALL be quiet.\n";
    let captured = made("ears.txt", text);
    let found = texts(&captured);
    assert_eq!(found.len(), 5, "{found:?}");
    assert_eq!(found[1].1, "IF the disk is full, THEN THE tool SHALL stop.");
    assert_eq!(waiting(&captured.intent), 5);
}

#[test]
fn an_openspec_file_gives_requirements_with_their_scenarios() {
    let text = "# auth Specification\n\n## Purpose\n\nOnly known people get in.\n\n## Requirements\n\n\
### Requirement: Lock out\nThe system SHALL lock an account after five wrong passwords.\n\n\
#### Scenario: Fifth try\n- **GIVEN** four wrong tries\n- **WHEN** one more is wrong\n- **THEN** the account is locked\n- **AND** the person is told\n\n\
## REMOVED Requirements\n\n### Requirement: Hints\n**Reason**: they leak.\n";
    let captured = made("spec.md", text);
    let intent = &captured.intent;
    assert_eq!(captured.format, Format::OpenSpec);
    assert_eq!(intent.outcome, "Only known people get in.");
    let bound = &intent.constraints[0];
    assert_eq!((bound.id.as_str(), bound.kind.as_str()), ("lock-out", "security"));
    assert_eq!(bound.check.as_deref(), Some("fifth-try"));
    let wanted = "Fifth try: GIVEN four wrong tries WHEN one more is wrong THEN the account is locked AND the person is told";
    assert_eq!(texts(&captured)[0], ("fifth-try", wanted));
    let Anchor::Inspect { question } = &intent.acceptance[1].anchor else { panic!() };
    assert_eq!(question, "Is it gone? Hints");
    assert!(intent.rationale.as_deref().unwrap().contains("**Reason**: they leak."));
}

#[test]
fn spec_kit_ids_stay_and_what_is_unclear_is_asked() {
    let text = "# Feature Specification: Photo albums\n\n**Feature Branch**: `001-albums`\n**Input**: User description: \"Sort my photos\"\n\n\
## User Scenarios & Testing\n\n### User Story 1 - Make an album (Priority: P1)\n\nA person groups photos.\n\n\
**Acceptance Scenarios**:\n\n1. **Given** photos, **When** one is dropped, **Then** it is in the album\n\n\
### Edge Cases\n\n- What happens with 10,000 photos?\n\n## Requirements\n\n### Functional Requirements\n\n\
- **FR-001**: System MUST keep albums\n- **FR-002**: System MUST share them [NEEDS CLARIFICATION: with whom?]\n\n\
## Success Criteria\n\n- **SC-001**: Nine of ten people make one within a minute\n";
    let captured = made("spec.md", text);
    let intent = &captured.intent;
    assert_eq!((captured.format, intent.title.as_str()), (Format::SpecKit, "Photo albums"));
    assert_eq!(intent.outcome, "\"Sort my photos\"");
    let ids: Vec<&str> = texts(&captured).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["us1-1", "fr-001", "fr-002", "sc-001"]);
    let Anchor::Inspect { question } = &intent.acceptance[2].anchor else { panic!() };
    assert_eq!(question, "NEEDS CLARIFICATION: with whom?");
    let rationale = intent.rationale.as_deref().unwrap();
    assert!(rationale.contains("(Priority: P1)") && rationale.contains("10,000 photos"), "{rationale}");
}

#[test]
fn kiro_criteria_keep_their_numbers() {
    let text = "# Requirements Document\n\n## Introduction\n\nNotes become a site.\n\n## Requirements\n\n\
### Requirement 2: Publish\n\n**User Story:** As a writer, I want one command, so that I publish often.\n\n\
#### Acceptance Criteria\n\n1. WHEN a note is new THE SYSTEM SHALL add a page\n2. IF a link is dead THEN THE SYSTEM SHALL name it\n";
    let captured = made("requirements.md", text);
    assert_eq!(captured.format, Format::Kiro);
    assert_eq!(captured.intent.outcome, "Notes become a site.");
    let ids: Vec<&str> = texts(&captured).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["req-2-1", "req-2-2"]);
    assert!(captured.intent.rationale.as_deref().unwrap().contains("As a writer"));
}
