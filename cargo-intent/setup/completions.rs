//! Completions for bash, zsh and fish, in the folders of the user that each looks into.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use factory::storage::places;

use super::files::part;

pub fn places(made: &BTreeMap<String, Vec<u8>>) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let data = places::data_home()?;
    let folders = [
        ("bash", "bash-completion/completions"),
        ("zsh", "zsh/site-functions"),
        ("fish", "fish/vendor_completions.d"),
        ("fish-start", "fish/vendor_conf.d"),
    ];
    Ok(folders.iter().flat_map(|(shell, folder)| part(made, shell, &data.join(folder))).collect())
}

/// What the person's shell needs besides.
pub fn hint() -> Option<String> {
    let shell = std::env::var("SHELL").unwrap_or_default();
    let folder = places::data_home().ok()?.join("zsh/site-functions");
    match shell.rsplit('/').next().unwrap_or_default() {
        "zsh" => Some(format!("completions: in ~/.zshrc, before compinit: fpath=({} $fpath)", folder.display())),
        "fish" => None,
        _ => Some(
            "completions: bash needs the package bash-completion; it completes `git feedback`, cargo-intent and \
             cargo-ship; after `cargo intent` cargo's own completion is asked, which knows nothing of them"
                .to_owned(),
        ),
    }
}
