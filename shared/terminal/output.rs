//! Results to standard output, notes and progress to standard error; the only place that prints.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};

use super::exit::Exit;
use super::{failures, problems, safe};
use crate::types::problem::{Problem, Problems};

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Flags that every command of every tool takes; below a command's own in its help.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// Write results as text or as JSON
    #[arg(long, global = true, value_enum, default_value = "text", value_name = "FORMAT")]
    pub format: Format,
    /// When to colour [default: on a terminal; NO_COLOR and CARGO_TERM_COLOR are honoured]
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Leave out notes and progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Where a command writes.
#[derive(Clone, Debug)]
pub struct Output {
    pub format: Format,
    quiet: bool,
    verbose: u8,
    color_out: bool,
    color_err: bool,
}

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const WAIT: Style = AnsiColor::Yellow.on_default();
pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();

impl Output {
    pub fn new(common: &Common) -> Self {
        let wished = common.color.or_else(color_from_environment);
        Self::coloured(common, wished.unwrap_or_default(), false)
    }

    /// As git colours: the setting of this very command before the environment's wish, the one for all
    /// commands behind it, and what goes to git's pager as what goes to a terminal.
    pub fn as_git(common: &Common, setting: impl Fn(&str) -> Option<String>) -> Self {
        let said = |key: &str| match setting(key)?.as_str() {
            "always" => Some(Color::Always),
            "never" | "false" | "no" | "off" | "0" => Some(Color::Never),
            _ => Some(Color::Auto),
        };
        let wished = common.color.or_else(|| said("color.feedback")).or_else(color_from_environment);
        let wished = wished.or_else(|| said("color.ui")).unwrap_or_default();
        Self::coloured(common, wished, in_pager() && said("color.pager") != Some(Color::Never))
    }

    fn coloured(common: &Common, wished: Color, is_paged: bool) -> Self {
        let able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let wants = |terminal: bool| match wished {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && able,
        };
        Self {
            format: common.format,
            quiet: common.quiet,
            verbose: common.verbose,
            color_out: wants(io::stdout().is_terminal() || is_paged),
            color_err: wants(io::stderr().is_terminal()),
        }
    }

    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether progress may be drawn on standard error.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Columns of the terminal that standard output is, or leads to by git's pager; else `None`.
    pub fn width(&self) -> Option<usize> {
        if in_pager() {
            // Git tells it, since the terminal is the pager's.
            return std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
        }
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width.0)).filter(|columns| *columns > 0)
    }

    /// Whether a person is at both ends: an editor may be opened.
    pub fn is_interactive() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Whether a person can be asked, also where the result goes into a variable or a pipe.
    pub fn may_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// A result line, on standard output.
    pub fn line(&self, text: impl AsRef<str>) {
        self.raw(format!("{}\n", text.as_ref()).as_bytes());
    }

    /// Bytes of a result as they are, on standard output.
    pub fn raw(&self, bytes: &[u8]) {
        write_out(bytes);
    }

    /// Bytes of a command that is run for somebody, on standard error as they are.
    pub fn raw_error(&self, bytes: &[u8]) {
        // A reader that has gone away is no reason to stop the command.
        let _ = io::stderr().lock().write_all(bytes);
    }

    /// The one JSON document of a command, with `"schema": 1` first.
    pub fn json(&self, mut document: serde_json::Map<String, serde_json::Value>) {
        let mut all = serde_json::Map::new();
        all.insert("schema".into(), 1.into());
        all.append(&mut document);
        DOCUMENT_WRITTEN.store(true, Ordering::Relaxed);
        let mut text = serde_json::Value::Object(all).to_string();
        text.push('\n');
        self.raw(text.as_bytes());
    }

    /// A note to the person, on standard error.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.error_line(text.as_ref());
        }
    }

    /// A question to the person, on standard error; shown even with `--quiet`.
    pub fn question(&self, text: impl AsRef<str>) {
        self.error_line(text.as_ref());
    }

    /// A note for `-v`.
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.verbose > 0 {
            self.error_line(text.as_ref());
        }
    }

    /// A warning: shown even with `--quiet`, since something was skipped or is not as it should be.
    pub fn warn(&self, text: impl AsRef<str>) {
        self.error_line(&format!("{} {}", self.paint_err(WAIT, "warning:"), text.as_ref()));
    }

    fn error_line(&self, text: &str) {
        let mut err = io::stderr().lock();
        // A note nobody can read is no reason to stop the work.
        let _ = writeln!(err, "{text}");
    }

    /// `text` in `style` where standard output is coloured.
    pub fn paint(&self, style: Style, text: &str) -> String {
        painted(self.color_out, style, text)
    }

    /// `text` in `style` where standard error is coloured.
    pub fn paint_err(&self, style: Style, text: &str) -> String {
        painted(self.color_err, style, text)
    }

    /// Show what is wrong in files people wrote, each with its line.
    pub fn problems(&self, problems: &[Problem]) {
        for problem in problems {
            self.error_line(&problems::rendered(problem, self.color_err));
        }
    }

    /// Say what went wrong and what mends it, and give the exit code that stands for it. With
    /// `--format json` it is the command's document too, unless there was one already.
    pub fn failure(&self, error: &anyhow::Error) -> Exit {
        if self.is_json() && !DOCUMENT_WRITTEN.load(Ordering::Relaxed) {
            self.json(failures::document(error));
        }
        self.complain(error)
    }

    /// The same for people alone, where standard output belongs to a command that is run.
    pub fn complain(&self, error: &anyhow::Error) -> Exit {
        let exit = Exit::of(error);
        if matches!(exit, Exit::Signal(_)) {
            self.error_line("interrupted; nothing was lost");
            return exit;
        }
        if let Some(Problems(problems)) = error.downcast_ref() {
            self.problems(problems);
            return exit;
        }
        let shown = safe::lines(&failures::words(error)).into_owned();
        self.error_line(&format!("{} {shown}", self.paint_err(BAD, "error:")));
        if let Some(hint) = failures::hint(error) {
            self.error_line(&format!(" {} {}", self.paint_err(GOOD, "hint:"), safe::lines(hint)));
        }
        exit
    }
}

fn painted(on: bool, style: Style, text: &str) -> String {
    if on { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// Whether git has put its pager behind standard output.
fn in_pager() -> bool {
    std::env::var("GIT_PAGER_IN_USE").is_ok_and(|value| matches!(value.as_str(), "1" | "true"))
        && !io::stdout().is_terminal()
}

fn color_from_environment() -> Option<Color> {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Some(Color::Never);
    }
    match std::env::var("CARGO_TERM_COLOR").as_deref() {
        Ok("always") => Some(Color::Always),
        Ok("never") => Some(Color::Never),
        _ => None,
    }
}

/// A command has one document; an error after it is told on standard error alone.
static DOCUMENT_WRITTEN: AtomicBool = AtomicBool::new(false);

/// A closed pipe is the reader's choice, not an error: what follows is dropped and the work goes on.
static READER_GONE: AtomicBool = AtomicBool::new(false);

fn write_out(bytes: &[u8]) {
    if READER_GONE.load(Ordering::Relaxed) {
        return;
    }
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => READER_GONE.store(true, Ordering::Relaxed),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: standard output: {error}");
            std::process::exit(Exit::Outside.code());
        }
    }
}
