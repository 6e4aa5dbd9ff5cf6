//! Gherkin: the feature is title and outcome, a rule a constraint, a scenario an acceptance check.

use std::ops::Range;

use gherkin::{Feature, GherkinEnv, Scenario};

use super::commands;
use super::draft::Draft;
use super::source::sentences;

/// Read a feature file in the language it names.
///
/// # Errors
/// What the parser expected, and where; the draft is untouched then.
pub fn read(draft: &mut Draft) -> Result<(), String> {
    let feature = Feature::parse(draft.text, GherkinEnv::default()).map_err(|error| error.to_string())?;
    let mut lines = Lines { text: draft.text, at: 0 };
    let Some(header) = lines.named(&feature.keyword, &feature.name) else {
        return Err("its first line was not found again".to_owned());
    };
    lines.at = header.end;
    let title = line_part(&header, draft.text, &feature.name);
    draft.take(header.start..title.start);
    draft.title = Some(title);
    if let Some(description) = &feature.description {
        describe(draft, &lines, description);
    }
    for scenario in &feature.scenarios {
        read_scenario(draft, &mut lines, scenario);
    }
    for rule in &feature.rules {
        if let Some(line) = lines.named(&rule.keyword, &rule.name) {
            lines.at = line.end;
            let name = line_part(&line, draft.text, &rule.name);
            draft.take(line.start..name.start);
            let text = draft.take(name);
            draft.bound(None, text);
        }
        for scenario in &rule.scenarios {
            read_scenario(draft, &mut lines, scenario);
        }
    }
    Ok(())
}

fn describe(draft: &mut Draft, lines: &Lines, description: &str) {
    let mut lines = Lines { ..*lines };
    let mut whole: Option<Range<usize>> = None;
    for told in description.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(line) = lines.find(|line| line == told) else { return };
        lines.at = line.end;
        whole = Some(whole.map_or(line.clone(), |whole| whole.start..line.end));
    }
    let Some(Range { start: begin, end }) = whole else { return };
    let found = sentences(draft.text, begin..end);
    if let Some(sentence) = found.into_iter().next() {
        let rest = sentence.end..end;
        draft.outcome = Some(sentence);
        draft.paragraph(rest);
    }
}

/// Steps with tables or texts below them, and outlines, stay readable as a whole in the rationale.
fn read_scenario(draft: &mut Draft, lines: &mut Lines, scenario: &Scenario) {
    let Some(header) = lines.named(&scenario.keyword, &scenario.name) else { return };
    lines.at = header.end;
    let attached = |step: &gherkin::Step| step.table.is_some() || step.docstring.is_some();
    let whole = scenario.examples.is_empty() && !scenario.steps.iter().any(attached);
    let mut found = Vec::new();
    let mut words = Vec::new();
    for step in &scenario.steps {
        let keyword = step.keyword.trim();
        words.push(format!("{} {}", keyword.to_uppercase(), step.value.trim()));
        if let Some(line) = lines.step(keyword, step.value.trim()) {
            lines.at = line.end;
            found.push(line);
        }
    }
    if words.is_empty() {
        return;
    }
    if whole {
        draft.take(header);
        for line in found {
            draft.take(line);
        }
    }
    let steps = words.join(" ");
    let text = if scenario.name.is_empty() { steps } else { format!("{}: {steps}", scenario.name) };
    let run = commands::stated(&text).filter(|_| whole);
    let name = Some(scenario.name.as_str()).filter(|name| !name.trim().is_empty());
    draft.check(name, text, run);
}

/// The part of a line that is this name, which stands at its end.
fn line_part(line: &Range<usize>, text: &str, name: &str) -> Range<usize> {
    let at = text[line.clone()].rfind(name.trim()).unwrap_or(0);
    line.start + at..line.end
}

/// The lines of the file from a place on.
struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl Lines<'_> {
    /// The line `Keyword: name`.
    fn named(&self, keyword: &str, name: &str) -> Option<Range<usize>> {
        self.find(|line| {
            let rest = line.strip_prefix(keyword.trim()).map(str::trim_start);
            rest.and_then(|rest| rest.strip_prefix(':')).is_some_and(|rest| rest.trim() == name.trim())
        })
    }

    fn step(&self, keyword: &str, value: &str) -> Option<Range<usize>> {
        self.find(|line| line.strip_prefix(keyword).is_some_and(|rest| rest.trim() == value))
    }

    fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<Range<usize>> {
        let mut at = self.at;
        for line in self.text[self.at..].split_inclusive('\n') {
            let trimmed = line.trim();
            if wanted(trimmed) {
                let start = at + (line.len() - line.trim_start().len());
                return Some(start..start + trimmed.len());
            }
            at += line.len();
        }
        None
    }
}
