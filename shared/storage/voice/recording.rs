//! Recording from the microphone until the person presses Enter or Ctrl-C.

use std::io::BufRead;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::storage::process::on_path;
use crate::storage::{fs, interrupt};
use crate::types::hint::Hinted;

/// Programs that record until SIGINT into the file that is their last argument.
const RECORDERS: [(&str, &[&str]); 4] = [
    ("arecord", &["-q", "-t", "wav", "-f", "S16_LE", "-r", "16000", "-c", "1"]),
    ("rec", &["-q", "-r", "16000", "-c", "1", "-b", "16"]),
    ("parecord", &["--file-format=wav", "--format=s16le", "--rate=16000", "--channels=1"]),
    (
        "ffmpeg",
        &["-nostdin", "-loglevel", "error", "-y", "-f", "alsa", "-i", "default", "-ar", "16000", "-ac", "1"],
    ),
];

/// How long a recorder may take to close its file.
const CLOSING: Duration = Duration::from_secs(5);

/// A WAV file with nothing but its head.
const HEAD_BYTES: u64 = 44;

/// Record into `file` until a line or the end of standard input, or Ctrl-C; which is taken as the
/// end of the recording and not of the command. `ready` is called with the recorder's name.
///
/// # Errors
/// No recorder on PATH, one that ends by itself, and a recording without sound.
pub fn record(file: &Path, ready: impl FnOnce(&str)) -> Result<()> {
    let Some((name, args)) = RECORDERS.iter().find(|(name, _)| on_path(name).is_some()) else {
        let names = RECORDERS.map(|(name, _)| name).join(", ");
        bail!(
            Hinted::outside(format!("nothing that records is on PATH (looked for {names})"))
                .hint("install alsa-utils or sox, or: --voice FILE.wav with a recording made elsewhere")
        );
    };
    let held = interrupt::hold()?;
    let mut said = tempfile::tempfile()?;
    let mut child = Command::new(name)
        .args(*args)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said.try_clone()?)
        .spawn()
        .with_context(|| format!("{name} could not be started"))?;
    ready(name);
    let ended_itself = until_told(&mut child, &enter())?;
    if !ended_itself {
        stop(&mut child)?;
    }
    interrupt::forget();
    drop(held);
    let length = std::fs::metadata(file).map_or(0, |found| found.len());
    if length <= HEAD_BYTES {
        bail!(
            Hinted::outside(format!("{name} recorded nothing: {}", last_line(&mut said)?))
                .hint("is a microphone there? or: --voice FILE.wav with a recording made elsewhere")
        );
    }
    fs::sync_dir(file.parent().unwrap_or(Path::new(".")))
}

/// A message when a line was typed or standard input ended.
fn enter() -> Receiver<()> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().lock().read_line(&mut String::new());
        // Nobody listens any more once Ctrl-C came first.
        let _ = sender.send(());
    });
    receiver
}

/// Whether the recorder ended before anybody told it to.
fn until_told(child: &mut Child, enter: &Receiver<()>) -> Result<bool> {
    loop {
        match enter.recv_timeout(Duration::from_millis(50)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(false),
            Err(RecvTimeoutError::Timeout) if interrupt::received().is_some() => return Ok(false),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
    }
}

/// End it as Ctrl-C would, so that it writes the length into the file's head; then by force.
fn stop(child: &mut Child) -> Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // One that Ctrl-C reached too is gone already.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
    }
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > CLOSING {
            let _ = child.kill();
            child.wait()?;
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn last_line(said: &mut std::fs::File) -> Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    said.seek(SeekFrom::Start(0))?;
    let mut text = Vec::new();
    said.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    Ok(last.unwrap_or("it said nothing").trim().to_owned())
}
