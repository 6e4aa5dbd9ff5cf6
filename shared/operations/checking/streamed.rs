//! Output of any size held against a file: small ones are shown, large ones are read side by side.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};

use anyhow::Result;

use super::compare::difference;
use crate::types::intent::Compare;

/// Up to this size both sides are held in memory and their difference is shown.
const SHOWN_BYTES: u64 = 8 << 20;

/// Up to this size JSON is read as values.
const JSON_BYTES: u64 = 64 << 20;

/// How an output compares.
#[derive(Debug, PartialEq, Eq)]
pub enum Compared {
    Same,
    /// With the difference.
    Differs(String),
    /// Too large to be compared in this way, and how large.
    TooBig(String),
}

/// Hold all that `got` has against all of `expected`.
///
/// # Errors
/// A file that cannot be read.
pub fn compared(compare: Compare, expected: &mut File, got: &mut File) -> Result<Compared> {
    expected.rewind()?;
    let sizes = (expected.metadata()?.len(), got.metadata()?.len());
    let larger = sizes.0.max(sizes.1);
    let in_memory = if compare == Compare::Json { JSON_BYTES } else { SHOWN_BYTES };
    if larger <= in_memory {
        let (mut wanted, mut came) = (Vec::new(), Vec::new());
        expected.read_to_end(&mut wanted)?;
        got.read_to_end(&mut came)?;
        return Ok(difference(compare, &wanted, &came).map_or(Compared::Same, Compared::Differs));
    }
    let said = format!("expected {} bytes, got {}", sizes.0, sizes.1);
    let differs = match compare {
        Compare::Json => {
            let limit = JSON_BYTES >> 20;
            return Ok(Compared::TooBig(format!("JSON is compared up to {limit} MiB; {said}")));
        }
        Compare::Exact => first_byte(expected, got)?.map(|(byte, line)| {
            format!("too large to show: {said}; first difference at byte {byte}, in line {line}")
        }),
        Compare::Text => first_line(expected, got)?
            .map(|line| format!("too large to show: {said}; first difference in line {line}")),
    };
    Ok(differs.map_or(Compared::Same, Compared::Differs))
}

/// Offset (from 0) and line (from 1) of the first byte that differs.
fn first_byte(wanted: &mut File, came: &mut File) -> Result<Option<(u64, u64)>> {
    wanted.rewind()?;
    let (mut wanted, mut came) = (BufReader::new(wanted), BufReader::new(came));
    let (mut offset, mut line) = (0_u64, 1_u64);
    loop {
        let (a, b) = (wanted.fill_buf()?, came.fill_buf()?);
        if a.is_empty() && b.is_empty() {
            return Ok(None);
        }
        let length = a.len().min(b.len());
        let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        // Counts of bytes in memory fit.
        line += a[..same].iter().filter(|byte| **byte == b'\n').count() as u64;
        offset += same as u64;
        if same < length || length == 0 {
            return Ok(Some((offset, line)));
        }
        wanted.consume(length);
        came.consume(length);
    }
}

/// The first line (from 1) that differs in more than trailing space; empty lines at the end do not
/// count.
fn first_line(wanted: &mut File, came: &mut File) -> Result<Option<u64>> {
    wanted.rewind()?;
    let (mut wanted, mut came) = (BufReader::new(wanted), BufReader::new(came));
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for line in 1.. {
        a.clear();
        b.clear();
        let ended = (wanted.read_until(b'\n', &mut a)? == 0, came.read_until(b'\n', &mut b)? == 0);
        if ended == (true, true) {
            return Ok(None);
        }
        // Past the end of one, only emptiness is left to find in the other.
        if String::from_utf8_lossy(&a).trim_end() != String::from_utf8_lossy(&b).trim_end() {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn hold(compare: Compare, expected: &[u8], got: &[u8]) -> Compared {
        let (mut wanted, mut came) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        wanted.write_all(expected).unwrap();
        came.write_all(got).unwrap();
        came.rewind().unwrap();
        compared(compare, &mut wanted, &mut came).unwrap()
    }

    #[test]
    fn large_outputs_are_compared_whole_with_their_sizes_said() {
        let large = b"0123456\n".repeat(1_200_000);
        assert_eq!(hold(Compare::Exact, &large, &large), Compared::Same);
        // The difference lies before the end that a report keeps.
        let mut early = large.clone();
        early[10] = b'x';
        let Compared::Differs(said) = hold(Compare::Exact, &large, &early) else { panic!() };
        assert_eq!(
            said,
            "too large to show: expected 9600000 bytes, got 9600000; first difference at byte 10, in line 2"
        );
        let Compared::Differs(said) = hold(Compare::Exact, &large, &large[..9_000_000]) else { panic!() };
        assert!(said.ends_with("got 9000000; first difference at byte 9000000, in line 1125001"), "{said}");
        let loose = [large.as_slice(), b"\n  \n"].concat();
        assert_eq!(hold(Compare::Text, &large, &loose), Compared::Same);
        let Compared::Differs(said) = hold(Compare::Text, &early, &large) else { panic!() };
        assert!(said.ends_with("first difference in line 2"), "{said}");
    }

    #[test]
    fn small_outputs_are_shown_and_binary_ones_by_their_sizes() {
        let Compared::Differs(said) = hold(Compare::Exact, b"a\n", b"b\n") else { panic!() };
        assert!(said.contains("-a\n+b"), "{said}");
        let Compared::Differs(said) = hold(Compare::Exact, b"\xff\x00a", b"\xff\x00b\x00") else { panic!() };
        assert_eq!(said, "binary: expected 3 bytes, got 4; first difference at byte 2");
    }
}
