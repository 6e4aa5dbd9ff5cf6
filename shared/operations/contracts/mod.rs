//! Contracts of intents: whether an interface is still what the intent says it is.
//!
//! There are three answers: it holds, it drifted (with the exact difference), or it could not be
//! found out. What a missing or broken tool says is never taken for drift.

pub mod cli_help;
mod difference;
mod file;
mod front_matter;
mod globs;
pub mod json_schema;
mod kept;
mod markdown;
pub mod rust_api;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Result;

use crate::storage::inside::{Inside, Refused};
use crate::types::intent::{Contract, ContractKind, Intent};

/// The most bytes of one file that a contract reads.
pub const MOST_BYTES: u64 = 64 << 20;

/// What is known of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With what there is to say of it; mostly nothing.
    Holds(String),
    /// An anchor is false. The detail is the difference, and may have many lines.
    Drift { reason: String, detail: String },
    /// It could not be found out, and why; with the command that installs what is missing.
    Unverified { reason: String, detail: String },
}

impl Answer {
    pub fn holds() -> Self {
        Self::Holds(String::new())
    }

    pub fn drift(reason: impl Into<String>) -> Self {
        Self::Drift { reason: reason.into(), detail: String::new() }
    }

    pub fn unverified(reason: impl Into<String>) -> Self {
        Self::Unverified { reason: reason.into(), detail: String::new() }
    }

    pub fn detail(mut self, text: impl Into<String>) -> Self {
        if let Self::Drift { detail, .. } | Self::Unverified { detail, .. } = &mut self {
            *detail = text.into();
        }
        self
    }

    /// The same, with what was to be said before it.
    pub fn noted(mut self, note: &str) -> Self {
        match &mut self {
            _ if note.is_empty() => {}
            Self::Holds(said) if said.is_empty() => *said = note.to_owned(),
            Self::Holds(said) => *said = format!("{note}; {said}"),
            Self::Drift { reason, .. } | Self::Unverified { reason, .. } => {
                reason.push_str(&format!("; {note}"));
            }
        }
        self
    }

    /// What it means that the file of a contract was not read.
    pub fn of_refused(path: &str, refused: Refused) -> Self {
        match refused {
            Refused::Gone => Self::drift(format!("there is no file {path}")),
            Refused::Outside => Self::drift(format!("{path} leads outside the repository")),
            Refused::NoFile | Refused::LinkedFolder => Self::drift(format!("{path} is not a file")),
            Refused::TooBig { size_bytes } => Self::unverified(format!(
                "{path} has {size_bytes} bytes; files up to {} MiB are read",
                MOST_BYTES >> 20
            )),
            Refused::Unreadable(why) => Self::unverified(format!("{path} cannot be read: {why}")),
        }
    }
}

/// The folder contracts are held against; what several of them need is read once.
pub struct Ground {
    pub inside: Inside,
    matched: Mutex<HashMap<String, Arc<Vec<String>>>>,
}

impl Ground {
    pub fn open(root: &Path) -> Result<Self> {
        Ok(Self { inside: Inside::open(root)?, matched: Mutex::default() })
    }

    /// A file that a glob matched.
    fn read_matched(&self, path: &str) -> Result<Vec<u8>, Answer> {
        self.inside.read(path, MOST_BYTES).map_err(|refused| match refused {
            // Nobody named it as a file, so that it is none makes nothing untrue.
            Refused::LinkedFolder => Answer::unverified(format!(
                "{path} is a link to a folder, and what lies behind it is not looked at; name that folder"
            )),
            refused => Answer::of_refused(path, refused),
        })
    }

    /// The files of a glob.
    ///
    /// # Errors
    /// As an answer: drift where a path without wildcards is not there, unverified where nothing
    /// matches or the folder cannot be listed. Nothing looked at is never a pass.
    fn files_of(&self, glob: &str) -> Result<Arc<Vec<String>>, Answer> {
        let mut matched = self.matched.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = matched.get(glob) {
            return Ok(known.clone());
        }
        let files = Arc::new(globs::files_of(&self.inside, glob)?);
        matched.insert(glob.to_owned(), files.clone());
        Ok(files)
    }
}

/// Whether it takes another program to find out.
pub fn needs_process(contract: &Contract) -> bool {
    matches!(contract.kind, ContractKind::CliHelp { .. } | ContractKind::RustApi { .. })
}

/// What the files alone tell of a contract; `None` where it takes another program.
pub fn from_files(ground: &Ground, intent: &Intent, contract: &Contract) -> Option<Answer> {
    Some(match &contract.kind {
        ContractKind::Markdown { files, sections, front_matter } => {
            markdown::answer(ground, files, sections, front_matter)
        }
        ContractKind::JsonSchema { path, examples } => {
            json_schema::answer(ground, intent, path, examples.as_deref())
        }
        ContractKind::File { path } => file::answer(ground, path),
        ContractKind::CliHelp { .. } | ContractKind::RustApi { .. } => return None,
    })
}

/// The file a contract claims: two intents that claim one pull at the same thing.
pub fn claimed_file(contract: &Contract) -> Option<&str> {
    match &contract.kind {
        ContractKind::JsonSchema { path, .. }
        | ContractKind::CliHelp { path, .. }
        | ContractKind::File { path } => Some(path),
        ContractKind::RustApi { path, .. } => path.as_deref(),
        ContractKind::Markdown { .. } => None,
    }
}
