//! Recordings as files: what a WAV file holds, and making one of the shape a transcriber takes.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use crate::storage::process::{Program, Runner, on_path};
use crate::types::hint::Hinted;

/// 16 kHz, one channel, 16 bits: what models of speech are made from.
const PLAIN: (u32, u16, u16) = (16_000, 1, 16);

/// The recording, or a copy in `scratch` at 16 kHz with one channel of 16 bits.
///
/// # Errors
/// Neither sox nor ffmpeg where a copy is needed, or their failure.
pub fn plain(runner: Runner, recording: &Path, scratch: &Path) -> Result<PathBuf> {
    if shape(recording) == Some(PLAIN) {
        return Ok(recording.to_owned());
    }
    let copy = scratch.join("plain.wav");
    let program = if on_path("sox").is_some() {
        Program::new("sox").arg(recording).args(["-r", "16000", "-c", "1", "-b", "16"]).arg(&copy)
    } else if on_path("ffmpeg").is_some() {
        let quiet = ["-nostdin", "-loglevel", "error", "-y", "-i"];
        let wanted = ["-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le"];
        Program::new("ffmpeg").args(quiet).arg(recording).args(wanted).arg(&copy)
    } else {
        let what = format!("{} is not a WAV file of 16 kHz with one channel of 16 bits", recording.display());
        return Err(Hinted::outside(what).hint("install sox or ffmpeg to convert it").into());
    };
    super::run(runner, program.timeout(Duration::from_secs(600)), recording)?;
    Ok(copy)
}

/// Rate, channels and bits of a WAV file of plain samples; `None` for anything else.
fn shape(path: &Path) -> Option<(u32, u16, u16)> {
    let mut head = Vec::new();
    std::fs::File::open(path).ok()?.take(4096).read_to_end(&mut head).ok()?;
    if head.get(..4)? != b"RIFF" || head.get(8..12)? != b"WAVE" {
        return None;
    }
    let mut at = 12;
    loop {
        let name = head.get(at..at + 4)?;
        let length = u32::from_le_bytes(head.get(at + 4..at + 8)?.try_into().ok()?);
        let body = at + 8;
        if name == b"fmt " {
            let two = |from: usize| Some(u16::from_le_bytes(head.get(from..from + 2)?.try_into().ok()?));
            let rate = u32::from_le_bytes(head.get(body + 4..body + 8)?.try_into().ok()?);
            return (two(body)? == 1).then_some((rate, two(body + 2)?, two(body + 14)?));
        }
        // Chunks begin at even places.
        at = body.checked_add(usize::try_from(length).ok()?)?.checked_add(length as usize % 2)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WAV file of silence.
    fn silence(rate: u32, before: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVE".to_vec();
        file.extend_from_slice(before);
        file.extend_from_slice(b"fmt \x10\0\0\0\x01\0\x01\0");
        file.extend_from_slice(&rate.to_le_bytes());
        file.extend_from_slice(&(rate * 2).to_le_bytes());
        file.extend_from_slice(b"\x02\0\x10\0data\x02\0\0\0\0\0");
        file
    }

    #[test]
    fn the_shape_is_read_past_other_chunks_and_never_guessed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wav");
        for (bytes, wanted) in [
            (silence(16_000, b""), Some(PLAIN)),
            (silence(44_100, b"LIST\x03\0\0\0abc\0"), Some((44_100, 1, 16))),
            (b"RIFF\0\0\0\0WAVEfmt ".to_vec(), None),
            (b"RIFF\0\0\0\0WAVEdata\xff\xff\xff\xff".to_vec(), None),
            (b"not sound".to_vec(), None),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(shape(&path), wanted);
        }
    }
}
