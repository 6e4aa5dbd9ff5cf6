//! Markdown: notes, an issue's text, and the documents of spec-kit and Kiro, by their headings.

use std::ops::Range;

use factory::types::intent::Anchor;

use super::blocks::{Block, Kind, blocks};
use super::draft::Draft;
use super::examples::Examples;
use super::openspec::Requirements;
use super::sections::{Path, Role, role};
use super::source::sentences;
use super::words::{is_ears, is_excluding};
use super::{commands, sections};

/// Headings of which the keys of the intent say the same, once something below them has its key.
pub const CARRIED: [&str; 18] = [
    "acceptance",
    "acceptance criteria",
    "acceptance scenarios",
    "constraints",
    "done when",
    "expected",
    "expected behavior",
    "expected behaviour",
    "functional requirements",
    "goal",
    "introduction",
    "non-goals",
    "out of scope",
    "outcome",
    "purpose",
    "requirements",
    "success criteria",
    "measurable outcomes",
];

struct Reader<'d, 't> {
    draft: &'d mut Draft<'t>,
    path: Path,
    /// The role a line like `Acceptance criteria:` gives what follows it.
    label: Option<Role>,
    /// A heading that goes once something below it found its place.
    heading: Option<Range<usize>>,
    has_outcome: bool,
    requirements: Requirements,
    examples: Examples,
}

pub fn read(draft: &mut Draft) {
    let found = blocks(draft.text);
    let says_outcome = |block: &Block| {
        matches!(block.kind, Kind::Heading(2..))
            && role(&draft.text[block.inner.clone()]) == Some(Role::Outcome)
    };
    let mut reader = Reader {
        has_outcome: found.iter().any(says_outcome),
        draft,
        path: Path::default(),
        label: None,
        heading: None,
        requirements: Requirements::default(),
        examples: Examples::default(),
    };
    for block in &found {
        reader.read(block);
    }
    reader.requirements.end(reader.draft);
}

impl Reader<'_, '_> {
    fn read(&mut self, block: &Block) {
        let range = block.inner.clone();
        let words = self.draft.words(&range);
        if let Kind::Code { language } = &block.kind {
            self.code(block, language);
        } else if let Kind::Heading(level) = block.kind {
            self.enter(level, &words, range);
        } else if self.requirements.takes(self.draft, block) {
        } else if let Kind::Item { ticked, number } = block.kind {
            self.item(&words, range, ticked.is_some(), number);
        } else {
            self.paragraph(&words, range);
        }
        self.examples.after(&words);
    }

    fn enter(&mut self, level: u8, words: &str, range: Range<usize>) {
        self.label = None;
        self.path.enter(level, words);
        let carried = CARRIED.contains(&words.trim_end_matches(':').to_lowercase().as_str());
        self.heading = carried.then(|| range.clone());
        if level == 1 && self.draft.title.is_none() {
            let prefix = "Feature Specification:";
            let skipped = if words.starts_with(prefix) { prefix.len() } else { 0 };
            let start = range.start + skipped;
            let start = start + (range.end - start) - self.draft.text[start..range.end].trim_start().len();
            self.draft.take(range.start..start);
            self.draft.title = Some(start..range.end);
        }
        self.requirements.enter(self.draft, level, words, range);
    }

    fn role(&self) -> Role {
        self.label.clone().unwrap_or_else(|| self.path.role())
    }

    fn placed(&mut self) {
        if let Some(heading) = self.heading.take() {
            self.draft.take(heading);
        }
    }

    fn item(&mut self, words: &str, range: Range<usize>, box_to_tick: bool, number: Option<u64>) {
        let given = given_id(words);
        let role = self.role();
        match role {
            Role::OutOfScope => self.draft.exclude(range),
            Role::Acceptance => self.know(words, range, given, number),
            _ if box_to_tick || given.is_some() => self.know(words, range, given, None),
            Role::Requirements if is_ears(words) => self.know(words, range, None, None),
            Role::Constraints | Role::Requirements => {
                let text = self.draft.take(range);
                self.draft.bound(None, text);
            }
            Role::Outcome if self.draft.outcome.is_none() => self.draft.outcome = Some(range),
            Role::Story => return,
            Role::Any | Role::Outcome => return self.draft.paragraph(range),
        }
        self.placed();
    }

    /// Something to know, with the id its document gives it.
    fn know(&mut self, words: &str, range: Range<usize>, given: Option<String>, number: Option<u64>) {
        let numbered = |word: &str, short: &str, between: &str| {
            Some(format!("{short}{}{between}{}", self.path.number_after(word)?, number?))
        };
        let id = given
            .or_else(|| numbered("user story", "us", "-"))
            .or_else(|| numbered("requirement", "req-", "-"));
        match words.find("[NEEDS CLARIFICATION") {
            Some(at) => {
                let question = words[at..].trim_start_matches('[').split(']').next().unwrap_or_default();
                let anchor = Anchor::Inspect { question: question.to_owned() };
                let text = self.draft.take(range);
                self.draft.check_with(id.as_deref(), text, anchor);
            }
            None => {
                self.draft.acceptance(id.as_deref(), range);
            }
        }
    }

    fn paragraph(&mut self, words: &str, range: Range<usize>) {
        if is_label(words) {
            self.label = sections::role(words);
            if self.label.is_some() {
                let bare = words.trim_end_matches(':').to_lowercase();
                self.heading = CARRIED.contains(&bare.as_str()).then_some(range);
            }
            return;
        }
        let role = self.role();
        let said = prefix_role(words);
        self.label = None;
        match said.unwrap_or(role) {
            _ if commands::transcript(&self.draft.text[range.clone()]).is_some() => self.draft.console(range),
            Role::OutOfScope => self.draft.exclude(range),
            Role::Acceptance => {
                self.draft.acceptance(None, range);
            }
            Role::Outcome if self.draft.outcome.is_none() => self.draft.outcome = Some(range),
            Role::Story => return,
            Role::Any if words.starts_with("**") || self.is_metadata(&range) => return self.input(range),
            Role::Any if !self.has_outcome && self.draft.outcome.is_none() => return self.begin(range),
            _ => return self.draft.paragraph(range),
        }
        self.placed();
    }

    /// Lines like `**Status**: Draft` stand above the text of a specification.
    fn is_metadata(&self, range: &Range<usize>) -> bool {
        self.draft.text[range.clone()].lines().all(|line| line.trim_start().starts_with("**"))
    }

    /// The line `**Input**:` of spec-kit has the words of the person.
    fn input(&mut self, range: Range<usize>) {
        let part = &self.draft.text[range.clone()];
        let Some(at) = part.find("**Input**:") else {
            if !self.is_metadata(&range) {
                self.draft.paragraph(range);
            }
            return;
        };
        let from = at + "**Input**:".len();
        let said = &part[from..];
        let said = said.trim_start().trim_start_matches("User description:");
        let start = range.end - said.trim_start().len();
        if self.draft.outcome.is_none() && !self.has_outcome && start < range.end {
            self.draft.outcome = Some(start..range.end);
            if self.draft.words(&(range.start + at..start)).ends_with("User description:") {
                self.draft.take(range.start + at..start);
            }
        }
    }

    /// The first paragraph says what is wanted, unless it begins with a requirement.
    fn begin(&mut self, mut range: Range<usize>) {
        let first = sentences(self.draft.text, range.clone()).into_iter().next();
        if let Some(first) = first {
            let words = self.draft.words(&first);
            if !is_ears(&words) && !is_excluding(&words) && commands::stated(&words).is_none() {
                range.start = first.end;
                self.draft.outcome = Some(first);
            }
        }
        self.draft.paragraph(range);
    }

    fn code(&mut self, block: &Block, language: &str) {
        let text = &self.draft.text[block.inner.clone()];
        match commands::transcript(text) {
            Some(shown) => {
                let whole = shown.iter().all(|shown| commands::replayed(shown).is_some());
                self.draft.console(block.inner.clone());
                if whole {
                    self.draft.take(block.range.clone());
                }
            }
            None => self.examples.code(self.draft, block, language),
        }
    }
}

/// `**FR-001**: …` and the like: letters, a hyphen, digits, and a colon.
fn given_id(words: &str) -> Option<String> {
    let (id, _) = words.split_once(':')?;
    let (letters, digits) = id.trim().split_once('-')?;
    let lawful = (2..=5).contains(&letters.len())
        && letters.chars().all(|c| c.is_ascii_uppercase())
        && (1..=5).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit());
    lawful.then(|| id.trim().to_lowercase())
}

/// A line that announces what follows: `Acceptance criteria:`.
fn is_label(words: &str) -> bool {
    words.ends_with(':') && words.split_whitespace().count() <= 5
}

/// The role of `Expected: it exits 0`.
fn prefix_role(words: &str) -> Option<Role> {
    let (prefix, _) = words.split_once(':')?;
    if prefix.split_whitespace().count() > 3 || prefix.contains('`') {
        return None;
    }
    sections::role(prefix).filter(|role| matches!(role, Role::Acceptance | Role::OutOfScope | Role::Story))
}
