//! The requirements of OpenSpec: `### Requirement:` with its text, `#### Scenario:` with its steps,
//! and the headings of a change, `## ADDED | MODIFIED | REMOVED | RENAMED Requirements`.

use std::ops::Range;

use factory::types::intent::Anchor;

use super::blocks::{Block, Kind};
use super::draft::Draft;

/// Words of headings that become keys and ids.
pub const REQUIREMENT: &str = "Requirement:";
pub const SCENARIO: &str = "Scenario:";

#[derive(Default)]
pub struct Requirements {
    removed: bool,
    open: Option<Requirement>,
    scenario: Option<Scenario>,
}

struct Requirement {
    name: String,
    heading: Range<usize>,
    /// Its place among the constraints, once its text was read.
    constraint: Option<usize>,
    checks: Vec<String>,
}

struct Scenario {
    name: String,
    heading: Range<usize>,
    steps: Vec<Range<usize>>,
}

impl Requirements {
    pub fn enter(&mut self, draft: &mut Draft, level: u8, words: &str, heading: Range<usize>) {
        self.end_scenario(draft);
        if let Some(name) = words.strip_prefix(SCENARIO).map(str::trim).filter(|name| !name.is_empty()) {
            self.scenario = Some(Scenario { name: name.to_owned(), heading, steps: Vec::new() });
            return;
        }
        self.end_requirement(draft);
        if level <= 2 {
            self.removed = words.to_lowercase().starts_with("removed requirement");
        }
        let Some(name) = words.strip_prefix(REQUIREMENT).map(str::trim).filter(|name| !name.is_empty())
        else {
            return;
        };
        if self.removed {
            draft.take(heading);
            let question = format!("Is it gone? {name}");
            draft.check_with(Some(name), name.to_owned(), Anchor::Inspect { question });
            return;
        }
        self.open =
            Some(Requirement { name: name.to_owned(), heading, constraint: None, checks: Vec::new() });
    }

    /// Whether the block belongs to a requirement and found its place in it.
    pub fn takes(&mut self, draft: &mut Draft, block: &Block) -> bool {
        if let Some(scenario) = &mut self.scenario {
            scenario.steps.push(block.inner.clone());
            return true;
        }
        let Some(open) = &mut self.open else { return false };
        if open.constraint.is_some() || block.kind != Kind::Paragraph {
            return false;
        }
        let body = draft.take(block.inner.clone());
        draft.take(open.heading.clone());
        let place = draft.bound(Some(&open.name), format!("{}: {body}", open.name));
        open.constraint = Some(place);
        true
    }

    pub fn end(&mut self, draft: &mut Draft) {
        self.end_scenario(draft);
        self.end_requirement(draft);
    }

    fn end_scenario(&mut self, draft: &mut Draft) {
        let Some(scenario) = self.scenario.take().filter(|scenario| !scenario.steps.is_empty()) else {
            return;
        };
        draft.take(scenario.heading);
        let steps: Vec<String> = scenario.steps.into_iter().map(|step| draft.take(step)).collect();
        let text = format!("{}: {}", scenario.name, steps.join(" "));
        let run = super::commands::stated(&text);
        let id = draft.check(Some(&scenario.name), text, run);
        if let Some(open) = &mut self.open {
            open.checks.push(id);
        }
    }

    /// One scenario holds its requirement up; of several a person says which.
    fn end_requirement(&mut self, draft: &mut Draft) {
        let Some(open) = self.open.take() else { return };
        if let (Some(place), [only]) = (open.constraint, open.checks.as_slice()) {
            draft.constraints[place].check = Some(only.clone());
        }
    }
}
