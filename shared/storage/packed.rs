//! Compressed bytes, read as what is in them: gzip and zstd.

use std::io::{BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// What the two compressions begin with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What is not opened here.
const CLOSED: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"BZh91AY&SY", "compressed with bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
];
/// One inside the other is opened so deep.
const DEEPEST: usize = 3;

pub type Raw = BufReader<Box<dyn Read>>;

/// What bytes hold.
#[derive(Debug, PartialEq, Eq)]
pub enum Inside {
    /// They are not compressed.
    Plain,
    Unpacked(Vec<u8>),
    /// They cannot be looked into: why.
    Closed(String),
}

/// The bytes as they are, or what is in them; `begin` is how they begin.
pub fn reader(raw: Raw, begin: &[u8]) -> Box<dyn BufRead> {
    match () {
        () if begin.starts_with(&GZIP) => Box::new(BufReader::new(MultiGzDecoder::new(raw))),
        () if begin.starts_with(&ZSTD) => Box::new(BufReader::new(Zstd { left: Some(raw), frame: None })),
        () => Box::new(raw),
    }
}

/// All that is in the bytes, where it is at most `most_bytes`.
pub fn inside(bytes: &[u8], most_bytes: usize) -> Inside {
    let mut found = Inside::Plain;
    for _ in 0..DEEPEST {
        let packed = if let Inside::Unpacked(inner) = &found { inner } else { bytes };
        if let Some((_, what)) = CLOSED.iter().find(|(begin, _)| packed.starts_with(begin)) {
            return Inside::Closed((*what).to_owned());
        }
        if !packed.starts_with(&GZIP) && !packed.starts_with(&ZSTD) {
            return found;
        }
        let begin = packed[..4.min(packed.len())].to_vec();
        let raw: Raw = BufReader::new(Box::new(Cursor::new(packed.to_vec())));
        let mut inner = Vec::new();
        let read = reader(raw, &begin).take(most_bytes as u64 + 1).read_to_end(&mut inner);
        found = match read {
            Err(error) => return Inside::Closed(format!("compressed, and broken: {error}")),
            Ok(_) if inner.len() > most_bytes => {
                return Inside::Closed(format!("more than {most_bytes} bytes once it is unpacked"));
            }
            Ok(_) => Inside::Unpacked(inner),
        };
    }
    Inside::Closed("compressed too often".to_owned())
}

/// The frames of a zstd file one after the other. (`ruzstd` decodes in Rust alone; the C library would
/// make whoever installs this need a C compiler.)
struct Zstd {
    left: Option<Raw>,
    frame: Option<StreamingDecoder<Raw, ruzstd::decoding::FrameDecoder>>,
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let count = frame.read(buffer)?;
                if count > 0 {
                    return Ok(count);
                }
                self.left = self.frame.take().map(StreamingDecoder::into_inner);
            }
            let Some(mut raw) = self.left.take() else { return Ok(0) };
            if raw.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(StreamingDecoder::new(raw).map_err(std::io::Error::other)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn what_is_compressed_is_opened_up_to_a_limit() {
        assert_eq!(inside(b"plain", 100), Inside::Plain);
        assert_eq!(inside(b"", 100), Inside::Plain);
        assert_eq!(inside(&gzip(b"text"), 100), Inside::Unpacked(b"text".to_vec()));
        assert_eq!(inside(&gzip(&gzip(b"text")), 100), Inside::Unpacked(b"text".to_vec()));
        // `printf 'one\n\nthree' | zstd --no-check`
        let zstd = b"\x28\xb5\x2f\xfd\x00\x58\x51\x00\x00one\n\nthree";
        assert_eq!(inside(zstd, 100), Inside::Unpacked(b"one\n\nthree".to_vec()));
        let closed = |bytes: &[u8]| match inside(bytes, 1000) {
            Inside::Closed(why) => why,
            other => panic!("{other:?}"),
        };
        assert!(closed(&gzip(&[b'a'; 1001])).contains("more than 1000"));
        assert!(closed(&gzip(b"text")[..15]).contains("broken"));
        assert!(closed(b"PK\x03\x04...").contains("zip"));
        assert!(closed(&gzip(b"PK\x03\x04...")).contains("zip"));
        assert!(closed(&gzip(&gzip(&gzip(&gzip(b"x"))))).contains("often"));
    }
}
