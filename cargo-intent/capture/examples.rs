//! Fenced blocks marked as an input and what must become of it: fixture folders in the making.

use std::ops::Range;

use factory::types::intent::{Anchor, Fixtures};

use super::blocks::Block;
use super::draft::{Draft, Example};

/// The longest line that is a mark and not a text of its own.
const MARK_WORDS: usize = 6;

#[derive(Default)]
pub struct Examples {
    /// The words right above this place.
    above: String,
    input: Option<(Range<usize>, Range<usize>, String)>,
}

impl Examples {
    /// Remember the words of a block that is not code.
    pub fn after(&mut self, words: &str) {
        self.above = words.to_lowercase();
    }

    fn marked(&self, words: &[&str]) -> bool {
        let short = self.above.split_whitespace().count() <= MARK_WORDS;
        let first = self.above.trim_start_matches(['(', '*', '"']);
        short && words.iter().any(|word| first.starts_with(word))
    }

    /// A block of code that is no transcript.
    pub fn code(&mut self, draft: &mut Draft, block: &Block, language: &str) {
        let name = extension(language).to_owned();
        if self.marked(&["input", "given", "for example, given"]) {
            self.input = Some((block.range.clone(), block.inner.clone(), name));
        } else if self.marked(&["expected", "output", "result", "becomes"])
            && let Some((range, inner, input)) = self.input.take()
        {
            let files = vec![
                (format!("input.{input}"), draft.text[inner].to_owned()),
                (format!("expected.{name}"), draft.text[block.inner.clone()].to_owned()),
            ];
            draft.take(range);
            draft.take(block.range.clone());
            propose(draft, files);
        }
    }
}

/// The folder, and the check that asks for it: run where the text has a command with `{input}`.
fn propose(draft: &mut Draft, files: Vec<(String, String)>) {
    let case = format!("example-{}", draft.examples.len() + 1);
    let command = command_with_input(draft.text);
    match command {
        Some(command) if draft.examples.is_empty() => {
            let fixtures = Fixtures { command, compare: Default::default(), case: None };
            let text = "Every example becomes exactly what is expected".to_owned();
            draft.check_with(Some("examples"), text, Anchor::Fixtures(fixtures));
        }
        Some(_) => {}
        None => {
            let text = format!("The input of {case} becomes what it expects");
            let question = format!("Does the input in the folder {case} become the expected file beside it?");
            draft.check_with(Some(&case), text, Anchor::Inspect { question });
        }
    }
    draft.examples.push(Example { case, files });
}

fn command_with_input(text: &str) -> Option<String> {
    let spans = text.split('`').enumerate().filter(|(place, _)| place % 2 == 1).map(|(_, span)| span);
    let whole = |span: &&str| {
        span.contains("{input}") && super::commands::is_command(&span.replace("{input}", "input"))
    };
    spans.filter(|span| !span.contains('\n')).find(whole).map(str::to_owned)
}

fn extension(language: &str) -> &str {
    let lawful = language.len() <= 8 && language.chars().all(|c| c.is_ascii_alphanumeric());
    match language {
        "" | "text" | "plain" | "plaintext" => "txt",
        "markdown" => "md",
        other if lawful => other,
        _ => "txt",
    }
}
