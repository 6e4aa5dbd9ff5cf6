//! Where an input comes from: a file, standard input, or a command that runs; decompressed where need be.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, Result};
use factory::storage::packed;
use factory::types::hint::Hinted;

use super::lines::Lines;
use super::live::Live;

/// An input, and its first line for telling it from others.
pub struct Opened {
    pub lines: Lines,
    /// At most 4 KB of it, decompressed; empty where nothing came yet.
    pub first_line: Vec<u8>,
}

/// A file.
///
/// # Errors
/// A file that is not there or cannot be read.
pub fn file(path: &Path) -> Result<Opened> {
    of(Box::new(readable(path)?)).with_context(|| format!("{} cannot be read", path.display()))
}

/// The file, where it can be read at all.
///
/// # Errors
/// As of [`file()`].
pub fn readable(path: &Path) -> Result<std::fs::File> {
    let unreadable =
        |error: std::io::Error| Hinted::usage(format!("{} cannot be read: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(unreadable)?;
    if file.metadata().is_ok_and(|told| told.is_dir()) {
        return Err(Hinted::usage(format!("{} is a folder", path.display()))
            .hint("name the files in it")
            .into());
    }
    Ok(file)
}

/// Bytes that come while one waits for them.
pub fn live(live: Live) -> Result<Opened> {
    of(Box::new(live))
}

fn of(raw: Box<dyn Read>) -> Result<Opened> {
    let mut raw = BufReader::with_capacity(1 << 16, raw);
    let begin = begin(&mut raw);
    let mut reader = packed::reader(raw, &begin);
    let first = self::begin(&mut reader);
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first_line = line[..line.len().min(4096)].to_vec();
    Ok(Opened { lines: Lines::of(reader), first_line })
}

/// What comes first; an input that breaks off says so again when its lines are read.
fn begin(reader: &mut impl BufRead) -> Vec<u8> {
    loop {
        match reader.fill_buf() {
            Ok(piece) => return piece.to_vec(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => return Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::Read1;
    use super::*;
    use std::io::{Cursor, Write};

    /// `printf 'one\n\nthree' | zstd --no-check`
    const COMPRESSED: &[u8] = b"\x28\xb5\x2f\xfd\x00\x58\x51\x00\x00one\n\nthree";

    fn all(bytes: Vec<u8>) -> Vec<(Read1, usize)> {
        let mut lines = of(Box::new(Cursor::new(bytes))).unwrap().lines;
        let mut line = Vec::new();
        let each = || {
            let read = lines.next(&mut line);
            (read != Read1::End).then_some((read, line.len()))
        };
        std::iter::from_fn(each).collect()
    }

    fn gzip() -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"one\n\nthree").unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn what_is_compressed_is_read_as_what_it_was() {
        let whole = [(Read1::Line, 3), (Read1::Line, 0), (Read1::Line, 5)];
        assert_eq!(all(gzip()), whole);
        assert_eq!(all([gzip(), gzip()].concat()).len(), 5, "members one after the other");
        assert_eq!(all(COMPRESSED.to_vec()), whole);
    }

    #[test]
    fn of_what_breaks_off_the_whole_lines_are_read() {
        let gzip = gzip();
        let found = all(gzip[..gzip.len() - 9].to_vec());
        assert!(matches!(found.last(), Some((Read1::Broken(_), _))), "{found:?}");
    }
}
