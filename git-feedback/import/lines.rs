//! The lines of a file or of standard input, decompressed where need be, none longer than a limit.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use factory::types::hint::Hinted;
use flate2::bufread::MultiGzDecoder;

/// A line of more bytes is no record; its beginning is kept.
pub const LONGEST_LINE_BYTES: usize = 1 << 20;

/// Lines, one at a time, in a buffer that is used again.
pub struct Lines {
    reader: Box<dyn BufRead>,
    /// Of the line read last, from 1.
    pub number: u64,
    /// Of the lines read so far.
    pub bytes: u64,
}

/// How a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read1 {
    Line,
    /// Longer than the limit: the buffer holds its beginning, the rest is passed over.
    TooLong,
    End,
}

impl Lines {
    /// `-` is standard input; what begins like gzip is decompressed.
    ///
    /// # Errors
    /// A file that is not there or cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let raw: Box<dyn Read> = if path == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            let file = std::fs::File::open(path)
                .map_err(|error| Hinted::usage(format!("{} cannot be read: {error}", path.display())))?;
            Box::new(file)
        };
        Self::of(raw)
    }

    pub fn of(raw: Box<dyn Read>) -> Result<Self> {
        let mut raw = BufReader::with_capacity(1 << 16, raw);
        let gzip = raw.fill_buf().context("the input cannot be read")?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead> =
            if gzip { Box::new(BufReader::new(MultiGzDecoder::new(raw))) } else { Box::new(raw) };
        Ok(Self { reader, number: 0, bytes: 0 })
    }

    /// Read the next line without its end into `line`.
    ///
    /// # Errors
    /// The input breaks off, as a truncated gzip file does.
    pub fn next(&mut self, line: &mut Vec<u8>) -> Result<Read1> {
        line.clear();
        let mut found = Read1::End;
        loop {
            let piece = self
                .reader
                .fill_buf()
                .with_context(|| format!("reading stops after line {}", self.number))?;
            if piece.is_empty() {
                break;
            }
            found = if found == Read1::End { Read1::Line } else { found };
            let end = piece.iter().position(|byte| *byte == b'\n');
            let part = &piece[..end.unwrap_or(piece.len())];
            let room = LONGEST_LINE_BYTES.saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
            if part.len() > room {
                found = Read1::TooLong;
            }
            let used = end.map_or(piece.len(), |end| end + 1);
            self.reader.consume(used);
            self.bytes += used as u64;
            if end.is_some() {
                break;
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        self.number += u64::from(found != Read1::End);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    fn all(bytes: Vec<u8>) -> Vec<(Read1, usize)> {
        let mut lines = Lines::of(Box::new(Cursor::new(bytes))).unwrap();
        let mut line = Vec::new();
        std::iter::from_fn(|| {
            Some(lines.next(&mut line).unwrap())
                .filter(|read| *read != Read1::End)
                .map(|read| (read, line.len()))
        })
        .collect()
    }

    #[test]
    fn a_line_over_the_limit_is_cut_and_the_next_one_is_whole() {
        let mut bytes = vec![b'x'; 3 * LONGEST_LINE_BYTES];
        bytes.extend_from_slice(b"\nab\r\nc");
        assert_eq!(all(bytes), [(Read1::TooLong, LONGEST_LINE_BYTES), (Read1::Line, 2), (Read1::Line, 1)]);
    }

    #[test]
    fn what_is_compressed_is_read_as_what_it_was() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"one\n\nthree").unwrap();
        assert_eq!(all(gzip.finish().unwrap()), [(Read1::Line, 3), (Read1::Line, 0), (Read1::Line, 5)]);
    }
}
