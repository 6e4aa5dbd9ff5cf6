//! The digest of an intent: what an approval is bound to. It survives layout, comments and order.
//!
//! # Digest, version 1
//!
//! SHA-256 over a sequence of entries, each `path NUL type NUL length NUL bytes`, sorted by path,
//! bytewise. `length` is the number of bytes in decimal. `NUL` is one zero byte.
//!
//! | path | type | bytes |
//! |---|---|---|
//! | `digest` | `integer` | `1`, this version |
//! | `outcome` | `text` | UTF-8 |
//! | `out-of-scope/N`, `scope/write/N` | `text` | the Nth element, from 0 |
//! | `scope/rounds`, `scope/minutes` | `integer` | decimal |
//! | `constraint/ID/kind`, `/text`, `/check` | `text` | |
//! | `contract/ID/kind` and the keys of its kind | `text` | lists element by element: `/sections/N` |
//! | `contract/ID/file` | `file` | the bytes of its `path` |
//! | `contract/ID/ref/PATH` | `file` | a file its schema refers to, also through others |
//! | `acceptance/ID/KEY` | `text`, `integer`, `number` | every key but `origin` |
//! | `acceptance/ID/env/NAME`, `/headers/NAME`, `/mutant/KEY` | `text` | |
//! | `acceptance/ID/stdin-file`, `/body-file`, `/schema-file` | `file` | the file the key names |
//! | `acceptance/ID/schema-ref/PATH` | `file` | a file that schema refers to, also through others |
//! | `acceptance/ID/item/FILE/N` | `tokens` | the Nth item in FILE that the bound test's name finds |
//! | `acceptance/ID/module/FILE` | `tokens` | a module of that item's target, outside `src` |
//! | `fixture/PATH` | `file` | a file below `intents/<slug>/` |
//!
//! - Left out: `schema`, `title`, `rationale`, `origin`, and what is absent. A key with a default is
//!   there with its value, written or not: `exit`, `compare`, `status`, `red`; `timeout` in
//!   milliseconds.
//! - In a path, a name or path that people choose has every byte but ASCII letters, digits, `-`, `_`,
//!   `.` and `/` as `%XX`.
//! - A file that does not exist has the type `missing` and no bytes; so has `acceptance/ID/item` of a
//!   test that is not found. A symbolic link has the type `link` and where it points as bytes. The bytes
//!   of a file are those git stores: after its clean filter.
//! - Tokens: the text is read as Rust tokens. Each token's text is followed by one space; a group is
//!   its opening delimiter, a space, its tokens, its closing delimiter, a space. Doc comments
//!   (`#[doc = …]` in either form) are left out, other attributes count.
//! - Of the functions of a bound test's name, those without an attribute count only where all are so.
//! - The tokens of an item begin with the outer attributes of the modules around it, inline or in files
//!   of their own, from the outermost on: `#[cfg(…)]` there decides whether the test exists.
//! - A module's tokens leave out test functions, declarations of modules in files of their own, and
//!   inline modules of nothing else, unless a test function's name is among the tokens that count: a
//!   test may call another. A module where then only private imports are left, and the same below it,
//!   has no entry, unless the bound test lies in or below it. So another test beside a bound one does
//!   not touch the approval; helpers, constants and whatever they import count.

pub mod bounded;
mod entries;
mod followed;
mod sources;
mod tests_of;
mod tokens;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use anyhow::Result;
use sha2::{Digest, Sha256};

pub use entries::{Bytes, Entries, framed, unescaped};
pub use sources::{AtCommit, InFolder, Plain, Sources};
pub use tests_of::{TestItem, TestItems};
pub(crate) use tokens::{Kind, Node, nodes, tokens, without};

use crate::types::id::hex;
use crate::types::intent::{Anchor, ContractKind, Intent};

/// The version written into every digest.
pub const VERSION: u32 = 1;

/// The digest over these entries, in lowercase hexadecimal.
///
/// # Errors
/// A large file that changed since the entries were made, or cannot be read any more.
pub fn digest_of(entries: &Entries) -> Result<String> {
    let mut hash = Sha256::new();
    framed(entries, |piece| hash.update(piece))?;
    Ok(hex(&hash.finalize()))
}

/// Computes digests over one state of the repository; what several intents need is read once.
pub struct Digester<'s> {
    sources: &'s dyn Sources,
    tests: TestItems<'s>,
}

impl<'s> Digester<'s> {
    pub fn new(sources: &'s dyn Sources) -> Self {
        Self { sources, tests: TestItems::new(sources) }
    }

    /// Read at once what the digests of these intents need.
    pub fn prepare<'i>(&self, intents: impl IntoIterator<Item = &'i Intent>) -> Result<()> {
        let mut paths = Vec::new();
        for intent in intents {
            paths.extend(self.sources.files_under(&format!("intents/{}/", intent.slug))?);
            paths.extend(named_files(intent).into_values());
        }
        self.sources.prepare(&paths)
    }

    /// The digest in lowercase hexadecimal.
    pub fn digest(&self, intent: &Intent) -> Result<String> {
        digest_of(&self.entries(intent)?)
    }

    /// Everything the digest is over.
    pub fn entries(&self, intent: &Intent) -> Result<Entries> {
        let mut entries = entries::normative(intent);
        self.files(intent, &mut entries)?;
        self.bound_tests(intent, &mut entries)?;
        Ok(entries)
    }

    /// The items a test's name finds.
    pub fn test_items(&self, name: &str) -> Result<Vec<TestItem>> {
        self.tests.find(name)
    }

    /// Paths of all files outside `src` that are compiled into the item's target.
    pub fn target_files(&self, item: &TestItem) -> Result<Vec<String>> {
        self.tests.files(item)
    }

    fn files(&self, intent: &Intent, entries: &mut Entries) -> Result<()> {
        let folder = format!("intents/{}/", intent.slug);
        let fixtures = self.sources.files_under(&folder)?;
        let named = named_files(intent);
        self.sources.prepare(&fixtures.iter().chain(named.values()).cloned().collect::<Vec<_>>())?;
        for path in &fixtures {
            let name = path.strip_prefix(&folder).unwrap_or(path);
            let key = format!("fixture/{}", entries::escaped(name));
            entries.insert(key, self.file(path)?);
        }
        for (key, path) in named {
            let bytes = self.file(&path)?;
            // A body that is no file is the text itself, which counts as such.
            if bytes.kind != "missing" || !key.ends_with("/body-file") {
                entries.insert(key, bytes);
            }
        }
        for (key, path) in followed::of(self.sources, intent)? {
            entries.insert(key, self.file(&path)?);
        }
        Ok(())
    }

    fn file(&self, path: &str) -> Result<Bytes> {
        let bytes = Bytes::file(self.sources.file(path)?);
        let is_link = bytes.kind == "file" && self.sources.is_link(path)?;
        Ok(if is_link { Bytes { kind: "link", ..bytes } } else { bytes })
    }

    fn bound_tests(&self, intent: &Intent, entries: &mut Entries) -> Result<()> {
        for check in &intent.acceptance {
            let Anchor::Test { name } = &check.anchor else { continue };
            let mut items = self.tests.find(name)?;
            if items.is_empty() {
                items = self.tests.find_made(name)?;
            }
            let base = format!("acceptance/{}", entries::escaped(&check.id));
            if items.is_empty() {
                entries.insert(format!("{base}/item"), Bytes::file(None));
            }
            let mut count: BTreeMap<&str, usize> = BTreeMap::new();
            for item in &items {
                let number = count.entry(&item.file).or_default();
                let key = format!("{base}/item/{}/{number}", entries::escaped(&item.file));
                entries.insert(key, Bytes::tokens(item.tokens.clone()));
                *number += 1;
                for (file, tokens) in self.tests.modules(item)? {
                    entries
                        .insert(format!("{base}/module/{}", entries::escaped(&file)), Bytes::tokens(tokens));
                }
            }
        }
        Ok(())
    }
}

/// Paths of the files outside `intents/<slug>/` that the digest of an intent is over, as far as the
/// intent itself names them.
pub fn named_paths(intent: &Intent) -> Vec<String> {
    named_files(intent).into_values().collect()
}

/// Paths of the files these entries are over and the intent does not name: those whose Rust tokens are
/// among them, and what schemas refer to.
pub fn unnamed_paths(entries: &Entries) -> Vec<String> {
    let file = |path: &str| {
        // Ids hold no slash.
        let (_, key) = path
            .split_once('/')
            .filter(|(part, _)| ["acceptance", "contract"].contains(part))?
            .1
            .split_once('/')?;
        let item = key.strip_prefix("item/").and_then(|rest| rest.rsplit_once('/'));
        let others = ["module/", "ref/", "schema-ref/"];
        let file = item.map(|(file, _)| file);
        file.or_else(|| others.iter().find_map(|other| key.strip_prefix(other))).map(unescaped)
    };
    let read = entries.iter().filter(|(_, value)| !["text", "integer", "number"].contains(&value.kind));
    let mut paths: Vec<String> = read.filter_map(|(path, _)| file(path)).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// A path as git has it: `./schema//a.json` is `schema/a.json`.
fn plain(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    // What leads elsewhere names no file here.
    if path.starts_with('/') { path.to_owned() } else { parts.join("/") }
}

/// Entry path and repository path of every file that a key of the intent names.
fn named_files(intent: &Intent) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for contract in &intent.contracts {
        let path = match &contract.kind {
            ContractKind::JsonSchema { path, .. }
            | ContractKind::CliHelp { path, .. }
            | ContractKind::File { path } => Some(path),
            ContractKind::RustApi { path, .. } => path.as_ref(),
            ContractKind::Markdown { .. } => None,
        };
        if let Some(path) = path {
            files.insert(format!("contract/{}/file", entries::escaped(&contract.id)), plain(path));
        }
    }
    for check in &intent.acceptance {
        let named: Vec<(&str, &Option<String>)> = match &check.anchor {
            Anchor::Run(run) => vec![("stdin-file", &run.stdin)],
            Anchor::Http(http) => vec![("body-file", &http.body), ("schema-file", &http.schema)],
            _ => Vec::new(),
        };
        for (key, path) in named {
            if let Some(path) = path {
                files.insert(format!("acceptance/{}/{key}", entries::escaped(&check.id)), plain(path));
            }
        }
    }
    files
}
