//! What is being made of a text: parts of an intent, each with the place its words were taken from.

use std::ops::Range;

use factory::terminal::safe;
use factory::types::intent::slug::suggest;
use factory::types::intent::{Acceptance, Anchor, Constraint, Intent, Red, Run, Scope};

use super::commands::{self, Shown};
use super::source::{left_over, plain, sentences};
use super::words;

/// What stands for an outcome nobody has said yet.
pub const UNSAID: &str = "To be said: what is true when this is done, in one or two sentences.";

/// The longest title taken from a text, and the longest id made of one.
const TITLE_CHARS: usize = 80;
const ID_CHARS: usize = 40;

/// An input and what it must become, to be a fixture folder of the intent.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    pub case: String,
    /// Name and content.
    pub files: Vec<(String, String)>,
}

/// What a person or the command line says of the new intent beside the text.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub slug: String,
    pub title: Option<String>,
    pub outcome: Option<String>,
    /// Keep the text whole as the rationale, as a transcript is.
    pub whole: bool,
}

/// Parts found so far in a text. What no part took ends in the rationale.
pub struct Draft<'t> {
    pub text: &'t str,
    taken: Vec<Range<usize>>,
    pub title: Option<Range<usize>>,
    pub outcome: Option<Range<usize>>,
    out_of_scope: Vec<String>,
    pub constraints: Vec<Constraint>,
    pub acceptance: Vec<Acceptance>,
    pub examples: Vec<Example>,
}

impl<'t> Draft<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            taken: Vec::new(),
            title: None,
            outcome: None,
            out_of_scope: Vec::new(),
            constraints: Vec::new(),
            acceptance: Vec::new(),
            examples: Vec::new(),
        }
    }

    pub fn words(&self, range: &Range<usize>) -> String {
        plain(&self.text[range.clone()])
    }

    /// The words at this place; they need no other place from now on.
    pub fn take(&mut self, range: Range<usize>) -> String {
        let words = self.words(&range);
        self.taken.push(range);
        words
    }

    pub fn exclude(&mut self, range: Range<usize>) {
        let words = self.take(range);
        self.out_of_scope.push(words);
    }

    /// A constraint; its id is made of its words where none is given.
    pub fn bound(&mut self, id: Option<&str>, text: String) -> usize {
        let known: Vec<&str> = self.constraints.iter().map(|known| known.id.as_str()).collect();
        let id = free(&known, &id_of(id.unwrap_or(&text), "constraint"));
        self.constraints.push(Constraint { id, kind: words::kind(&text).to_owned(), text, check: None });
        self.constraints.len() - 1
    }

    /// An acceptance check: what it runs, or a question to a person.
    pub fn check(&mut self, id: Option<&str>, text: String, run: Option<Run>) -> String {
        let anchor = match run {
            Some(run) => Anchor::Run(run),
            None => Anchor::Inspect { question: format!("Does it hold? {text}") },
        };
        self.check_with(id, text, anchor)
    }

    pub fn check_with(&mut self, id: Option<&str>, text: String, anchor: Anchor) -> String {
        let known: Vec<&str> = self.acceptance.iter().map(|known| known.id.as_str()).collect();
        let id = free(&known, &id_of(id.unwrap_or(&text), "check"));
        let check = Acceptance {
            id: id.clone(),
            text: Some(text),
            anchor,
            red: Red::Assertion,
            origin: None,
            timeout: None,
            mutant: None,
        };
        self.acceptance.push(check);
        id
    }

    /// A check of a whole piece of text, run where the text names a command and its answer.
    pub fn acceptance(&mut self, id: Option<&str>, range: Range<usize>) -> String {
        let text = self.take(range);
        let run = commands::stated(&text);
        self.check(id, text, run)
    }

    /// Put each sentence where its words say; what they do not say stays for the rationale.
    pub fn paragraph(&mut self, range: Range<usize>) {
        if commands::transcript(&self.text[range.clone()]).is_some() {
            self.console(range);
            return;
        }
        for sentence in sentences(self.text, range) {
            self.sentence(sentence);
        }
    }

    fn sentence(&mut self, range: Range<usize>) {
        let text = self.words(&range);
        if words::is_ears(&text) || commands::stated(&text).is_some() {
            self.acceptance(None, range);
        } else if words::is_excluding(&text) {
            self.exclude(range);
        } else if words::is_bound(&text) {
            self.taken.push(range);
            self.bound(None, text);
        }
    }

    /// A console transcript: each command with what it printed is a check; one alone is a question.
    pub fn console(&mut self, range: Range<usize>) {
        let part = &self.text[range.clone()];
        for shown in commands::transcript(part).unwrap_or_default() {
            let Shown { command, output } = shown;
            let run = commands::replayed(&Shown { command, output });
            let begin = command.as_ptr() as usize - self.text.as_ptr() as usize;
            if run.is_some() {
                let end = output.as_ptr() as usize - self.text.as_ptr() as usize + output.len();
                self.taken.push(line_start(self.text, begin)..end);
            }
            // A command that states nothing asserts nothing: its line stays in the rationale too.
            self.check(Some(command), format!("$ {command}"), run);
        }
    }

    /// The intent, with everything that found no place as its rationale.
    pub fn finish(mut self, said: &Said) -> (Intent, Vec<Example>) {
        let outcome = match (&said.outcome, self.outcome.clone()) {
            (Some(outcome), _) => outcome.trim().to_owned(),
            (None, Some(range)) => self.take(range),
            (None, None) => UNSAID.to_owned(),
        };
        let title = match (&said.title, self.title.clone()) {
            (Some(title), _) => title.trim().to_owned(),
            (None, Some(range)) => self.title_at(range),
            // Where the outcome was said otherwise, the first sentence is the title.
            (None, None) => match self.outcome.clone() {
                Some(range) => self.title_at(range),
                None => of_slug(&said.slug),
            },
        };
        let rationale = match said.whole {
            true => self.text.trim_end().to_owned(),
            false => left_over(self.text, &self.taken),
        };
        let intent = Intent {
            slug: said.slug.clone(),
            title,
            outcome,
            rationale: (!rationale.trim().is_empty()).then_some(rationale),
            out_of_scope: self.out_of_scope,
            scope: Scope::default(),
            constraints: self.constraints,
            contracts: Vec::new(),
            acceptance: self.acceptance,
        };
        (intent, self.examples)
    }

    /// A title that had to be cut leaves the whole of it for the rationale.
    fn title_at(&mut self, range: Range<usize>) -> String {
        let words = self.words(&range);
        let title = cut(&words);
        if title == words {
            self.taken.push(range);
        }
        title
    }
}

fn cut(text: &str) -> String {
    let clean = safe::line(text).into_owned();
    if clean.chars().count() <= TITLE_CHARS {
        return clean;
    }
    let head: String = clean.chars().take(TITLE_CHARS - 1).collect();
    let words = head.rsplit_once(' ').map_or(head.as_str(), |(words, _)| words);
    format!("{words}…")
}

/// The slug's own words.
pub fn of_slug(slug: &str) -> String {
    let words = slug.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or(words.clone(), |first| first.to_uppercase().chain(letters).collect())
}

/// Words that say nothing about which sentence it is.
const SMALL: [&str; 22] = [
    "the", "a", "an", "and", "or", "of", "to", "in", "on", "is", "are", "be", "it", "its", "this", "that",
    "with", "for", "shall", "must", "should", "then",
];

fn id_of(text: &str, otherwise: &str) -> String {
    let telling: Vec<&str> =
        text.split_whitespace().filter(|word| !SMALL.contains(&word.to_lowercase().as_str())).collect();
    let slug = suggest(&telling.join(" ")).or_else(|| suggest(text));
    let mut id = String::new();
    for part in slug.as_deref().unwrap_or(otherwise).split('-') {
        if !id.is_empty() && id.len() + part.len() >= ID_CHARS {
            break;
        }
        if !id.is_empty() {
            id.push('-');
        }
        id.push_str(part);
    }
    id
}

fn free(known: &[&str], wanted: &str) -> String {
    if !known.contains(&wanted) {
        return wanted.to_owned();
    }
    // A counted range of more numbers than there are ids holds a free one.
    let numbered = (2..known.len() + 3).map(|number| format!("{wanted}-{number}"));
    numbered.into_iter().find(|id| !known.contains(&id.as_str())).unwrap_or_else(|| wanted.to_owned())
}

/// Where the line of this place begins.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}
