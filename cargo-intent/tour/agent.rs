//! The tour's agent: no model, edits prepared beforehand, applied by what the worktree already holds.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use factory::storage::fs;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::hint::Hinted;

use super::example::{File, V1, V2, V3};

/// Apply the tour's next prepared edits to the current folder
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: Args, output: &Output) -> Result<Exit> {
    let mut brief = String::new();
    std::io::stdin().read_to_string(&mut brief).context("the brief on standard input")?;
    let (files, words) = next(Path::new("."))?;
    for (path, bytes) in files {
        let path = Path::new(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)?;
        output.line(format!("wrote {}", path.display()));
    }
    output.line(format!("\n{words}"));
    Ok(Exit::Holds)
}

/// The edits that come next, and what an agent would say of them.
fn next(root: &Path) -> Result<(&'static [File], &'static str)> {
    let holds = |files: &[File]| {
        files.iter().all(|(path, bytes)| std::fs::read(root.join(path)).is_ok_and(|there| there == *bytes))
    };
    if !root.join("Cargo.toml").exists() {
        bail!(Hinted::usage("there is no crate here").hint("cargo intent tour walks the whole line"));
    }
    if holds(V2) {
        return Ok((
            V3,
            "An empty amount was read as a number. It is a field nobody filled in, so it is null now.",
        ));
    }
    if holds(V3) {
        return Ok((&[], "The tour has no more edits."));
    }
    if holds(V1) {
        return Ok((
            V2,
            "Amounts are whole cents now; what is no amount is a bad row, named by line and column.",
        ));
    }
    Ok((
        V1,
        "A reader for CSV, a writer for JSON, the command over both, and a page with the same behind it.",
    ))
}
