//! JSON values among lines: where one begins, and where it ends, be it on the same line or some lines on.
//!
//! A value that is cut off must not swallow what follows, so a line that cannot go on with it ends it. A
//! list of values is taken apart; its elements come one by one.

use super::super::lines::LONGEST_LINE_BYTES;

/// Deeper values are none that `serde_json` reads.
const DEEPEST: usize = 120;

/// A value on its way, over one line or more.
#[derive(Default)]
pub struct Values {
    text: String,
    /// The line it began on.
    first: u64,
    /// Brackets that are open, the innermost last.
    open: Vec<u8>,
    /// The last byte that is no blank.
    last: u8,
    /// Between the values of a list.
    in_list: bool,
}

/// What a line came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Fed {
    /// Values that ended on it, each with the line it began on.
    Ended(Vec<(u64, String)>),
    /// The same, and then something that is no JSON: [`Values::give_up`] tells what.
    Broken(Vec<(u64, String)>),
    /// The line cannot go on with what was begun, and was not taken.
    Refused,
}

impl Values {
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether a line begins a value, or goes on with a list of them.
    pub fn wants(&self, line: &str) -> bool {
        let text = line.trim_start();
        let first = text.as_bytes().first().copied().unwrap_or(b' ');
        let behind = text.get(1..).unwrap_or("").trim_start().as_bytes().first().copied();
        match first {
            b'{' => matches!(behind, None | Some(b'"' | b'}')),
            b'[' => !self.in_list && matches!(behind, None | Some(b'{')),
            b',' | b']' => self.in_list,
            _ => false,
        }
    }

    /// The line cannot be in a list: forget that one was open.
    pub fn leave_list(&mut self) {
        self.in_list = false;
    }

    /// What was begun and did not end: its first line, and its lines.
    pub fn give_up(&mut self) -> Option<(u64, String)> {
        let begun = self.is_open() || !self.text.is_empty();
        self.open.clear();
        self.last = 0;
        begun.then(|| (self.first, std::mem::take(&mut self.text)))
    }

    /// Whether a line that begins so can go on with the open value.
    fn goes_on(&self, line: &str) -> bool {
        let Some(first) = line.trim_start().bytes().next() else { return true };
        let begins_value = matches!(first, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n');
        let in_object = self.open.last() == Some(&b'{');
        match self.last {
            b':' => begins_value && !line.starts_with("{\""),
            b'{' => matches!(first, b'"' | b'}'),
            b',' if in_object => first == b'"',
            b'[' => begins_value || first == b']',
            b',' => begins_value,
            _ => matches!(first, b',' | b'}' | b']' | b':'),
        }
    }

    /// Take a line; `number` is its own.
    pub fn feed(&mut self, line: &str, number: u64) -> Fed {
        let mut ended = Vec::new();
        if self.is_open() && !self.goes_on(line) {
            return Fed::Refused;
        }
        let bytes = line.as_bytes();
        let mut from = 0;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            at += 1;
            match byte {
                b' ' | b'\t' | b'\r' => continue,
                b'"' if self.is_open() => match string_end(&bytes[at..]) {
                    Some(length) => at += length,
                    // No text of JSON goes over the end of a line.
                    None => {
                        self.keep(&line[from..]);
                        return Fed::Broken(ended);
                    }
                },
                b'{' | b'[' if self.is_open() || byte == b'{' => {
                    if !self.is_open() {
                        (from, self.first) = (at - 1, number);
                    }
                    self.open.push(byte);
                    if self.open.len() > DEEPEST {
                        self.keep(&line[from..]);
                        return Fed::Broken(ended);
                    }
                }
                b'}' | b']' if self.is_open() => {
                    self.open.pop();
                    if !self.is_open() {
                        self.keep(&line[from..at]);
                        ended.push((self.first, std::mem::take(&mut self.text)));
                        from = at;
                    }
                }
                b'[' if !self.in_list => self.in_list = true,
                b']' if self.in_list => self.in_list = false,
                b',' if self.in_list => {}
                _ if self.is_open() => {}
                _ => {
                    (self.first, self.in_list) = (number, false);
                    self.text = line[at - 1..].to_owned();
                    return Fed::Broken(ended);
                }
            }
            self.last = byte;
        }
        if self.is_open() {
            self.keep(&line[from..]);
            self.text.push('\n');
            if self.text.len() > LONGEST_LINE_BYTES {
                return Fed::Broken(ended);
            }
        }
        Fed::Ended(ended)
    }

    fn keep(&mut self, part: &str) {
        let room = (2 * LONGEST_LINE_BYTES).saturating_sub(self.text.len());
        self.text.push_str(part.get(..part.len().min(room)).unwrap_or(""));
    }
}

/// The length of the rest of a string with its closing quote.
fn string_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that ended and what was given up, by the lines they began on.
    fn read(text: &str) -> Vec<(u64, String, bool)> {
        let (mut values, mut found) = (Values::default(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            let mut fed = values.feed(line, at as u64 + 1);
            if fed == Fed::Refused {
                found.extend(values.give_up().map(|(first, text)| (first, text, false)));
                fed = values.feed(line, at as u64 + 1);
            }
            let broken = matches!(fed, Fed::Broken(_));
            let (Fed::Ended(ended) | Fed::Broken(ended)) = fed else { panic!("refused by nothing") };
            found.extend(ended.into_iter().map(|(first, text)| (first, text, true)));
            if broken && let Some((first, text)) = values.give_up() {
                found.push((first, text, false));
            }
        }
        found.extend(values.give_up().map(|(first, text)| (first, text, false)));
        found
    }

    #[test]
    fn values_end_where_their_brackets_do() {
        let whole = |text: &str| read(text).iter().all(|(.., whole)| *whole).then(|| read(text).len());
        assert_eq!(whole(r#"{"a":"}\"{"} {"b":[1,{"c":2}]}"#), Some(2));
        assert_eq!(whole("{\n  \"a\": [\n    {\"b\": \"]\"}\n  ]\n}\n{\"c\":1}"), Some(2));
        assert_eq!(whole("[\n{\"a\":1},\n{\n\"b\":2\n}\n]"), Some(2));
        assert_eq!(whole(r#"[{"a":1},{"b":2}]"#), Some(2));
    }

    #[test]
    fn a_value_that_is_cut_off_does_not_swallow_the_next() {
        let found = read("{\"a\":\n{\"b\":1}\n{\"c\":1}");
        assert_eq!((found[0].0, found[0].2), (1, false));
        assert!(found.iter().any(|(first, _, whole)| *whole && *first == 3), "{found:?}");
        let cut = read("{\"a\": \"x\n{\"b\":1}\n{\"c\":2,\n2026-11-22 ERROR\n");
        assert_eq!(cut.iter().filter(|(.., whole)| !whole).count(), 3, "{cut:?}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_fed(text in "[\\[\\]{}\",:a0\\\\\n é]{0,60}") {
            read(&text);
        }
    }
}
