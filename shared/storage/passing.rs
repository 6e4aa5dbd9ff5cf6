//! A program whose output is handed on while it runs, byte for byte, and whose end is told.

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::interrupt;
use crate::types::hint::Hinted;

/// How long output is waited for after the program ended, when a child of it holds the pipe open.
const PATIENCE: Duration = Duration::from_millis(500);

/// Which of the two a piece of output came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// Somebody the program started holds its output open; what comes later is not seen.
    pub still_open: bool,
}

impl Ended {
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// The exit code a shell would give.
    pub fn shell_code(&self) -> i32 {
        self.code.unwrap_or_else(|| 128 + self.signal.unwrap_or(0))
    }

    pub fn words(&self) -> String {
        match (self.code, self.signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "unknown end".to_owned(),
        }
    }
}

/// Run a program with our own standard input, in our own process group (so that Ctrl-C reaches it as
/// if it ran alone), and hand on each piece of its output as it comes.
///
/// # Errors
/// A program that cannot be started, named.
pub fn run(words: &[OsString], mut hand_on: impl FnMut(Stream, &[u8])) -> Result<Ended> {
    let Some((name, args)) = words.split_first() else {
        return Err(Hinted::usage("no command was given").hint("git feedback run -- cargo test").into());
    };
    // A signal ends the program; what it has said is still to be recorded.
    let _held = interrupt::hold()?;
    let mut child = Command::new(name)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(name, error))?;
    let (sender, pieces) = mpsc::sync_channel(64);
    if let Some(out) = child.stdout.take() {
        read_from(out, Stream::Out, sender.clone());
    }
    if let Some(err) = child.stderr.take() {
        read_from(err, Stream::Err, sender);
    }
    let (status, still_open) = pass(&mut child, &pieces, &mut hand_on).context("waiting for the command")?;
    Ok(Ended { code: status.code(), signal: status.signal(), still_open })
}

fn pass(
    child: &mut Child,
    pieces: &Receiver<(Stream, Vec<u8>)>,
    hand_on: &mut impl FnMut(Stream, &[u8]),
) -> std::io::Result<(ExitStatus, bool)> {
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        match pieces.recv_timeout(Duration::from_millis(20)) {
            Ok((stream, bytes)) => {
                hand_on(stream, &bytes);
                if let Some((_, since)) = &mut ended {
                    *since = Instant::now();
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok((child.wait()?, false)),
            Err(RecvTimeoutError::Timeout) => match &ended {
                Some((status, since)) if since.elapsed() > PATIENCE => return Ok((*status, true)),
                Some(_) => {}
                None => ended = child.try_wait()?.map(|status| (status, Instant::now())),
            },
        }
    }
}

fn read_from(mut from: impl Read + Send + 'static, stream: Stream, to: SyncSender<(Stream, Vec<u8>)>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) if to.send((stream, buffer[..count].to_vec())).is_err() => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
}

fn cannot_start(name: &OsString, error: std::io::Error) -> anyhow::Error {
    let shown = name.to_string_lossy().into_owned();
    let hint = match error.kind() {
        ErrorKind::NotFound => format!("install {shown}, or put it on PATH"),
        _ => format!("is {shown} executable?"),
    };
    anyhow::Error::from(error).context(Hinted::outside(format!("{shown} could not be started")).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> (Ended, Vec<u8>, Vec<u8>) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let words = ["sh", "-c", script].map(OsString::from);
        let ended = run(&words, |stream, bytes| match stream {
            Stream::Out => out.extend_from_slice(bytes),
            Stream::Err => err.extend_from_slice(bytes),
        });
        (ended.unwrap(), out, err)
    }

    #[test]
    fn output_and_end_are_the_programs_own() {
        let (ended, out, err) = sh("printf 'a\\377'; printf b >&2; exit 7");
        assert_eq!((ended.shell_code(), out.as_slice(), err.as_slice()), (7, &b"a\xff"[..], &b"b"[..]));
        assert_eq!(sh("kill -9 $$").0.shell_code(), 137);
    }

    #[test]
    fn a_child_that_holds_the_output_open_does_not_keep_us() {
        let (ended, out, _) = sh("sleep 30 & echo done");
        assert!(ended.still_open);
        assert_eq!(out, b"done\n");
    }
}
