//! Bytes that come while one waits: standard input, or the output of a command that runs.

use std::io::{Error, ErrorKind, PipeReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use factory::storage::interrupt;
use factory::types::hint::Hinted;
use rustix::process::{Pid, Signal, kill_process};

/// How often one looks up from waiting.
const TICK: Duration = Duration::from_millis(100);
/// After Ctrl-C, how long the command may say its last words.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// And how long it may take to end.
const PATIENCE: Duration = Duration::from_secs(3);

/// A reader that says `WouldBlock` where nothing comes for a while, and ends where a signal came.
pub struct Live {
    pieces: Receiver<std::io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
    interrupted: Option<Instant>,
}

impl Live {
    pub fn of(from: impl Read + Send + 'static) -> Self {
        let (sender, pieces) = mpsc::sync_channel(16);
        std::thread::spawn(move || hand_on(from, &sender));
        Self { pieces, piece: Vec::new(), at: 0, interrupted: None }
    }

    pub fn stdin() -> Self {
        Self::of(std::io::stdin())
    }
}

fn hand_on(mut from: impl Read, to: &SyncSender<std::io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let piece = match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => Ok(buffer[..count].to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let ends = piece.is_err();
        if to.send(piece).is_err() || ends {
            return;
        }
    }
}

impl Read for Live {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.piece.len() {
            if interrupt::received().is_some()
                && self.interrupted.get_or_insert_with(Instant::now).elapsed() > LAST_WORDS
            {
                return Ok(0);
            }
            match self.pieces.recv_timeout(TICK) {
                Ok(piece) => (self.piece, self.at) = (piece?, 0),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                // What was begun before Ctrl-C is read to its end, and nothing is waited for.
                Err(RecvTimeoutError::Timeout) if self.interrupted.is_some() => return Ok(0),
                Err(RecvTimeoutError::Timeout) => return Err(Error::from(ErrorKind::WouldBlock)),
            }
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// A command that runs while its output is read.
pub struct Watched {
    child: Child,
    pub shown: String,
}

/// Start a command, in our own process group so that Ctrl-C reaches it; both streams of its output are
/// one, in the order they were written.
///
/// # Errors
/// A program that cannot be started, named.
pub fn start(words: &[String]) -> Result<(Watched, PipeReader)> {
    let Some((name, args)) = words.split_first() else {
        return Err(Hinted::usage("no command was given")
            .hint("git feedback import --watch 'cargo ship logs -f'")
            .into());
    };
    let (reader, writer) = std::io::pipe().context("a pipe for the command")?;
    let other = writer.try_clone().context("a pipe for the command")?;
    let child =
        Command::new(name).args(args).stdin(Stdio::null()).stdout(writer).stderr(other).spawn().map_err(
            |error| {
                anyhow::Error::from(error)
                    .context(Hinted::outside(format!("{name} could not be started")).hint("is it on PATH?"))
            },
        )?;
    Ok((Watched { child, shown: words.join(" ") }, reader))
}

impl Watched {
    /// Wait for the end; after a signal it is told to end too, and not waited for long.
    pub fn end(mut self) -> Result<ExitStatus> {
        let mut told: Option<Instant> = None;
        loop {
            if let Some(status) = self.child.try_wait().context("waiting for the command")? {
                return Ok(status);
            }
            if interrupt::received().is_some() && told.is_none() {
                told = Some(Instant::now());
                let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
                // One that has just ended is none to tell.
                let _ = pid.map(|pid| kill_process(pid, Signal::TERM));
            }
            if told.is_some_and(|told| told.elapsed() > PATIENCE) {
                self.child.kill().context("ending the command")?;
                return self.child.wait().context("waiting for the command");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
