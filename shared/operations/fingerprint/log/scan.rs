//! Reading a log message once from left to right: words, and what may differ.

use super::shapes;

/// One thing found in a message.
pub enum Piece<'m> {
    Word(&'m str),
    Mask,
}

/// Where the reading stands.
pub struct Scanner<'m> {
    /// Of the fingerprints it is read for.
    version: u32,
    text: &'m str,
    bytes: &'m [u8],
    at: usize,
    /// The last piece was a number, so a unit may follow.
    after_number: bool,
    /// The value of a key is due.
    value_due: bool,
    /// Of the last key: its value is a word that tells what happened.
    telling_key: bool,
    /// No token was read yet.
    first: bool,
}

/// Keys whose values are kept where they are words.
const TELLING_KEYS: [&str; 10] =
    ["error", "err", "reason", "cause", "code", "exception", "level", "msg", "message", "event"];

impl<'m> Scanner<'m> {
    pub fn new(version: u32, text: &'m str) -> Self {
        let (bytes, at, first) = (text.as_bytes(), 0, true);
        let (after_number, value_due, telling_key) = (false, false, false);
        Self { version, text, bytes, at, after_number, value_due, telling_key, first }
    }

    pub fn next_piece(&mut self) -> Option<Piece<'m>> {
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                // `error =` at the end: the value is empty.
                return std::mem::take(&mut self.value_due).then_some(Piece::Mask);
            };
            let found = match byte {
                b'=' => self.equals(),
                b'"' | b'\'' => self.quoted(byte),
                b'{' | b'[' | b'(' | b'<' => self.bracket(byte),
                _ if shapes::is_inner(byte) => self.token(),
                b',' | b';' | b')' | b']' | b'}' if self.value_due => {
                    self.value_due = false;
                    Some(Piece::Mask)
                }
                _ => {
                    self.at += 1;
                    None
                }
            };
            if let Some(piece) = found {
                return Some(piece);
            }
        }
    }

    fn mask(&mut self, end: usize) -> Option<Piece<'m>> {
        self.at = end;
        self.after_number = false;
        self.value_due = false;
        Some(Piece::Mask)
    }

    /// `key=` and `key =`, not `==`, `<=`, `>=`, `!=`.
    fn equals(&mut self) -> Option<Piece<'m>> {
        let before = self.at.checked_sub(1).map(|at| self.bytes[at]);
        let doubled = self.bytes.get(self.at + 1) == Some(&b'=');
        let compared = matches!(before, None | Some(b'=' | b'<' | b'>' | b'!'));
        self.at += 1;
        self.value_due = !doubled && !compared;
        None
    }

    /// A quoted text that begins and ends at the border of a word. Requests (`"GET /x HTTP/1.1"`) are
    /// read word by word, since the method tells what was done.
    fn quoted(&mut self, quote: u8) -> Option<Piece<'m>> {
        let start = self.at + 1;
        let before = self.at.checked_sub(1).is_none_or(|at| !self.bytes[at].is_ascii_alphanumeric());
        let length = self.bytes[start..].iter().take(400).position(|byte| *byte == quote);
        self.at = start;
        let end = start + length.filter(|_| before)?;
        let after = self.bytes.get(end + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let request = shapes::is_request(&self.bytes[start..end]) && !self.value_due;
        if !after || request || (end == start && !self.value_due) {
            return None;
        }
        self.mask(end + 1)
    }

    /// An object (`Token{…}`, `{"a":1}`), the value of a key in brackets, or a list in brackets.
    fn bracket(&mut self, open: u8) -> Option<Piece<'m>> {
        let named =
            open == b'{' && self.at.checked_sub(1).is_some_and(|at| self.bytes[at].is_ascii_alphanumeric());
        let json = open == b'{' && self.bytes.get(self.at + 1) == Some(&b'"');
        let list = open == b'[' && shapes::is_list(&self.bytes[self.at + 1..]);
        let whole = named || json || list || (self.value_due && open != b'<');
        if let Some(end) = whole.then(|| shapes::balanced(&self.bytes[self.at..])).flatten() {
            return self.mask(self.at + end);
        }
        self.at += 1;
        None
    }

    fn token(&mut self) -> Option<Piece<'m>> {
        let rest = &self.bytes[self.at..];
        if let Some(length) = shapes::special(rest) {
            return self.mask(self.at + length);
        }
        let length = rest.iter().take_while(|byte| shapes::is_inner(**byte)).count();
        let core = shapes::trimmed(&rest[..length]);
        let start = self.at + core.start;
        let end = self.at + core.end;
        self.at += length;
        if core.is_empty() {
            return None;
        }
        let word = &self.bytes[start..end];
        let key = self.bytes.get(self.at) == Some(&b'=');
        // `logname= uid=0`: what follows the blank is the next key.
        if key && self.value_due && self.bytes[start - 1] != b'=' {
            self.at = start;
            return self.mask(start);
        }
        if let Some(beyond) = shapes::beyond(&rest[..length], &rest[length..], self.first) {
            return self.mask(self.at + beyond);
        }
        self.first = false;
        let constant = shapes::is_constant(word) && (self.version < 3 || self.value_due);
        if constant || shapes::is_value(word, &self.bytes[end..]) {
            self.value_due = false;
            self.after_number = word.iter().all(|byte| !byte.is_ascii_alphabetic());
            return Some(Piece::Mask);
        }
        if self.value_due && !self.telling_key {
            return self.mask(self.at);
        }
        self.value_due = false;
        let unit = std::mem::take(&mut self.after_number) && shapes::is_unit(word);
        if unit || (word == b"s" && self.bytes[start - 1] == b'(') {
            return None;
        }
        // Bytes that end a token are ASCII, so these are borders of characters.
        let word = &self.text[start..end];
        self.telling_key = TELLING_KEYS.iter().any(|key| key.eq_ignore_ascii_case(word));
        Some(Piece::Word(word))
    }
}
