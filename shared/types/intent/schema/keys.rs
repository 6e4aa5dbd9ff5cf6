//! Every key of the intent file with its form, in one list per table.

use crate::types::intent::CONSTRAINT_KINDS;

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub is_required: bool,
    pub shape: Shape,
    /// What an editor shows.
    pub says: &'static str,
}

/// The form of a value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Schema,
    Text,
    /// A text that is not empty.
    Said,
    /// The same, on one line.
    Line,
    Id,
    Path,
    /// The name of one folder.
    Case,
    Test,
    /// `METHOD /path`.
    Request,
    Duration,
    Texts,
    Strings,
    /// Bounds, both included.
    Whole(i64, i64),
    NotNegative,
    Words(&'static [&'static str]),
    Table(&'static [Key]),
    Tables(&'static [Key]),
    Contracts,
    Checks,
}

const fn must(name: &'static str, shape: Shape, says: &'static str) -> Key {
    Key { name, is_required: true, shape, says }
}

const fn may(name: &'static str, shape: Shape, says: &'static str) -> Key {
    Key { name, is_required: false, shape, says }
}

pub const ROOT: &[Key] = &[
    must("schema", Shape::Schema, "Version of this format."),
    must("title", Shape::Line, "What is wanted, in one line. Outside the digest."),
    must("outcome", Shape::Said, "What is true when it is done."),
    may("rationale", Shape::Text, "Why. Outside the digest."),
    may("out-of-scope", Shape::Texts, "What is not meant."),
    may("scope", Shape::Table(SCOPE), "What an agent may change, and its budget."),
    may("constraint", Shape::Tables(CONSTRAINT), "Bounds on how the outcome is reached."),
    may("contract", Shape::Contracts, "Interfaces that must hold."),
    may("acceptance", Shape::Checks, "Ways to know."),
];

pub const SCOPE: &[Key] = &[
    may("write", Shape::Texts, "Globs of the paths a change may touch; everything where absent."),
    may("rounds", Shape::Whole(1, 10_000), "How often an agent is told what failed; 3 where absent."),
    may("minutes", Shape::Whole(1, 10_000), "How long all rounds may take together; 20 where absent."),
];

pub const CONSTRAINT: &[Key] = &[
    must("id", Shape::Id, "A short name, unique among the constraints."),
    must("kind", Shape::Words(&CONSTRAINT_KINDS), "What the bound is about."),
    must("text", Shape::Said, "What must hold."),
    may("check", Shape::Text, "Id of the acceptance check that holds it; without one a person judges it."),
];

/// What contracts of every kind have.
pub const CONTRACT: &[Key] = &[
    must("id", Shape::Id, "A short name, unique among the contracts."),
    // Each kind's own form says which.
    must("kind", Shape::Text, "What it is held by."),
];

pub const CONTRACT_KINDS: &[(&str, &str, &[Key])] = &[
    (
        "json-schema",
        "A JSON Schema that examples and expected outputs satisfy.",
        &[
            must("path", Shape::Path, "The schema."),
            may("examples", Shape::Text, "Glob of files that must satisfy it."),
        ],
    ),
    (
        "cli-help",
        "A command prints the text that is kept.",
        &[
            must("run", Shape::Said, "The command; split into words, never given to a shell."),
            must("path", Shape::Path, "The text as kept; cargo intent check --update-contracts writes it."),
        ],
    ),
    (
        "rust-api",
        "The public interface of a library, through cargo public-api or cargo semver-checks.",
        &[
            may("package", Shape::Text, "The package, where there are several."),
            may(
                "path",
                Shape::Path,
                "The public items as kept; cargo intent check --update-contracts writes them.",
            ),
            may("baseline", Shape::Text, "A revision whose interface must still be offered."),
        ],
    ),
    (
        "markdown",
        "Sections and front matter that files must have.",
        &[
            must("files", Shape::Said, "Glob of the files."),
            may(
                "sections",
                Shape::Texts,
                "Headings each must have: \"Usage\" of any level, \"## Usage\" of this one and below the heading before.",
            ),
            may("front-matter", Shape::Texts, "Keys of the front matter that must say something."),
        ],
    ),
    (
        "file",
        "A file that must be there; its bytes are part of what is approved.",
        &[must("path", Shape::Path, "The file.")],
    ),
];

/// What acceptance checks of every anchor have.
pub const CHECK: &[Key] = &[
    must("id", Shape::Id, "A short name, unique among the checks."),
    may("text", Shape::Text, "What is asserted, in words: WHEN … THE … SHALL …"),
    may(
        "red",
        Shape::Words(&["assertion", "build", "none"]),
        "How it must fail on the base commit; assertion where absent.",
    ),
    may("origin", Shape::Text, "The feedback item it came from. Outside the digest."),
    may("timeout", Shape::Duration, "How long it may run, as in \"30s\"; 120 s where absent."),
    may("mutant", Shape::Table(MUTANT), "An edit that must turn the check red."),
];

pub const MUTANT: &[Key] = &[
    must("file", Shape::Path, "The file that is edited."),
    must("find", Shape::Said, "Text that stands in it exactly once."),
    may("replace", Shape::Text, "What takes its place; nothing where absent."),
];

/// What a check hangs on, with the keys that go with it alone.
pub const ANCHORS: &[(Key, &[Key])] = &[
    (may("test", Shape::Test, "A test, as `cargo test` lists it: \"module::name\"."), &[]),
    (
        may("run", Shape::Said, "A command run in the root; split into words, never given to a shell."),
        &[
            may("exit", Shape::Whole(0, 255), "The exit code; 0 where absent."),
            may("stdin", Shape::Path, "The file given as standard input."),
            may("stdout", Shape::Text, "Text that standard output must contain."),
            may("stderr", Shape::Text, "Text that standard error must contain."),
            may("dir", Shape::Path, "Where it runs; the root where absent."),
            may("env", Shape::Strings, "Variables added."),
        ],
    ),
    (
        may(
            "fixtures",
            Shape::Said,
            "A command run once for each folder in intents/<slug>/, with {input} for its input file.",
        ),
        &[
            may(
                "compare",
                Shape::Words(&["exact", "text", "json"]),
                "How its output is compared; exact where absent.",
            ),
            may("case", Shape::Case, "Only this folder."),
        ],
    ),
    (
        may(
            "http",
            Shape::Request,
            "A request, as in \"GET /health\", asked of a preview, a canary, a deployed release.",
        ),
        &[
            may("status", Shape::Whole(100, 599), "The status; 200 where absent."),
            may("headers", Shape::Strings, "Headers sent."),
            may("body", Shape::Text, "A file of the repository, else the text itself."),
            may("contains", Shape::Text, "Text the answer must contain."),
            may("schema", Shape::Path, "A JSON Schema the answer must satisfy."),
        ],
    ),
    (
        may(
            "signal",
            Shape::Said,
            "error-rate, latency (milliseconds of 99 % of answers, the client's part included; latency-p90: of 90 %), or a name under [signal] in factory.toml: judged by the canary, and after the deploy.",
        ),
        &[may("max", Shape::NotNegative, "The most it may be.")],
    ),
    (may("inspect", Shape::Said, "A question a person answers when accepting."), &[]),
];
