//! One recurring correction of `intents/lessons.toml`: a prompt fragment, a template, or a rule.

pub mod edit;
pub mod parse;
pub mod rule;
pub mod scope;

/// The file, relative to the repository's root.
pub const FILE: &str = "intents/lessons.toml";

/// The newest schema of the file this version reads.
pub const SCHEMA: i64 = 1;

/// A lesson as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    pub id: String,
    /// What to do, in words.
    pub text: String,
    pub kind: Kind,
    /// The feedback item it came from.
    pub origin: Option<String>,
    /// How often the correction had been made when the lesson was written.
    pub count: u32,
    /// Globs of the paths it is about, relative to the root; empty means everything.
    pub scope: Vec<String>,
}

/// What becomes of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Its text goes into briefs.
    Fragment,
    /// A file new work starts from, relative to the root.
    Template { path: String },
    /// Held by a pattern; it is in no brief.
    Rule(Rule),
}

impl Kind {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Fragment => "fragment",
            Self::Template { .. } => "template",
            Self::Rule(_) => "rule",
        }
    }
}

/// A regular expression that no line of the files at `paths` may match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    pub pattern: String,
    /// Globs relative to the root.
    pub paths: Vec<String>,
    /// Said where it matches; the lesson's text where absent.
    pub message: Option<String>,
    /// What it must catch.
    pub bad: Vec<String>,
    /// What it must let pass.
    pub good: Vec<String>,
}

impl Lesson {
    /// What is said where its rule matches.
    pub fn message<'l>(&'l self, rule: &'l Rule) -> &'l str {
        rule.message.as_deref().unwrap_or(&self.text)
    }
}
