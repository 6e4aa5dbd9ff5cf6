//! Entries of the digest: the normative keys of an intent, and how they are framed.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;

use super::VERSION;
use crate::storage::repo::Stored;
use crate::types::intent::{Acceptance, Anchor, Compare, Contract, ContractKind, Http, Intent, Red, Run};

/// Entries by path; the order of the map is the order of the digest.
pub type Entries = BTreeMap<String, Bytes>;

/// A value with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes {
    pub kind: &'static str,
    pub value: Stored,
}

impl Bytes {
    fn of(kind: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind, value: Stored::Held(bytes.into()) }
    }

    fn text(text: &str) -> Self {
        Self::of("text", text)
    }

    fn integer(number: impl Into<i128>) -> Self {
        Self::of("integer", number.into().to_string())
    }

    fn number(number: f64) -> Self {
        Self::of("number", number.to_string())
    }

    pub fn file(value: Option<Stored>) -> Self {
        match value {
            Some(value) => Self { kind: "file", value },
            None => Self::of("missing", ""),
        }
    }

    pub fn tokens(text: String) -> Self {
        Self::of("tokens", text)
    }

    /// The bytes, but for those of a large file.
    pub fn held(&self) -> Option<&[u8]> {
        match &self.value {
            Stored::Held(bytes) => Some(bytes),
            Stored::Large(_) => None,
        }
    }
}

/// Hand over the bytes that are hashed, in order.
///
/// # Errors
/// A file that changed since, or cannot be read any more.
pub fn framed(entries: &Entries, mut take: impl FnMut(&[u8])) -> Result<()> {
    for (path, entry) in entries {
        for field in [path.as_str(), entry.kind, &entry.value.size_bytes().to_string()] {
            take(field.as_bytes());
            take(&[0]);
        }
        entry.value.each(&mut take)?;
    }
    Ok(())
}

/// A name people chose, so that it cannot be taken for another path.
pub fn escaped(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            shown.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(shown, "%{byte:02X}");
        }
    }
    shown
}

/// The name as it was before `escaped`.
pub fn unescaped(shown: &str) -> String {
    let mut bytes = Vec::with_capacity(shown.len());
    let mut rest = shown.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Collects entries below one path.
struct Below<'e> {
    entries: &'e mut Entries,
    base: String,
}

impl Below<'_> {
    fn put(&mut self, key: &str, value: Bytes) {
        self.entries.insert([&self.base, key].concat(), value);
    }

    fn text(&mut self, key: &str, text: &str) {
        self.put(key, Bytes::text(text));
    }

    fn optional(&mut self, key: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn list(&mut self, key: &str, list: &[String]) {
        for (at, text) in list.iter().enumerate() {
            self.text(&format!("{key}/{at}"), text);
        }
    }

    fn map(&mut self, key: &str, map: &BTreeMap<String, String>) {
        for (name, value) in map {
            self.text(&format!("{key}/{}", escaped(name)), value);
        }
    }
}

/// The entries of the intent's own keys.
pub fn normative(intent: &Intent) -> Entries {
    let mut entries = Entries::new();
    let mut root = Below { entries: &mut entries, base: String::new() };
    root.put("digest", Bytes::integer(VERSION));
    root.text("outcome", &intent.outcome);
    root.list("out-of-scope", &intent.out_of_scope);
    root.list("scope/write", &intent.scope.write);
    for (key, number) in [("scope/rounds", intent.scope.rounds), ("scope/minutes", intent.scope.minutes)] {
        if let Some(number) = number {
            root.put(key, Bytes::integer(number));
        }
    }
    for constraint in &intent.constraints {
        let base = format!("constraint/{}/", escaped(&constraint.id));
        let mut below = Below { entries: &mut entries, base };
        below.text("kind", &constraint.kind);
        below.text("text", &constraint.text);
        below.optional("check", constraint.check.as_ref());
    }
    for item in &intent.contracts {
        let base = format!("contract/{}/", escaped(&item.id));
        contract(item, &mut Below { entries: &mut entries, base });
    }
    for check in &intent.acceptance {
        let base = format!("acceptance/{}/", escaped(&check.id));
        acceptance(check, &mut Below { entries: &mut entries, base });
    }
    entries
}

fn contract(contract: &Contract, below: &mut Below) {
    match &contract.kind {
        ContractKind::JsonSchema { path, examples } => {
            below.text("kind", "json-schema");
            below.text("path", path);
            below.optional("examples", examples.as_ref());
        }
        ContractKind::CliHelp { run, path } => {
            below.text("kind", "cli-help");
            below.text("run", run);
            below.text("path", path);
        }
        ContractKind::RustApi { package, path, baseline } => {
            below.text("kind", "rust-api");
            below.optional("package", package.as_ref());
            below.optional("path", path.as_ref());
            below.optional("baseline", baseline.as_ref());
        }
        ContractKind::Markdown { files, sections, front_matter } => {
            below.text("kind", "markdown");
            below.text("files", files);
            below.list("sections", sections);
            below.list("front-matter", front_matter);
        }
        ContractKind::File { path } => {
            below.text("kind", "file");
            below.text("path", path);
        }
    }
}

fn acceptance(check: &Acceptance, below: &mut Below) {
    below.optional("text", check.text.as_ref());
    let red = match check.red {
        Red::Assertion => "assertion",
        Red::Build => "build",
        Red::None => "none",
    };
    below.text("red", red);
    if let Some(timeout) = check.timeout {
        // Parsed from whole milliseconds, far below 2^127.
        below.put("timeout", Bytes::integer(i128::try_from(timeout.as_millis()).unwrap_or(i128::MAX)));
    }
    if let Some(mutant) = &check.mutant {
        below.text("mutant/file", &mutant.file);
        below.text("mutant/find", &mutant.find);
        below.text("mutant/replace", &mutant.replace);
    }
    match &check.anchor {
        Anchor::Missing => {}
        Anchor::Test { name } => below.text("test", name),
        Anchor::Inspect { question } => below.text("inspect", question),
        Anchor::Run(anchor) => run(anchor, below),
        Anchor::Http(anchor) => http(anchor, below),
        Anchor::Fixtures(fixtures) => {
            below.text("fixtures", &fixtures.command);
            let compare = match fixtures.compare {
                Compare::Exact => "exact",
                Compare::Text => "text",
                Compare::Json => "json",
            };
            below.text("compare", compare);
            below.optional("case", fixtures.case.as_ref());
        }
        Anchor::Signal { name, max } => {
            below.text("signal", name);
            if let Some(max) = max {
                below.put("max", Bytes::number(*max));
            }
        }
    }
}

fn run(run: &Run, below: &mut Below) {
    below.text("run", &run.command);
    below.put("exit", Bytes::integer(run.exit));
    below.optional("stdin", run.stdin.as_ref());
    below.optional("stdout", run.stdout.as_ref());
    below.optional("stderr", run.stderr.as_ref());
    below.optional("dir", run.dir.as_ref());
    below.map("env", &run.env);
}

fn http(http: &Http, below: &mut Below) {
    below.text("http", &format!("{} {}", http.method, http.path));
    below.put("status", Bytes::integer(http.status));
    below.map("headers", &http.headers);
    below.optional("body", http.body.as_ref());
    below.optional("contains", http.contains.as_ref());
    below.optional("schema", http.schema.as_ref());
}
