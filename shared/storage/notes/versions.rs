//! What each version of the notes of a history added to the one looked at before it.
//!
//! A note of ten thousand lines written one by one has ten thousand versions. Each is read once, one at a
//! time, and of each only the part is gone through in which it differs.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::lines;
use crate::storage::repo::{Blobs, Oid, Repo};

/// Goes through trees and remembers what it has told.
pub struct Versions<'r> {
    repo: &'r Repo,
    blobs: Blobs<'r>,
    /// Files that are no notes are left out.
    only_notes: bool,
    /// Folders by where they lie: most versions share all but two.
    folders: HashSet<(String, Oid)>,
    files: HashSet<(String, Oid)>,
    last: HashMap<String, Vec<u8>>,
    /// Objects that are named and not here, or cannot be read.
    pub gone: usize,
}

/// One version of one file.
pub struct Version<'v> {
    /// Its path without slashes: of a note the object it hangs on, whatever the fan-out.
    pub name: &'v str,
    pub blob: Oid,
    pub bytes: &'v [u8],
    before: &'v [u8],
}

impl<'v> Version<'v> {
    /// Its lines but those that the version told before it of the same name has as well.
    pub fn added(&self) -> impl Iterator<Item = &'v [u8]> + use<'v> {
        let (before, new) = different(self.before, self.bytes);
        let mut before = lines(before).peekable();
        // Both are sorted as a rule; where they are not, a line is told once more than it need be.
        lines(new).filter(move |line| {
            while before.next_if(|before| before < line).is_some() {}
            before.next_if_eq(line).is_none()
        })
    }
}

impl<'r> Versions<'r> {
    pub fn of_notes(repo: &'r Repo) -> Self {
        Self { only_notes: true, ..Self::of_files(repo) }
    }

    /// Of all files, also those that somebody put beside the notes.
    pub fn of_files(repo: &'r Repo) -> Self {
        Self {
            repo,
            blobs: repo.blobs(),
            only_notes: false,
            folders: HashSet::new(),
            files: HashSet::new(),
            last: HashMap::new(),
            gone: 0,
        }
    }

    /// Tell of each file of a tree in a version not told before. From the newest to the oldest there is
    /// the least to go through.
    ///
    /// # Errors
    /// Git cannot be started.
    pub fn tell(&mut self, tree: Oid, each: &mut dyn FnMut(&Version<'_>)) -> Result<()> {
        self.folder(String::new(), tree, each)
    }

    fn folder(&mut self, path: String, tree: Oid, each: &mut dyn FnMut(&Version<'_>)) -> Result<()> {
        if !self.folders.insert((path.clone(), tree)) {
            return Ok(());
        }
        let Ok(entries) = self.repo.entries_of(tree) else {
            self.gone += 1;
            return Ok(());
        };
        for entry in entries {
            // A note's path is the name of its object, in pieces.
            if self.only_notes && !entry.name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            let name = format!("{path}{}", entry.name);
            if entry.is_folder {
                self.folder(name, entry.oid, each)?;
            } else if !self.only_notes || super::annotated(&name).is_some() {
                self.file(name, entry.oid, each)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, name: String, blob: Oid, each: &mut dyn FnMut(&Version<'_>)) -> Result<()> {
        if !self.files.insert((name.clone(), blob)) {
            return Ok(());
        }
        let Some(bytes) = self.blobs.read(blob)? else {
            self.gone += 1;
            return Ok(());
        };
        let before = self.last.get(&name).map_or(&[][..], Vec::as_slice);
        each(&Version { name: &name, blob, bytes: &bytes, before });
        self.last.insert(name, bytes);
        Ok(())
    }
}

/// The whole lines in which two versions differ: without what they begin and end with alike.
fn different<'a>(one: &'a [u8], other: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let alike = common(one.len().min(other.len()), |from, to| one[from..to] == other[from..to]);
    let begin = memchr::memrchr(b'\n', &one[..alike]).map_or(0, |newline| newline + 1);
    let (one, other) = (&one[begin..], &other[begin..]);
    let back = |bytes: &'a [u8], from: usize, to: usize| &bytes[bytes.len() - to..bytes.len() - from];
    let alike = common(one.len().min(other.len()), |from, to| back(one, from, to) == back(other, from, to));
    let end = memchr::memchr(b'\n', &one[one.len() - alike..]).map_or(0, |newline| alike - newline - 1);
    (&one[..one.len() - end], &other[..other.len() - end])
}

/// How many of the first `most` bytes are alike. Long pieces are compared first, since that is as fast as
/// memory is, and shorter ones only where those differ.
fn common(most: usize, is_alike: impl Fn(usize, usize) -> bool) -> usize {
    let mut at = 0;
    for piece in [1 << 16, 1 << 10, 1 << 5, 1] {
        while at + piece <= most && is_alike(at, at + piece) {
            at += piece;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn added(before: &str, new: &str) -> Vec<String> {
        let blob = "0".repeat(40).parse().unwrap();
        let version = Version { name: "", blob, bytes: new.as_bytes(), before: before.as_bytes() };
        version.added().map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }

    #[test]
    fn only_lines_that_the_one_before_lacks_are_told() {
        assert_eq!(added("a\nb\nd\ne\n", "a\nb\nc\nd\ne\n"), ["c"]);
        assert_eq!(added("a\nb\nc\n", "a\nb\n"), [""; 0]);
        assert_eq!(added("", "a\n\nb"), ["a", "b"]);
        assert_eq!(added("abc", "abc\nabd"), ["abd"]);
        assert_eq!(added("xab\n", "ab\nb\n"), ["ab", "b"]);
    }

    proptest! {
        #[test]
        fn no_new_line_is_left_out(
            before in prop::collection::vec("[ab]{0,3}", 0..9), new in prop::collection::vec("[ab]{0,3}", 0..9)
        ) {
            let told = added(&before.join("\n"), &new.join("\n"));
            for line in new.iter().filter(|line| !line.is_empty() && !before.contains(line)) {
                prop_assert!(told.contains(line), "{line:?} of {new:?} after {before:?}");
            }
            for line in &told {
                prop_assert!(new.contains(line));
            }
        }
    }
}
