//! The Rust files a test program was compiled from, as its compiler tells them: whether the digest of
//! an intent can hold what stands in them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Subject;
use super::building::{Builds, Suite};
use crate::operations::digest::bounded;
use crate::storage::fs;
use crate::storage::inside::Inside;

/// Why an approval holds nothing of this program's tests; asked once of each program.
pub fn unheld<'s>(subject: &Subject, builds: &Builds, suite: &'s Suite) -> Result<Option<&'s str>> {
    if let Some(known) = suite.unheld.get() {
        return Ok(known.as_deref());
    }
    let found = look(subject, builds, suite)?;
    Ok(suite.unheld.get_or_init(|| found).as_deref())
}

fn look(subject: &Subject, builds: &Builds, suite: &Suite) -> Result<Option<String>> {
    let inside = Inside::open(&subject.root)?;
    let roots = [Some(subject.root.clone()), subject.root.canonicalize().ok()];
    for file in sources(builds, suite)? {
        let path =
            roots.iter().flatten().find_map(|root| file.strip_prefix(root).ok()).and_then(Path::to_str);
        let Some(path) = path else { continue };
        if let Some(why) = inside.linked(path) {
            return Ok(Some(why));
        }
        let bytes = fs::read_if_there(&file)?.unwrap_or_default();
        if bounded::is_too_deep(&String::from_utf8_lossy(&bytes)) {
            return Ok(Some(format!("{path} nests deeper than is read; write it flatter")));
        }
    }
    Ok(None)
}

/// The program's Rust files but those a build script wrote; none where the compiler left no list.
fn sources(builds: &Builds, suite: &Suite) -> Result<Vec<PathBuf>> {
    let program = &suite.artifact.executable;
    let Some(listing) = fs::read_if_there(&program.with_extension("d"))? else { return Ok(Vec::new()) };
    // Where cargo runs its compiler.
    let root = builds.project.as_ref().map_or(&suite.artifact.folder, |project| &project.root);
    let made = program.parent().and_then(Path::parent);
    let files = listed(&String::from_utf8_lossy(&listing)).into_iter().map(|path| root.join(path));
    Ok(files.filter(|file| !made.is_some_and(|made| file.starts_with(made))).collect())
}

/// The Rust files of a `.d` file: each has a line of its own, `path:`, with its spaces escaped.
fn listed(text: &str) -> Vec<String> {
    let paths = text.lines().filter_map(|line| line.strip_suffix(':'));
    paths.map(|path| path.replace("\\ ", " ")).filter(|path| path.ends_with(".rs")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_list_is_read() {
        let text = "/t/deps/a-1.d: tests/a.rs tests/b\\ c.rs data.txt\n\n/t/deps/a-1: tests/a.rs tests/b\\ c.rs data.txt\n\ntests/a.rs:\ntests/b\\ c.rs:\ndata.txt:\n\n# env-dep:X=1\n";
        assert_eq!(listed(text), ["tests/a.rs", "tests/b c.rs"]);
    }
}
