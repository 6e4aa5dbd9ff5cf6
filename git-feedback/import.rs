//! `git feedback import`: what programs wrote down themselves becomes items, counted and redacted.

mod batch;
mod events;
mod failed;
mod gather;
mod json;
mod junit;
mod lines;
mod live;
mod message;
mod opened;
mod proposed;
mod reader;
mod record;
mod report;
mod source;
mod text;
mod told;
mod write;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use factory::operations::filing::ground::{self, Ground};
use factory::operations::redacting::{Redactor, kinds};
use factory::storage::interrupt;
use factory::storage::repo::{Oid, Repo};
use factory::terminal::completing;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::progress::Progress;
use factory::terminal::safe;
use factory::types::hint::Hinted;
use factory::types::item::SEVERITIES;

use crate::store;
use gather::Gathered;
use live::{Live, Watched};
use opened::Opened;
use reader::{Reader, State};
use record::Least;
use told::Told;
use write::Writer;

/// Of a live input, how soon something new is written, and how often counts are.
const SOON: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(60);
/// The clock is looked at every so many lines.
const LINES_BETWEEN_LOOKS: u64 = 256;

/// Make items of logs, panics, failing tests, Sentry events and OpenTelemetry exports
///
/// Reads Rust panics with and without backtrace, `cargo test` and nextest output, JUnit XML, log lines,
/// and JSON, one value a line or over many: tracing's and other loggers', Sentry events, OTLP traces and
/// logs; mixed as they come. Lines below a warning are passed over. Files may be compressed with gzip or
/// zstd. Importing a file again adds only what is new in it, also when it has grown, moved or was turned
/// over; what tells no time counts once for a file, and once an hour for standard input.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  git feedback import service.log service.log.1.gz
  cargo test 2>&1 | git feedback import -
  git feedback import target/nextest/ci/junit.xml
  git feedback import --watch 'journalctl --user -fu shop'
  git feedback import --as json events.jsonl --dry-run")]
pub struct Args {
    /// Files to read; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the files hold [default: told line by line]
    #[arg(long = "as", value_name = "FORMAT")]
    read_as: Option<Format>,
    /// Run a command and import its output while it comes; FILE is the command, Ctrl-C ends both
    #[arg(long, conflicts_with = "dry_run")]
    watch: bool,
    /// The name the counts go under [default: the file's name and a hash of its first line]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The release it was seen in [default: the newest promoted one in HEAD's history]
    #[arg(long, add = completing::release_ids())]
    release: Option<String>,
    /// The least severity of a log line that is filed; lines that name none are `info`
    #[arg(long, value_name = "SEVERITY", default_value = "warning", value_parser = PossibleValuesParser::new(SEVERITIES))]
    min_severity: String,
    /// Show the exact lines that would be written
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Log lines, panics and failing tests
    Log,
    /// Panics only
    Panic,
    /// Output of cargo test or nextest
    CargoTest,
    /// JSON, Sentry events, OTLP
    Json,
    /// JUnit XML
    Junit,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    let head = repo.require_head()?;
    let ground = ground::of(&repo)?;
    let release = ground::release(&repo, head, args.release.as_deref())?;
    let commit: Oid = release.as_ref().map_or(head, |(_, commit)| *commit);
    let release = release.map(|(id, _)| id);
    let _held = interrupt::hold()?;
    let writer = Writer {
        repo: &repo,
        redactor: &ground.redactor,
        commit,
        release: release.as_deref(),
        dry_run: args.dry_run,
        output,
    };
    let mut all = Told::default();
    if args.watch {
        let words = words(&args.files)?;
        let (watched, from) = live::start(&words)?;
        let opened = opened::live(Live::of(from))?;
        let told = || {
            let source = source::of_stream(&watched.shown, &opened.first_line, &ground.redactor);
            source.name(|| store::read(&repo))
        };
        let source = args.source.clone().map_or_else(told, Ok)?;
        one(&args, opened, &source, true, &ground, &writer, &mut all)?;
        say_end(watched, output)?;
    } else {
        for file in &args.files {
            if interrupt::received().is_some() {
                break;
            }
            let (opened, named, live) = open(file, &repo, &ground.redactor)?;
            let source = args.source.clone().unwrap_or(named);
            one(&args, opened, &source, live, &ground, &writer, &mut all)?;
        }
    }
    all.proposed = writer.propose(all.events)?;
    all.say(args.dry_run, output);
    Ok(interrupt::received().map_or(Exit::Holds, Exit::Signal))
}

/// A file or standard input, the name its counts go under, and whether it comes live.
fn open(file: &Path, repo: &Repo, redactor: &Redactor) -> Result<(Opened, String, bool)> {
    if file == Path::new("-") {
        let opened = opened::live(Live::stdin())?;
        let source = source::of_stream(source::STANDARD_INPUT, &opened.first_line, redactor);
        let source = source.name(|| store::read(repo))?;
        return Ok((opened, source, true));
    }
    let opened = opened::file(file)?;
    let source = source::of_file(file, repo.root().ok(), &opened.first_line, redactor);
    let source = source.name(|| store::read(repo))?;
    Ok((opened, source, false))
}

/// The command's words, be they given as one text or each by itself.
fn words(given: &[PathBuf]) -> Result<Vec<String>> {
    let given: Vec<String> = given.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match given.as_slice() {
        [line] => shlex::split(line).filter(|words| !words.is_empty()).ok_or_else(|| {
            Hinted::usage(format!("{line:?} is no command: it is empty, or a quote does not end")).into()
        }),
        words => Ok(words.to_vec()),
    }
}

/// Import one input to its end.
fn one(
    args: &Args,
    mut opened: Opened,
    source: &str,
    live: bool,
    ground: &Ground,
    writer: &Writer<'_>,
    all: &mut Told,
) -> Result<()> {
    let output = writer.output;
    let gathered = Gathered::new(&ground.redactor, source, live);
    let mut reader = Reader::new(args.read_as, Least::of(&args.min_severity), &ground.redactor, gathered);
    let progress = Progress::start(output, &format!("reading {}", safe::line(source)));
    let (mut written, mut looked) = (Instant::now(), 0);
    loop {
        let state = reader.step(&mut opened.lines);
        if state == State::End || !live && interrupt::received().is_some() {
            break;
        }
        if live && (state == State::Idle || opened.lines.number >= looked + LINES_BETWEEN_LOOKS) {
            looked = opened.lines.number;
            let due = if reader.gathered.new_items { SOON } else { SELDOM };
            if reader.gathered.new_counts && written.elapsed() >= due {
                all.events += writer.flush(&mut reader.gathered)?;
                written = Instant::now();
            }
        }
    }
    progress.end();
    reader.told.items = reader.gathered.items();
    for line in &reader.told.shown {
        output.warn(format!("{}: {}", safe::line(source), safe::line(line)));
    }
    all.events += writer.last(&mut reader)?;
    let found = &mut reader.gathered.found;
    if !found.is_empty() {
        found.sort();
        found.dedup();
        output.note(format!("replaced: {}", kinds(found)));
    }
    all.add(&reader.told);
    Ok(())
}

fn say_end(watched: Watched, output: &Output) -> Result<()> {
    let shown = watched.shown.clone();
    let status = watched.end()?;
    if !status.success() && interrupt::received().is_none() {
        output.note(format!("{} ended with {status}", safe::line(&shown)));
    }
    Ok(())
}
