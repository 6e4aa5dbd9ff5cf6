//! Manual pages: `man cargo-intent`, and `git feedback --help`, for which git asks man.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use factory::storage::places;

use super::files::part;

pub fn places(made: &BTreeMap<String, Vec<u8>>) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    Ok(part(made, "man1", &places::data_home()?.join("man/man1")))
}

/// What keeps man from finding them, if anything does.
pub fn hint() -> Result<Option<String>> {
    let folder = places::data_home()?.join("man");
    let Ok(asked) = Command::new("manpath").arg("-q").output() else {
        return Ok(Some(format!(
            "man is not installed, or has no manpath; the pages are in {}",
            folder.display()
        )));
    };
    let found = String::from_utf8_lossy(&asked.stdout);
    if found.trim().split(':').any(|path| std::path::Path::new(path) == folder) {
        return Ok(None);
    }
    // Man looks beside each folder of PATH: ~/.local/bin brings ~/.local/share/man.
    Ok(Some(format!(
        "man does not look into {0}: put ~/.local/bin on PATH, or add to your shell's start: export MANPATH=\"{0}:\"",
        folder.display()
    )))
}
