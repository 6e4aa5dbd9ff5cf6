//! Logs of slots and worker: appended by the processes themselves, so that they outlive the supervisor.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};

const MAX_BYTES: u64 = 8 << 20;

/// Open a log for a process to append to.
pub fn open(path: &Path) -> Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .with_context(|| path.display().to_string())
}

/// Begin a new log and keep the one before it.
pub fn begin(path: &Path) -> Result<File> {
    // There may be none.
    let _ = std::fs::rename(path, before(path));
    open(path)
}

/// Keep a log below its cap: its content is copied beside it, and the file the process holds open is
/// emptied. What is written between the two steps is lost.
pub fn cap(path: &Path) -> Result<()> {
    let Ok(found) = std::fs::metadata(path) else { return Ok(()) };
    if found.len() > MAX_BYTES {
        std::fs::copy(path, before(path)).with_context(|| path.display().to_string())?;
        OpenOptions::new().write(true).open(path)?.set_len(0)?;
    }
    Ok(())
}

fn before(path: &Path) -> std::path::PathBuf {
    path.with_extension("log.1")
}

/// The last lines of a log, at most `bytes`.
pub fn tail(path: &Path, bytes: u64) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(bytes)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        let text = String::from_utf8_lossy(&end).into_owned();
        let cut = if length > bytes { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
        Ok(cut.trim_end().to_owned())
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_log_that_is_appended_to_is_emptied_and_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stable.log");
        let mut writer = open(&path).unwrap();
        writer.write_all(&vec![b'x'; MAX_BYTES as usize + 1]).unwrap();
        cap(&path).unwrap();
        writer.write_all(b"one\ntwo\n").unwrap();
        assert_eq!(tail(&path, 100), "one\ntwo");
        assert_eq!(tail(&path, 6), "two");
        assert!(std::fs::metadata(before(&path)).unwrap().len() > MAX_BYTES);
    }
}
