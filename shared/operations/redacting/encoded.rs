//! Bytes of unknown encoding: UTF-8 between other bytes, and UTF-16 as Windows writes it.

use super::{RedactedBytes, Redactor};

impl Redactor {
    /// The same for bytes: parts that are no text stay as they are.
    pub fn redact_bytes(&self, bytes: &[u8]) -> RedactedBytes {
        if let Some(redacted) = self.utf16(bytes) {
            return redacted;
        }
        let mut all = RedactedBytes::default();
        for chunk in bytes.utf8_chunks() {
            let redacted = self.redact(chunk.valid());
            all.bytes.extend_from_slice(redacted.text.as_bytes());
            all.bytes.extend_from_slice(chunk.invalid());
            all.found.extend(redacted.found);
        }
        all.found.sort();
        all.found.dedup();
        all
    }

    /// UTF-16, told by a zero in every second of its first bytes.
    fn utf16(&self, bytes: &[u8]) -> Option<RedactedBytes> {
        let little = is_little(bytes)?;
        let units = bytes.chunks_exact(2).map(|pair| match (little, pair) {
            (true, [a, b]) => u16::from_le_bytes([*a, *b]),
            (_, [a, b]) => u16::from_be_bytes([*a, *b]),
            _ => 0,
        });
        // Half a character anywhere: it is no such text after all.
        let text = char::decode_utf16(units).collect::<Result<String, _>>().ok()?;
        let redacted = self.redact(&text);
        if redacted.found.is_empty() {
            return Some(RedactedBytes { bytes: bytes.to_vec(), found: Vec::new() });
        }
        let unit = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let odd = bytes.chunks_exact(2).remainder().iter().copied();
        let bytes = redacted.text.encode_utf16().flat_map(unit).chain(odd).collect();
        Some(RedactedBytes { bytes, found: redacted.found })
    }
}

/// Whether bytes are UTF-16 text.
pub fn is_utf16(bytes: &[u8]) -> bool {
    is_little(bytes).is_some()
}

/// The order of bytes of UTF-16; `None` where it is none.
fn is_little(bytes: &[u8]) -> Option<bool> {
    let head = &bytes[..bytes.len().min(64) & !1];
    let zeros =
        |at: usize| head.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count() * 4 > head.len();
    match head.len() {
        8.. if zeros(1) && !zeros(0) => Some(true),
        8.. if zeros(0) && !zeros(1) => Some(false),
        _ => None,
    }
}
