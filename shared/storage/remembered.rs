//! Verdicts on signatures, remembered in the git common dir, so that each is verified once; and the
//! first commit of the history, so that it is walked once.
//!
//! `factory/signatures` has a JSON object a line: `key` (SHA-256 over payload, signature and all the
//! verdict hangs on), and `by`, `unknown_signer` or `tampered`; `until` where it is believed no longer than
//! that (seconds since 1970: a key expires). `factory/root` has two object ids with a space
//! between: a commit, and the first one of its history. Both may be deleted at any time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::fs;
use super::repo::{Oid, Repo};
use super::signing::Judged;
use crate::types::id::hex;
use crate::types::standing::Verdict;

/// Beyond this the file begins anew: most of it is about what no longer stands.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// The first commit of the history of `head`, as [`Repo::root_commit`] finds it: only the commits
/// since it was last asked are walked.
///
/// # Errors
/// A commit that cannot be read.
pub fn root_commit(repo: &Repo, head: Oid) -> Result<Option<Oid>> {
    let path = repo.common_dir().join("factory/root");
    // What cannot be read is not remembered.
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let known = text.trim().split_once(' ').and_then(|(at, root)| at.parse().ok().zip(root.parse().ok()));
    let root = repo.root_commit(head, known)?;
    if let Some(root) = root.filter(|root| known != Some((head, *root))) {
        // In a repository that cannot be written, the next command walks anew.
        let _ = fs::create_dir_all(&repo.common_dir().join("factory"));
        let _ = fs::write_atomic(&path, format!("{head} {root}\n").as_bytes());
    }
    Ok(root)
}

/// What is remembered of signatures.
pub struct Remembered {
    path: PathBuf,
    verdicts: HashMap<String, Judged>,
    /// Who signed last: most repositories have one person.
    pub likely: Option<String>,
}

impl Remembered {
    /// # Errors
    /// A file that is there and cannot be read.
    pub fn read(repo: &Repo) -> Result<Self> {
        let path = repo.common_dir().join("factory/signatures");
        let mut remembered = Self { verdicts: HashMap::new(), likely: None, path };
        let bytes = fs::read_if_there(&remembered.path)?.unwrap_or_default();
        for (key, judged) in bytes.split(|byte| *byte == b'\n').filter_map(parse) {
            remembered.keep(key, judged);
        }
        Ok(remembered)
    }

    /// What a verdict is remembered under; `trust` says who is allowed.
    pub fn key(payload: &[u8], armour: &str, trust: &str) -> String {
        let mut all = Sha256::new();
        for part in [payload, armour.as_bytes(), trust.as_bytes()] {
            all.update(format!("{}\0", part.len()));
            all.update(part);
        }
        hex(&all.finalize())
    }

    pub fn get(&self, key: &str) -> Option<&Verdict> {
        let now_s = jiff::Timestamp::now().as_second();
        let found = self.verdicts.get(key)?;
        found.until_s.is_none_or(|until_s| now_s < until_s).then_some(&found.verdict)
    }

    /// Remember these from now on. What could not be verified is asked anew the next time.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn add(&mut self, fresh: Vec<(String, Judged)>) -> Result<()> {
        let lines: String = fresh.iter().filter_map(|(key, judged)| line(key, judged)).collect();
        for (key, judged) in fresh {
            self.keep(key, judged);
        }
        if lines.is_empty() {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let long = std::fs::metadata(&self.path).is_ok_and(|found| found.len() > MOST_BYTES);
        // Appended in one write, so that two commands at once spoil no line of each other.
        let mut options = std::fs::OpenOptions::new();
        options.create(true).write(true).append(!long).truncate(long);
        let written = options.open(&self.path).and_then(|mut file| file.write_all(lines.as_bytes()));
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn keep(&mut self, key: String, judged: Judged) {
        if let Verdict::Signed(who) = &judged.verdict {
            self.likely = Some(who.clone());
        }
        self.verdicts.insert(key, judged);
    }
}

fn line(key: &str, judged: &Judged) -> Option<String> {
    let (word, text) = match &judged.verdict {
        Verdict::Signed(who) => ("by", who),
        Verdict::UnknownSigner(why) => ("unknown_signer", why),
        Verdict::Tampered(why) => ("tampered", why),
        Verdict::Unsigned | Verdict::CannotVerify(_) => return None,
    };
    let mut line = json!({"key": key, word: text});
    if let Some(until_s) = judged.until_s {
        line["until"] = until_s.into();
    }
    Some(format!("{line}\n"))
}

/// One line.
#[derive(Deserialize)]
struct Told<'l> {
    key: &'l str,
    #[serde(borrow)]
    by: Option<Cow<'l, str>>,
    #[serde(borrow)]
    unknown_signer: Option<Cow<'l, str>>,
    #[serde(borrow)]
    tampered: Option<Cow<'l, str>>,
    until: Option<i64>,
}

/// A line that cannot be read is one that is not remembered.
fn parse(line: &[u8]) -> Option<(String, Judged)> {
    let told: Told = serde_json::from_slice(line).ok()?;
    let verdict = match told {
        Told { by: Some(who), .. } => Verdict::Signed(who.into_owned()),
        Told { unknown_signer: Some(why), .. } => Verdict::UnknownSigner(why.into_owned()),
        Told { tampered: Some(why), .. } => Verdict::Tampered(why.into_owned()),
        _ => return None,
    };
    Some((told.key.to_owned(), Judged { verdict, until_s: told.until }))
}
