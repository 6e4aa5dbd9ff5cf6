//! Structure made of raw text, by rules alone: the same text gives the same intent, and every word
//! of it ends in some value. `docs/capture.md` says what goes where.

mod blocks;
mod commands;
mod draft;
mod examples;
mod gherkin;
pub mod input;
mod markdown;
mod openspec;
pub mod proposal;
mod prose;
mod sections;
mod source;
#[cfg(test)]
mod tests;
mod words;

use factory::types::intent::{Acceptance, Anchor, Intent};

use draft::Draft;
pub use draft::{Example, Said, UNSAID};

/// What the text was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Prose,
    Markdown,
    Gherkin,
    OpenSpec,
    SpecKit,
    Kiro,
}

impl Format {
    pub fn word(self) -> &'static str {
        match self {
            Self::Prose => "prose",
            Self::Markdown => "markdown",
            Self::Gherkin => "gherkin",
            Self::OpenSpec => "openspec",
            Self::SpecKit => "spec-kit",
            Self::Kiro => "kiro",
        }
    }

    /// By the file's name where it has one, and by what the text is made of.
    pub fn of(name: Option<&str>, text: &str) -> Self {
        let ends = |end: &str| name.is_some_and(|name| name.to_lowercase().ends_with(end));
        let has_line = |wanted: &dyn Fn(&str) -> bool| text.lines().any(|line| wanted(line.trim_start()));
        if ends(".feature") || starts_a_feature(text) {
            Self::Gherkin
        } else if has_line(&|line| line.starts_with("### Requirement:")) {
            Self::OpenSpec
        } else if has_line(&|line| line.starts_with("# Feature Specification"))
            || has_line(&|line| line.contains("**FR-0"))
        {
            Self::SpecKit
        } else if has_line(&|line| line.starts_with("### Requirement "))
            && has_line(&|line| line.contains("Acceptance Criteria"))
        {
            Self::Kiro
        } else if ends(".md") || ends(".markdown") || has_line(&is_markup) {
            Self::Markdown
        } else {
            Self::Prose
        }
    }
}

fn starts_a_feature(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(['#', '@']));
    first.is_some_and(|line| line.starts_with("Feature:"))
}

fn is_markup(line: &str) -> bool {
    let heading = line.trim_start_matches('#');
    (line.starts_with('#') && heading.starts_with(' '))
        || line.starts_with("- ")
        || line.starts_with("* ")
        || line.starts_with("```")
        || line.split_once(". ").is_some_and(|(number, _)| number == "1")
}

/// An intent made of a text, and how it came about.
#[derive(Clone, Debug)]
pub struct Captured {
    pub intent: Intent,
    pub examples: Vec<Example>,
    pub format: Format,
    /// Why the text was not read as what it seemed to be.
    pub remark: Option<String>,
}

/// Make an intent of the text. Line ends are taken as LF.
pub fn capture(name: Option<&str>, text: &str, said: &Said) -> Captured {
    let text = text.replace("\r\n", "\n");
    let mut draft = Draft::new(&text);
    let mut format = Format::of(name, &text);
    let mut remark = None;
    if format == Format::Gherkin
        && let Err(error) = gherkin::read(&mut draft)
    {
        remark = Some(format!("it is no Gherkin the parser reads, and is taken as text: {error}"));
        draft = Draft::new(&text);
        format = Format::Prose;
    }
    match format {
        Format::Gherkin => {}
        Format::Prose => prose::read(&mut draft),
        _ => markdown::read(&mut draft),
    }
    let (intent, examples) = draft.finish(said);
    Captured { intent, examples, format, remark }
}

/// An intent of which nothing is said but its name, and what the command line says.
pub fn without_text(said: &Said) -> Captured {
    let (intent, examples) = Draft::new("").finish(said);
    Captured { intent, examples, format: Format::Prose, remark: None }
}

/// Checks a person answers until something is run for them.
pub fn waiting(intent: &Intent) -> usize {
    let asks = |check: &&Acceptance| matches!(check.anchor, Anchor::Inspect { .. });
    intent.acceptance.iter().filter(asks).count()
}

/// The commands that `check` will start.
pub fn started(intent: &Intent) -> Vec<&str> {
    let commands = intent.acceptance.iter().filter_map(|check| match &check.anchor {
        Anchor::Run(run) => Some(run.command.as_str()),
        Anchor::Fixtures(fixtures) => Some(fixtures.command.as_str()),
        _ => None,
    });
    commands.collect()
}
