//! Other programs: started in their own process group, bounded in time, ended whole.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::boundary::Boundary;
use super::repo::REPOSITORY_VARIABLES;
use super::{interrupt, tree};
use crate::types::hint::{Hinted, Trouble};

/// How much of each output stream is kept: the end of it.
const KEPT_BYTES: u64 = 8 * 1024 * 1024;

/// How often a running program is looked at.
const TICK: Duration = Duration::from_millis(20);

/// A program to run.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: OsString,
    pub args: Vec<OsString>,
    dir: Option<PathBuf>,
    /// `None` removes a variable.
    env: BTreeMap<OsString, Option<OsString>>,
    only_env: bool,
    stdin: Stdin,
    timeout: Option<Duration>,
}

impl Program {
    pub fn new(name: impl AsRef<OsStr>) -> Self {
        Self {
            name: name.as_ref().to_owned(),
            args: Vec::new(),
            dir: None,
            env: BTreeMap::new(),
            only_env: false,
            stdin: Stdin::Empty,
            timeout: None,
        }
    }

    /// The words of a command line, split as a shell would but never given to one.
    ///
    /// # Errors
    /// An empty line, or a quote that does not end.
    pub fn from_line(line: &str) -> Result<Self> {
        let words = shlex::split(line).filter(|words| !words.is_empty());
        let words =
            words.ok_or_else(|| Hinted::usage(format!("{line:?} is no command: a quote does not end")))?;
        Ok(Self::new(&words[0]).args(&words[1..]))
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().to_owned(), Some(value.as_ref().to_owned()));
        self
    }

    /// Ask it for output without colour, whatever our own environment asks for: what it says is kept.
    pub fn plain(self) -> Self {
        // rustfmt looks at the kind of terminal alone.
        self.env("NO_COLOR", "1")
            .env("CARGO_TERM_COLOR", "never")
            .env("TERM", "dumb")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("FORCE_COLOR")
    }

    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().to_owned(), None);
        self
    }

    /// Give the program nothing of our environment but what `env` sets.
    pub fn only_env(mut self) -> Self {
        self.only_env = true;
        self
    }

    /// Bytes for standard input; without them it is empty.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    /// A file for standard input, however large, from its beginning.
    pub fn stdin_file(mut self, file: File) -> Self {
        self.stdin = Stdin::File(Arc::new(file));
        self
    }

    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// What it is called in messages.
    pub fn shown(&self) -> String {
        let words = std::iter::once(&self.name).chain(&self.args);
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Clone, Debug)]
enum Stdin {
    Empty,
    Bytes(Vec<u8>),
    File(Arc<File>),
}

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// The last 8 MiB.
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub timed_out: bool,
    pub took: Duration,
}

impl Outcome {
    pub fn success(&self) -> bool {
        self.code == Some(0) && !self.timed_out
    }

    /// `exit code 2`, `signal 9`, `timed out after 30 s`.
    pub fn words(&self) -> String {
        match (self.timed_out, self.code, self.signal) {
            (true, ..) => format!("timed out after {:.1} s", self.took.as_secs_f64()),
            (_, Some(code), _) => format!("exit code {code}"),
            (_, _, Some(signal)) => format!("signal {signal}"),
            _ => "unknown end".to_owned(),
        }
    }
}

/// Runs programs inside a boundary.
#[derive(Clone, Copy, Debug, Default)]
pub struct Runner {
    boundary: Boundary,
}

impl Runner {
    pub fn new(boundary: Boundary) -> Self {
        Self { boundary }
    }

    pub fn boundary(&self) -> Boundary {
        self.boundary
    }

    /// Run a program to its end, its time-out, or Ctrl-C; whichever comes, nothing of it runs on.
    ///
    /// # Errors
    /// A program that cannot be started, named; an interrupt.
    pub fn run(&self, program: &Program) -> Result<Outcome> {
        Ok(self.run_keeping(program)?.0)
    }

    /// The same, with all that came on standard output, as a file at its beginning.
    pub fn run_keeping(&self, program: &Program) -> Result<(Outcome, File)> {
        let Boundary::None = self.boundary;
        let mark = tree::Mark::new();
        let (mut out, mut err) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let guard = interrupt::hold()?;
        let started = Instant::now();
        let handle =
            expression(program, &mark, &out, &err)?.start().map_err(|error| cannot_start(program, error))?;
        let ended = loop {
            if let Some(output) = handle.wait_timeout(TICK).with_context(|| program.shown())? {
                break Some(output.status);
            }
            if interrupt::received().is_some()
                || program.timeout.is_some_and(|limit| started.elapsed() >= limit)
            {
                break None;
            }
        };
        let took = started.elapsed();
        // Children may outlive their parent; nothing that was started here is left behind.
        tree::end(&handle.pids(), &mark, ended.is_some());
        let status = match ended {
            Some(status) => Some(status),
            None => {
                handle.wait().with_context(|| program.shown())?;
                None
            }
        };
        if let Some(signal) = interrupt::received() {
            return Err(Hinted::new(
                Trouble::Interrupted(signal),
                format!("{} was interrupted", program.shown()),
            )
            .into());
        }
        drop(guard);
        use std::os::unix::process::ExitStatusExt;
        let outcome = Outcome {
            code: status.and_then(|status| status.code()),
            signal: status.and_then(|status| status.signal()),
            stdout: tail(&mut out)?,
            stderr: tail(&mut err)?,
            timed_out: status.is_none(),
            took,
        };
        out.rewind()?;
        Ok((outcome, out))
    }
}

fn expression(program: &Program, mark: &tree::Mark, out: &File, err: &File) -> Result<duct::Expression> {
    let mut expression = duct::cmd(&program.name, &program.args).unchecked();
    expression = match &program.stdin {
        Stdin::Bytes(bytes) => expression.stdin_bytes(bytes.clone()),
        Stdin::File(file) => {
            let mut file = file.try_clone()?;
            file.rewind()?;
            expression.stdin_file(file)
        }
        Stdin::Empty => expression.stdin_null(),
    };
    // Files, not pipes: a child that lives on cannot keep us waiting for the end of its output.
    expression = expression.stdout_file(out.try_clone()?).stderr_file(err.try_clone()?);
    if let Some(dir) = &program.dir {
        expression = expression.dir(dir);
    }
    let (name, value) = mark.variable();
    let inherited = if program.only_env { Vec::new() } else { std::env::vars_os().collect() };
    let mut env: BTreeMap<OsString, OsString> = inherited.into_iter().collect();
    // A hook's git points at its repository; a test that makes its own would commit into that one.
    env.retain(|name, _| !REPOSITORY_VARIABLES.iter().any(|variable| name == variable));
    for (name, value) in &program.env {
        match value {
            Some(value) => env.insert(name.clone(), value.clone()),
            None => env.remove(name),
        };
    }
    env.insert(name.into(), value.into());
    Ok(expression.full_env(env).before_spawn(|command| {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
        Ok(())
    }))
}

fn cannot_start(program: &Program, error: std::io::Error) -> anyhow::Error {
    let name = program.name.to_string_lossy().into_owned();
    let missing = error.kind() == std::io::ErrorKind::NotFound;
    let hint = match (&program.dir, missing) {
        (Some(dir), true) if !dir.exists() => format!("the folder {} does not exist", dir.display()),
        (_, true) => format!("install {name}, or put it on PATH"),
        _ => format!("is {name} executable?"),
    };
    anyhow::Error::from(error).context(Hinted::outside(format!("{name} could not be started")).hint(hint))
}

/// The last bytes of what was written.
fn tail(file: &mut File) -> Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(KEPT_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where a program lies; `None` where it is not on PATH.
pub fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    which::which(name).ok()
}

/// Where a program lies when looked up from `dir` with `path` as PATH.
pub fn on_path_in(name: impl AsRef<OsStr>, path: &OsStr, dir: &Path) -> Option<PathBuf> {
    which::which_in(name, Some(path), dir).ok()
}
