//! Manual pages of a tool, written from the same definitions as its help, and the scripts of its completions.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Command;

use super::completing;
use super::exit::Exit;
use crate::storage::fs;

/// Write manual pages and completions into a folder
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to; `man1` and a folder for each shell are made in it
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

/// Write everything of `command` into the folder.
pub fn write(command: Command, args: &Args) -> Result<Exit> {
    let folder = |part: &str| -> Result<PathBuf> {
        let folder = args.into.join(part);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    };
    for (shell, file, text) in completing::scripts(&command) {
        fs::write(&folder(shell)?.join(file), text)?;
    }
    let pages = folder("man1")?;
    // A page for `help` says what is said there already.
    let page = command.disable_help_subcommand(true);
    clap_mangen::generate_to(page, &pages).with_context(|| pages.display().to_string())?;
    Ok(Exit::Holds)
}
