//! Where the raw text comes from: a file, standard input, or a recording.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use factory::storage::boundary::Boundary;
use factory::storage::places::Places;
use factory::storage::process::Runner;
use factory::storage::repo::Repo;
use factory::storage::{fs, voice};
use factory::terminal::output::Output;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::id::attempt_id;

/// The most that is taken for an intent's raw text; a book is not one intent.
const MOST_BYTES: u64 = 1024 * 1024;

/// A raw text, and where it came from.
pub struct Raw {
    pub text: String,
    /// The file's name, where it has one.
    pub name: Option<String>,
    /// The recording it was said in, and the program that heard it.
    pub heard: Option<(PathBuf, String)>,
}

/// Read a file, or standard input for `-`.
pub fn text(from: &str) -> Result<Raw> {
    let bytes = if from == "-" {
        read(std::io::stdin().lock()).context("standard input")?
    } else {
        let path = Path::new(from);
        if path.is_dir() {
            bail!(folder(path, from)?);
        }
        let unreadable = || Hinted::usage(format!("cannot read {}", safe::line(from)));
        let file =
            std::fs::File::open(path).map_err(|error| anyhow::Error::from(error).context(unreadable()))?;
        read(file).map_err(|error| anyhow::Error::from(error).context(unreadable()))?
    };
    if bytes.len() as u64 > MOST_BYTES {
        bail!(
            Hinted::usage("the text is longer than 1 MiB")
                .hint("give the part that says what is wanted; link the rest from it")
        );
    }
    let name = Path::new(from).file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(Raw { text: checked(&bytes)?, name: name.filter(|_| from != "-"), heard: None })
}

fn read(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// One text makes one intent, so a folder is answered with its files.
fn folder(path: &Path, shown: &str) -> Result<Hinted> {
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let names = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        entry.path().is_file().then(|| entry.file_name().to_string_lossy().into_owned())
    });
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).take(1000).collect();
    names.sort();
    let listed: Vec<&str> = names.iter().take(12).map(String::as_str).collect();
    let more = if names.len() > listed.len() { " …" } else { "" };
    let what = match listed.is_empty() {
        true => format!("{} is a folder without files", safe::line(shown)),
        false => format!("{} is a folder with {}{more}", safe::line(shown), safe::line(&listed.join(", "))),
    };
    let example = names.first().map_or("FILE", String::as_str);
    let hint = format!("one file makes one intent: --from {}", path.join(example).display());
    Ok(Hinted::usage(what).hint(hint))
}

fn checked(bytes: &[u8]) -> Result<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line_of = |at: usize| bytes[..at].split(|byte| *byte == b'\n').count();
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Hinted::usage(format!("line {} of the text is not UTF-8", line_of(error.valid_up_to())))
            .hint("save it as UTF-8")
    })?;
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        bail!(
            Hinted::usage(format!("line {} of the text holds a NUL byte", line_of(at)))
                .hint("is it a text? a recording goes with --voice")
        );
    }
    if text.trim().is_empty() {
        bail!(Hinted::usage("the text is empty").hint("give a file with words in it, or --title"));
    }
    Ok(text.to_owned())
}

/// Listen to a recording, or make one first. It is never removed.
pub fn speech(
    repo: &Repo,
    slug: &str,
    file: Option<&Path>,
    transcriber: Option<&str>,
    output: &Output,
) -> Result<Raw> {
    let recording = match file {
        Some(file) => file.to_owned(),
        None => {
            let folder = Places::of(repo)?.state.join("recordings");
            fs::create_private_dir(&folder)?;
            let recording = folder.join(format!("{slug}-{}.wav", attempt_id()));
            voice::record(&recording, |by| {
                output.question(format!("{by} is recording; press Enter when all is said"));
            })?;
            output.note(format!("recorded: {}", recording.display()));
            recording
        }
    };
    let heard = voice::transcribe(Runner::new(Boundary::None), &recording, transcriber)?;
    Ok(Raw { text: checked(heard.text.as_bytes())?, name: None, heard: Some((recording, heard.by)) })
}
