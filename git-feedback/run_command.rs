//! `git feedback run`: run a command, and file an item where it fails.

use std::collections::VecDeque;
use std::ffi::OsString;

use anyhow::Result;
use factory::operations::filing::attachment::Attachment;
use factory::operations::filing::{self, Certain, NewItem, Plan, ground};
use factory::operations::fingerprint;
use factory::storage::interrupt;
use factory::storage::passing::{self, Ended, Stream};
use factory::storage::repo::Repo;
use factory::terminal::exit::Exit;
use factory::terminal::output::Output;
use factory::terminal::safe;
use serde_json::Map;

use crate::{add, store};

/// How much of the output is kept as evidence: the end of it.
const KEPT_BYTES: usize = 256 * 1024;

/// Run a command, and file an item if it fails
///
/// Output and exit code are the command's own. A failure that is there already is counted, not
/// filed again. The item keeps the end of the output, with keys, tokens and addresses replaced.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  git feedback run -- cargo test\n  git feedback run -- ./nightly-export.sh"
)]
pub struct Args {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub fn run(args: Args, output: &Output) -> Result<Exit> {
    let repo = store::open()?;
    repo.require_head()?;
    let mut kept = Tail::default();
    let ended = passing::run(&args.command, |stream, bytes| {
        kept.push(stream, bytes);
        match stream {
            Stream::Out => output.raw(bytes),
            Stream::Err => output.raw_error(bytes),
        }
    })?;
    if ended.still_open {
        output.warn("something the command started still writes; what it says from here on is not shown");
    }
    // Who stops a command by hand knows why it ended.
    if !ended.success() && interrupt::received().is_none() {
        // The command's own end is what the caller asked for, whatever becomes of the record.
        match record(&repo, &args.command, ended, &kept) {
            Ok(plan) => tell(&plan, output),
            Err(error) => {
                output.complain(&error.context("the failure could not be filed"));
            }
        }
    }
    Ok(Exit::Command(ended.shell_code()))
}

fn record(repo: &Repo, command: &[OsString], ended: Ended, kept: &Tail) -> Result<Plan> {
    let words: Vec<String> = command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let text = kept.text();
    let ground = ground::of(repo)?;
    // Redacted before they are cut: half a secret looks like none.
    let clean = |text: &str| ground.redactor.redact(text).text;
    let shown = clean(&words.join(" "));
    let mut fields = Map::new();
    fields.insert("command".into(), cut(&shown, 500).into());
    fields.insert("exit_code".into(), ended.code.into());
    fields.insert("signal".into(), ended.signal.into());
    let sign = fingerprint::telling_line(&text)
        .map_or(String::new(), |line| format!(": {}", cut(&clean(&line), 120)));
    let (print, earlier) = fingerprint::of_command_redacted(&ground.redactor, &words, &ended.words(), &text);
    let new = NewItem {
        kind: if is_test(&words) { "test-failure" } else { "error" }.to_owned(),
        title: format!("{}: {}{sign}", cut(&shown, 60), ended.words()),
        fingerprint: Some(print),
        earlier,
        fields,
        attachments: vec![Attachment::recorded("output.txt", kept.bytes())],
        ..NewItem::default()
    };
    let plan = filing::plan(repo, &ground.redactor, new, Certain::Redact)?;
    filing::write(repo, &ground.redactor, &plan)?;
    Ok(plan)
}

fn tell(plan: &Plan, output: &Output) {
    let verb = if plan.seen_before { "seen again" } else { "filed" };
    output.note(format!("{verb} as {}; git feedback show {}", plan.item, plan.item));
    add::say_replaced(plan, output);
}

/// Whether the command is cargo's, or nextest's, way to run tests.
fn is_test(words: &[String]) -> bool {
    let program = words.first().and_then(|word| word.rsplit('/').next());
    let verb = words.iter().skip(1).find(|word| !word.starts_with(['-', '+']));
    match program {
        Some("cargo") => verb.is_some_and(|verb| ["test", "t", "nextest"].contains(&verb.as_str())),
        Some("cargo-nextest") => true,
        _ => false,
    }
}

fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The end of an output: the lines of both streams in the order they ended.
#[derive(Default)]
struct Tail {
    bytes: VecDeque<u8>,
    dropped: bool,
    /// The line each stream is in the middle of. Programs write a line in pieces, and the pieces of one
    /// stream must not fall between those of the other.
    begun: [Vec<u8>; 2],
}

impl Tail {
    fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let begun = &mut self.begun[usize::from(stream == Stream::Err)];
        begun.extend(bytes);
        let ended = match begun.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => begun.drain(..=end).collect(),
            None if begun.len() > KEPT_BYTES => std::mem::take(begun),
            None => Vec::new(),
        };
        self.bytes.extend(ended);
        let over = self.bytes.len().saturating_sub(KEPT_BYTES);
        self.dropped |= over > 0;
        self.bytes.drain(..over);
    }

    /// Whole lines: where the beginning was dropped, half a line (or half a secret) is too.
    fn bytes(&self) -> Vec<u8> {
        let from = match self.dropped {
            true => self.bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1),
            false => 0,
        };
        self.bytes.iter().skip(from).chain(self.begun.iter().flatten()).copied().collect()
    }

    /// As text without the codes that colour it.
    fn text(&self) -> String {
        safe::uncoloured(&String::from_utf8_lossy(&self.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_run_is_told_from_other_commands() {
        let of = |line: &str| is_test(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(of("cargo test") && of("cargo +nightly t -q") && of("/x/cargo nextest run"));
        assert!(!of("cargo build") && !of("make test") && !of("cargo run -- test"));
    }

    #[test]
    fn only_whole_lines_of_a_long_output_are_kept() {
        let mut tail = Tail::default();
        tail.push(Stream::Out, b"first line\n");
        tail.push(Stream::Out, &[vec![b'x'; KEPT_BYTES - 6], b"\n".to_vec()].concat());
        assert_eq!(tail.bytes().len(), KEPT_BYTES - 5);
    }

    #[test]
    fn a_line_written_in_pieces_stays_one_line() {
        let mut tail = Tail::default();
        tail.push(Stream::Err, b"error");
        tail.push(Stream::Out, b"1 failed\n");
        tail.push(Stream::Err, b": no\nend");
        assert_eq!(tail.bytes(), b"1 failed\nerror: no\nend");
    }
}
