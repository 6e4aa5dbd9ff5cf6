//! The lessons file: in a folder, or as a commit has it.

use std::path::Path;

use anyhow::Result;

use super::fs;
use super::repo::{Oid, Repo};
use crate::types::lesson::parse::parse;
use crate::types::lesson::{FILE, Lesson, edit};
use crate::types::problem::{Problem, Problems};
use crate::types::toml::decode;

/// The lessons of a folder; none where it has no such file.
///
/// # Errors
/// A file that cannot be opened; inside, everything wrong in what it holds.
pub fn all(root: &Path) -> Result<Result<Vec<Lesson>, Vec<Problem>>> {
    Ok(fs::read_if_there(&root.join(FILE))?.map_or(Ok(Vec::new()), |bytes| parse(&bytes)))
}

/// The lessons of a commit or tree.
pub fn all_at(repo: &Repo, at: Oid) -> Result<Result<Vec<Lesson>, Vec<Problem>>> {
    Ok(repo.file_at(at, FILE)?.map_or(Ok(Vec::new()), |bytes| parse(&bytes)))
}

/// The file's text; what a new one begins with where there is none.
pub fn text(root: &Path) -> Result<String> {
    let Some(bytes) = fs::read_if_there(&root.join(FILE))? else { return Ok(edit::fresh()) };
    decode(FILE, &bytes)?;
    Ok(String::from_utf8(bytes)?)
}

/// Write the edited file, parsed once more before it replaces the old one.
pub fn write(root: &Path, text: &str) -> Result<()> {
    parse(text.as_bytes()).map_err(Problems)?;
    let path = root.join(FILE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write_atomic(&path, text.as_bytes())
}
