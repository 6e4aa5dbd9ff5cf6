//! The CSV-to-JSON example: its files in the states the tour tells, embedded in the binary.

/// A file and where it goes.
pub type File = (&'static str, &'static [u8]);

macro_rules! example {
    ($($to:literal from $from:literal),* $(,)?) => {
        &[$(($to, include_bytes!(concat!("../../examples/csv2json/", $from)))),*]
    };
}

/// What lies in the repository before there is an idea.
pub const GROUND: &[File] = example![
    "README.md" from "steps/README.md.in",
    ".gitignore" from "steps/gitignore.in",
    ".gitattributes" from "steps/gitattributes.in",
];

/// The idea, in full: the intent, an example, and a broken file.
pub const IDEA: &[File] = example![
    "intents/csv2json.toml" from "steps/idea.toml.in",
    "intents/csv2json/people/input.csv" from "steps/people/input.csv",
    "intents/csv2json/people/expected.json" from "steps/people/expected.json",
    "samples/broken.csv" from "samples/broken.csv",
];

/// The wish for amounts in cents, with an example and the export of August.
pub const WISH: &[File] = example![
    "intents/csv2json.toml" from "steps/amounts.toml.in",
    "intents/csv2json/amounts/input.csv" from "steps/amounts/input.csv",
    "intents/csv2json/amounts/expected.json" from "steps/amounts/expected.json",
    "samples/august.csv" from "samples/august.csv",
];

/// What August should have become.
pub const EXPECTED: &[File] = example!["samples/august.json" from "samples/august.json"];

/// The first working version.
pub const V1: &[File] = example![
    "src/main.rs" from "v1/src/main.rs",
    "src/convert.rs" from "v1/src/convert.rs",
    "src/csv.rs" from "v1/src/csv.rs",
    "src/json.rs" from "v1/src/json.rs",
    "src/serve.rs" from "v1/src/serve.rs",
    "src/page.html" from "v1/src/page.html",
    "tests/command.rs" from "v1/tests/command.rs",
];

/// Amounts in cents; an empty one panics.
pub const V2: &[File] = example![
    "src/main.rs" from "v2/src/main.rs",
    "src/convert.rs" from "v2/src/convert.rs",
    "src/amount.rs" from "v2/src/amount.rs",
];

/// An empty amount is null.
pub const V3: &[File] = example![
    "src/convert.rs" from "v3/src/convert.rs",
    "src/amount.rs" from "v3/src/amount.rs",
];
