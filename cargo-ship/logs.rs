//! `cargo ship logs`: what the service wrote.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use factory::storage::fs;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::types::hint::Hinted;

use crate::context::Context;
use crate::rollout::service;

/// Show what the service wrote
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose log
    #[arg(value_parser = ["stable", "canary", "old", "edge", "worker", "access"], default_value = "stable")]
    whose: String,
    /// Go on as more is written
    #[arg(short, long)]
    follow: bool,
    /// Show the last N lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    lines: usize,
}

pub fn run(context: &Context, args: &Args, output: &Output) -> Result<Exit> {
    let place = service::edge_place(context)?;
    let path = if args.whose == "access" { place.access_log() } else { place.log(&args.whose) };
    let Some(bytes) = fs::read_if_there(&path)? else {
        bail!(Hinted::usage(format!("there is no log of {}", args.whose)).hint("cargo ship status"));
    };
    output.raw(last_lines(&bytes, args.lines));
    if args.follow {
        follow(&path, bytes.len() as u64, output)?;
    }
    Ok(Exit::Holds)
}

fn last_lines(bytes: &[u8], count: usize) -> &[u8] {
    let ends: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let whole = ends.len().saturating_sub(count);
    match whole.checked_sub(1).and_then(|before| ends.get(before)) {
        Some(end) => &bytes[end + 1..],
        None => bytes,
    }
}

/// Write what is appended until Ctrl-C; a file that became shorter was rotated, and is begun anew.
fn follow(path: &Path, mut from: u64, output: &Output) -> Result<()> {
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let name = || path.display().to_string();
        let mut file = std::fs::File::open(path).with_context(name)?;
        let length = file.metadata().with_context(name)?.len();
        if length < from {
            from = 0;
        }
        if length == from {
            continue;
        }
        file.seek(SeekFrom::Start(from)).with_context(name)?;
        let mut fresh = Vec::new();
        file.read_to_end(&mut fresh).with_context(name)?;
        from += fresh.len() as u64;
        output.raw(&fresh);
    }
}
