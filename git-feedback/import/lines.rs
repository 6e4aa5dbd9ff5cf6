//! The lines of an input, none longer than a limit, and what of it is read in another way: the rest of
//! an XML document.

use std::io::{BufRead, ErrorKind, Read};

/// A line of more bytes is no record; its beginning is kept.
pub const LONGEST_LINE_BYTES: usize = 8 << 20;

/// Lines, one at a time, in a buffer that is used again.
pub struct Lines {
    reader: Box<dyn BufRead>,
    /// Of the line read last, from 1.
    pub number: u64,
    /// The line that was begun when nothing more came: what is there of it, and whether it is too long.
    begun: Option<bool>,
    broken: bool,
}

/// How a line ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read1 {
    Line,
    /// Longer than the limit: the buffer holds its beginning, the rest is passed over.
    TooLong,
    /// Nothing comes just now; the buffer is to be handed in again as it is.
    Idle,
    /// The input breaks off, as a truncated gzip file does: why. The buffer holds what came of the line.
    Broken(String),
    End,
}

impl Lines {
    pub fn of(reader: Box<dyn BufRead>) -> Self {
        Self { reader, number: 0, begun: None, broken: false }
    }

    /// Read the next line without its end into `line`.
    pub fn next(&mut self, line: &mut Vec<u8>) -> Read1 {
        let going_on = self.begun.take();
        if going_on.is_none() {
            line.clear();
        }
        if self.broken {
            return Read1::End;
        }
        let (mut some, mut over) = (going_on.is_some(), going_on == Some(true));
        loop {
            let piece = match self.reader.fill_buf() {
                Ok([]) => break,
                Ok(piece) => piece,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.begun = some.then_some(over);
                    return Read1::Idle;
                }
                Err(error) => {
                    self.broken = true;
                    self.number += 1;
                    return Read1::Broken(error.to_string());
                }
            };
            some = true;
            let end = memchr::memchr(b'\n', piece);
            let part = &piece[..end.unwrap_or(piece.len())];
            let room = LONGEST_LINE_BYTES.saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
            over |= part.len() > room;
            let used = end.map_or(piece.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !some {
            return Read1::End;
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        self.number += 1;
        if over { Read1::TooLong } else { Read1::Line }
    }

    /// The bytes from a line on that was read already.
    pub fn beginning_with(&mut self, line: &[u8]) -> Rest<'_> {
        let mut first = line.to_vec();
        first.push(b'\n');
        Rest { lines: self, first, at: 0, left: LONGEST_LINE_BYTES, taken: Vec::new() }
    }
}

/// The rest of an input as bytes; lines go on being counted.
pub struct Rest<'l> {
    lines: &'l mut Lines,
    first: Vec<u8>,
    at: usize,
    /// How many bytes may be taken before [`Rest::refill`], so that no part of a document fills the memory.
    left: usize,
    /// The beginning of what was taken since.
    taken: Vec<u8>,
}

/// Of a part that cannot be read, so much is read again as lines.
const READ_AGAIN_BYTES: usize = 64 * 1024;

impl Rest<'_> {
    /// A part of the document was read; the next one may be as long.
    pub fn refill(&mut self) {
        self.left = LONGEST_LINE_BYTES;
        self.taken.clear();
    }

    /// The lines behind the first of a part that cannot be read; and how many bytes are lost beyond them.
    pub fn taken(&self) -> (Vec<u8>, usize) {
        let lost = (LONGEST_LINE_BYTES - self.left).saturating_sub(READ_AGAIN_BYTES);
        let first = self.taken.iter().position(|byte| *byte == b'\n').map_or(self.taken.len(), |at| at + 1);
        (self.taken[first..].to_vec(), lost)
    }

    /// Of the line read last, from 1.
    pub fn number(&self) -> u64 {
        self.lines.number
    }

    /// What is left of the line that came first.
    pub fn left_of_first(self) -> Vec<u8> {
        self.first[self.at..].trim_ascii().to_vec()
    }
}

impl Rest<'_> {
    /// The beginning of what stands in the buffer.
    fn fill_buf_again(&mut self, count: usize) -> Vec<u8> {
        if self.at < self.first.len() {
            return self.first[self.at..].iter().take(count).copied().collect();
        }
        self.lines
            .reader
            .fill_buf()
            .map_or_else(|_| Vec::new(), |piece| piece[..count.min(piece.len())].to_vec())
    }
}

impl Read for Rest<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let piece = self.fill_buf()?;
        let length = piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Rest<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Err(std::io::Error::other("a part of it is longer than 8 MB"));
        }
        if self.at < self.first.len() {
            return Ok(&self.first[self.at..]);
        }
        loop {
            match self.lines.reader.fill_buf() {
                // A live input waits a while before it says so.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        let length = self.left;
        self.lines.reader.fill_buf().map(|piece| &piece[..piece.len().min(length)])
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        let room = READ_AGAIN_BYTES.saturating_sub(self.taken.len());
        let kept = self.fill_buf_again(count.min(room));
        self.taken.extend(kept);
        if self.at < self.first.len() {
            self.at += count;
            return;
        }
        let ended =
            self.lines.reader.fill_buf().map_or(0, |piece| {
                piece[..count.min(piece.len())].iter().filter(|byte| **byte == b'\n').count()
            });
        self.lines.number += ended as u64;
        self.lines.reader.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_line_over_the_limit_is_cut_and_the_next_one_is_whole() {
        let mut bytes = vec![b'x'; 2 * LONGEST_LINE_BYTES];
        bytes.extend_from_slice(b"\nab\r\nc");
        let mut lines = Lines::of(Box::new(Cursor::new(bytes)));
        let mut line = Vec::new();
        let found: Vec<(Read1, usize)> = std::iter::from_fn(|| {
            let read = lines.next(&mut line);
            (read != Read1::End).then_some((read, line.len()))
        })
        .collect();
        let expected = [(Read1::TooLong, LONGEST_LINE_BYTES), (Read1::Line, 2), (Read1::Line, 1)];
        assert_eq!((found.as_slice(), lines.number), (expected.as_slice(), 3));
    }
}
