//! One file `intents/<slug>.toml`: what is true when we are done, and how one will know.

pub mod edit;
pub mod parse;
pub mod schema;
pub mod slug;
pub mod write;

use std::collections::BTreeMap;
use std::time::Duration;

/// The newest schema of the intent file this version reads.
pub const SCHEMA: i64 = 1;

/// How long a check may run where the intent does not say.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// An intent as read; which bytes it came from is [`parse::Parsed`]'s to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// The file's stem.
    pub slug: String,
    pub title: String,
    pub outcome: String,
    /// Informative: outside the digest.
    pub rationale: Option<String>,
    pub out_of_scope: Vec<String>,
    pub scope: Scope,
    pub constraints: Vec<Constraint>,
    pub contracts: Vec<Contract>,
    pub acceptance: Vec<Acceptance>,
}

/// What an agent may change, and its budget.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Globs relative to the repository's root; empty means everything.
    pub write: Vec<String>,
    pub rounds: Option<u32>,
    pub minutes: Option<u32>,
}

/// A bound on how the outcome is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    pub id: String,
    /// One of [`CONSTRAINT_KINDS`].
    pub kind: String,
    pub text: String,
    /// The acceptance check that holds it up; without one a person judges it.
    pub check: Option<String>,
}

pub const CONSTRAINT_KINDS: [&str; 7] =
    ["security", "performance", "ux", "budget", "time", "compatibility", "input"];

/// An interface that must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    pub id: String,
    pub kind: ContractKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ContractKind {
    JsonSchema { path: String, examples: Option<String> },
    CliHelp { run: String, path: String },
    RustApi { package: Option<String>, path: Option<String>, baseline: Option<String> },
    Markdown { files: String, sections: Vec<String>, front_matter: Vec<String> },
    File { path: String },
}

/// One way to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    pub id: String,
    pub text: Option<String>,
    pub anchor: Anchor,
    pub red: Red,
    /// The feedback item it came from.
    pub origin: Option<String>,
    pub timeout: Option<Duration>,
    pub mutant: Option<Mutant>,
}

impl Acceptance {
    pub fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(DEFAULT_TIMEOUT)
    }
}

/// What an acceptance check hangs on.
#[derive(Clone, Debug, PartialEq)]
pub enum Anchor {
    /// None was given: the check asserts nothing, and is named as such.
    Missing,
    Test {
        name: String,
    },
    Run(Run),
    Fixtures(Fixtures),
    Http(Http),
    Signal {
        name: String,
        max: Option<f64>,
    },
    /// A question to a person.
    Inspect {
        question: String,
    },
}

/// A command and what it must answer; split into words, never given to a shell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    pub command: String,
    pub exit: i32,
    /// A file given as standard input, relative to the root.
    pub stdin: Option<String>,
    /// Text the output must contain.
    pub stdout: Option<String>,
    pub stderr: Option<String>,
    /// Relative to the root; the root where absent.
    pub dir: Option<String>,
    pub env: BTreeMap<String, String>,
}

/// A command run once for each folder in `intents/<slug>/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixtures {
    /// With `{input}` for the case's input file.
    pub command: String,
    pub compare: Compare,
    /// Only this folder; a check without one leaves out the folders that others claim so.
    pub case: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    #[default]
    Exact,
    /// Line ends and trailing space do not count.
    Text,
    Json,
}

/// A request and what must be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    pub method: String,
    /// Begins with `/`.
    pub path: String,
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    /// A file relative to the root where one of that name exists, else the text itself.
    pub body: Option<String>,
    pub contains: Option<String>,
    /// A JSON Schema file the answer must satisfy, relative to the root.
    pub schema: Option<String>,
}

/// How a check must fail on the base commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Red {
    #[default]
    Assertion,
    Build,
    /// It pins existing behaviour.
    None,
}

/// A declared edit that must turn the check red.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    pub file: String,
    pub find: String,
    pub replace: String,
}
