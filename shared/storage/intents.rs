//! Intent files: in a folder, or as a commit has them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::inside::{Inside, Refused};
use super::repo::{Oid, Repo};
use crate::types::hint::Hinted;
use crate::types::intent::parse::{Parsed, parse};
use crate::types::intent::slug::{RESERVED, check_slug, suggest};
use crate::types::problem::{Problem, Problems};
use crate::types::toml::nearest;

/// Where intents live, relative to the root.
pub const FOLDER: &str = "intents";

/// The most bytes of one intent file.
const MOST_BYTES: u64 = 16 << 20;

/// One intent file, read or not.
#[derive(Clone, Debug)]
pub struct Found {
    pub slug: String,
    /// Relative to the root.
    pub file: String,
    pub read: Result<Parsed, Vec<Problem>>,
}

/// `intents/<slug>.toml`.
pub fn file_of(slug: &str) -> String {
    format!("{FOLDER}/{slug}.toml")
}

/// A slug, also where the path of its file was given.
pub fn bare(word: &str) -> &str {
    let word = word.strip_prefix("intents/").unwrap_or(word);
    word.strip_suffix(".toml").unwrap_or(word)
}

/// The slug of the intent whose file this is; `None` for any other path.
pub fn slug_of(path: &str) -> Option<&str> {
    let stem = path.strip_prefix("intents/")?.strip_suffix(".toml")?;
    (!stem.contains('/') && !stem.starts_with('.') && stem != RESERVED).then_some(stem)
}

pub fn path_of(root: &Path, slug: &str) -> PathBuf {
    root.join(FOLDER).join(format!("{slug}.toml"))
}

/// Every intent of the folder, by slug.
pub fn all(root: &Path) -> Result<Vec<Found>> {
    let (slugs, mut found) = (slugs(root)?, Vec::new());
    let inside = Inside::open(root)?;
    for slug in slugs {
        match bytes_in(&inside, root, &slug) {
            Some(Ok(bytes)) => found.push(read(&slug, &bytes)),
            Some(Err(problem)) => {
                found.push(Found { file: file_of(&slug), slug, read: Err(vec![problem]) });
            }
            None => {}
        }
    }
    Ok(found)
}

/// The bytes of an intent's file, or why there are none: one that cannot be read is no reason to
/// leave the others unread. `None` where it is not there, as when it was deleted meanwhile.
pub fn bytes(root: &Path, slug: &str) -> Option<Result<Vec<u8>, Problem>> {
    match Inside::open(root) {
        Ok(inside) => bytes_in(&inside, root, slug),
        Err(error) => Some(Err(Problem::at(&file_of(slug), "", 0..0, format!("{error:#}")))),
    }
}

fn bytes_in(inside: &Inside, root: &Path, slug: &str) -> Option<Result<Vec<u8>, Problem>> {
    let file = file_of(slug);
    let problem =
        |why: &str, hint: &str| Some(Err(Problem::at(&file, "", 0..0, format!("it {why}")).hint(hint)));
    match inside.read(&file, MOST_BYTES) {
        Ok(bytes) => Some(Ok(bytes)),
        Err(Refused::Gone) if !path_of(root, slug).is_symlink() => None,
        Err(Refused::Gone) => problem("is a link that leads nowhere", "put the file itself there"),
        Err(Refused::Outside) => problem("leads outside the repository", "put the file itself there"),
        Err(Refused::NoFile | Refused::LinkedFolder) => problem("is not a file", "move it out of intents/"),
        Err(refused) => Some(Err(Problem::at(&file, "", 0..0, format!("it {refused}")))),
    }
}

/// Every intent of a commit or tree, by slug.
pub fn all_at(repo: &Repo, at: Oid) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for file in repo.files_under(at, FOLDER)? {
        let Some(slug) = slug_of(&file.path) else { continue };
        found.push(read(slug, &repo.read_blob(file.oid)?));
    }
    found.sort_by(|a, b| a.slug.cmp(&b.slug));
    Ok(found)
}

/// The intent of this name.
///
/// # Errors
/// Where there is none, with the nearest; where its file is broken, with every problem.
pub fn one(root: &Path, slug: &str) -> Result<Parsed> {
    let slug = bare(slug);
    let known = if check_slug(slug).is_ok() { bytes(root, slug) } else { None };
    let Some(bytes) = known else { return Err(unknown(slug, &slugs(root)?).into()) };
    let bytes = bytes.map_err(|problem| Problems(vec![problem]))?;
    Ok(read(slug, &bytes).read.map_err(Problems)?)
}

/// The error of a slug no intent has.
pub fn unknown(slug: &str, known: &[String]) -> Hinted {
    let error = Hinted::usage(format!("no intent is called {slug:?}"));
    match nearest(slug, known.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => {
            error.hint(format!("cargo intent new {}", suggest(slug).unwrap_or("my-first".into())))
        }
        None => error.hint("cargo intent list"),
    }
}

/// The intent that the file of `slug` holds.
pub fn read(slug: &str, bytes: &[u8]) -> Found {
    let file = file_of(slug);
    Found { slug: slug.to_owned(), read: parse(slug, &file, bytes), file }
}

/// The stems of the files, in order; a stem need not be a lawful slug.
pub fn slugs(root: &Path) -> Result<Vec<String>> {
    let folder = root.join(FOLDER);
    let listing = match std::fs::read_dir(&folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", folder.display())),
    };
    let mut slugs = Vec::new();
    for entry in listing {
        let name = entry.with_context(|| format!("cannot read {}", folder.display()))?.file_name();
        let bytes = name.as_encoded_bytes();
        if !bytes.ends_with(b".toml") || bytes.starts_with(b".") {
            continue;
        }
        let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(".toml")) else {
            let shown = name.to_string_lossy();
            return Err(Hinted::usage(format!("the name of intents/{shown} is not UTF-8"))
                .hint("rename the file")
                .into());
        };
        if stem != RESERVED {
            slugs.push(stem.to_owned());
        }
    }
    slugs.sort();
    Ok(slugs)
}
