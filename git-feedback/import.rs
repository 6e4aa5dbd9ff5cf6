//! `git feedback import`: what programs wrote down themselves becomes items, counted and redacted.

mod batch;
mod events;
mod failed;
mod gather;
mod joined;
mod json;
mod junit;
mod lines;
mod live;
mod message;
mod opened;
mod pace;
mod proposed;
mod reader;
mod record;
mod report;
mod source;
mod tally;
mod text;
mod told;
mod write;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use factory::operations::filing::ground::{self, Ground};
use factory::operations::redacting::kinds;
use factory::storage::interrupt;
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
use pace::Pace;
use reader::{Reader, State};
use record::Least;
use told::Told;
use write::Writer;

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
    /// The name the counts go under, those of all files together [default: the file's name and a hash of
    /// its first line]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The release it was seen in [default: the one that served at the record's time]
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
    let named = args.release.as_deref().map(|named| ground::release(&repo, head, Some(named)));
    let _held = interrupt::hold()?;
    let writer = Writer {
        repo: &repo,
        redactor: &ground.redactor,
        named: named.transpose()?.flatten(),
        dry_run: args.dry_run,
        output,
    };
    let mut all = Told::default();
    let read = if args.watch {
        watch(&args, &ground, &writer, &mut all)
    } else {
        files(&args, &ground, &writer, &mut all)
    };
    let read = read.and_then(|()| writer.link(all.records));
    let read = read.map(|(joined, proposed)| (all.joined, all.proposed) = (joined, proposed));
    // What was imported before something went wrong is told too.
    if read.is_ok() || all.lines > 0 {
        all.say(args.dry_run, output);
    }
    read.map(|()| interrupt::received().map_or(Exit::Holds, Exit::Signal))
}

fn watch(args: &Args, ground: &Ground, writer: &Writer<'_>, all: &mut Told) -> Result<()> {
    let words = words(&args.files)?;
    let (watched, from) = live::start(&words)?;
    let source = args.source.as_ref().unwrap_or(&watched.shown);
    let gathered = Gathered::new(&ground.redactor, source, true);
    one(args, opened::live(Live::of(from))?, gathered, ground, writer, all)?;
    say_end(watched, writer.output)
}

fn files(args: &Args, ground: &Ground, writer: &Writer<'_>, all: &mut Told) -> Result<()> {
    let is_stdin = |file: &Path| file == Path::new("-");
    // All or none: a file that is not there is found before anything is written.
    for file in args.files.iter().filter(|file| !is_stdin(file)) {
        opened::readable(file)?;
    }
    let mut of_all: Option<Gathered<'_>> = None;
    for file in &args.files {
        if interrupt::received().is_some() {
            break;
        }
        let live = is_stdin(file);
        let opened = if live { opened::live(Live::stdin())? } else { opened::file(file)? };
        let named = match &args.source {
            Some(source) => source.clone(),
            None if live => source::STANDARD_INPUT.to_owned(),
            None => {
                let root = writer.repo.root().ok();
                source::of_file(file, root, &opened.first_line, &ground.redactor)
                    .name(|| store::read(writer.repo))?
            }
        };
        let mut gathered = of_all.take().unwrap_or_else(|| Gathered::new(&ground.redactor, &named, live));
        gathered.live = live;
        let gathered = one(args, opened, gathered, ground, writer, all)?;
        // What has one name is counted together.
        of_all = args.source.is_some().then_some(gathered);
    }
    Ok(())
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

/// Import one input to its end, behind what was gathered of others under the same name.
fn one<'g>(
    args: &Args,
    mut opened: Opened,
    gathered: Gathered<'g>,
    ground: &'g Ground,
    writer: &Writer<'_>,
    all: &mut Told,
) -> Result<Gathered<'g>> {
    let output = writer.output;
    let (source, live) = (safe::line(&gathered.source).into_owned(), gathered.live);
    let before = (gathered.items(), gathered.records, gathered.odd_times);
    let mut reader = Reader::new(args.read_as, Least::of(&args.min_severity), &ground.redactor, gathered);
    let progress = Progress::start(output, &format!("reading {source}"));
    let (mut pace, mut looked) = (Pace::new(writer.repo)?, 0);
    loop {
        let state = reader.step(&mut opened.lines);
        if state == State::End || !live && interrupt::received().is_some() {
            break;
        }
        let looks = state == State::Idle || opened.lines.number >= looked + LINES_BETWEEN_LOOKS;
        if live && looks && !writer.dry_run {
            looked = opened.lines.number;
            if let Some(due) = pace.due(writer.repo, &reader.gathered)? {
                all.events += writer.flush(&mut reader.gathered, due)?;
                pace.done(writer.repo)?;
            }
        }
    }
    progress.end();
    reader.told.items = reader.gathered.items() - before.0;
    reader.told.records = reader.gathered.records - before.1;
    reader.told.odd_times = reader.gathered.odd_times - before.2;
    for line in &reader.told.shown {
        output.warn(format!("{source}: {}", safe::line(line)));
    }
    all.events += writer.last(&mut reader)?;
    let mut found = std::mem::take(&mut reader.gathered.found);
    if !found.is_empty() {
        found.sort();
        found.dedup();
        output.note(format!("replaced: {}", kinds(&found)));
    }
    all.add(&reader.told);
    Ok(reader.gathered)
}

fn say_end(watched: Watched, output: &Output) -> Result<()> {
    let shown = watched.shown.clone();
    let status = watched.end()?;
    if !status.success() && interrupt::received().is_none() {
        output.note(format!("{} ended with {status}", safe::line(&shown)));
    }
    Ok(())
}
