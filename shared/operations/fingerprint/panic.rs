//! What makes two Rust panics the same: the message, the file it came from and the function.
//!
//! Lines shift and are left out; of the backtrace only the function that panicked counts, since callers
//! differ. It is believed where the backtrace tells places, as builds with debug information do: without
//! them a function that was inlined is missing, and the name of its caller stands in its place. There, and
//! without a backtrace, the column stands for the function, which moves less often than the line. So the
//! same mistake has one fingerprint in every build with debug information and another in all others;
//! [`twins`] finds which of those are one. The text is read as `std::panicking` and `std::backtrace` print
//! it.

pub mod frames;
#[cfg(test)]
mod scored;
pub mod twins;

use super::{cut, log};
use crate::types::id::sha256_hex;
use frames::Frame;

/// The way panics are told apart here. Version 1 believed every function a backtrace named.
pub const VERSION: u32 = 2;

/// A panic as Rust's own hook prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panic {
    pub thread: String,
    /// As printed.
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// Without the two sides of an assertion.
    pub message: String,
    /// Innermost first.
    pub frames: Vec<Frame>,
}

/// The line opens a panic.
pub fn opens(line: &str) -> bool {
    line.starts_with("thread '") && line.contains(" panicked at ")
}

impl Panic {
    /// Read a panic from its lines, the first of which [`opens`] it; `None` where it does not.
    pub fn read(lines: &[&str]) -> Option<Panic> {
        let (head, rest) = lines.split_first().filter(|(head, _)| opens(head))?;
        let (thread, place) = head.split_once(" panicked at ")?;
        let thread = thread.trim_start_matches("thread '").rsplit_once('\'').map_or("", |(name, _)| name);
        let mut panic = Panic { thread: thread.to_owned(), ..Panic::default() };
        let mut message: Vec<&str> = Vec::new();
        let place = match old_form(place) {
            Some((text, place)) => {
                message.push(text);
                place
            }
            None => place.trim_end().trim_end_matches(':'),
        };
        (panic.file, panic.line, panic.column) = frames::place(place);
        let ends = |line: &&&str| line.starts_with("stack backtrace:") || line.starts_with("note: ");
        let length = rest.iter().take_while(|line| !ends(line)).count();
        let sides = |line: &&&str| ["left:", "right:"].iter().any(|side| line.trim_start().starts_with(side));
        message.extend(rest[..length].iter().take_while(|line| !sides(line)));
        panic.message = message.join("\n").trim().to_owned();
        panic.frames = frames::read(&rest[length..]);
        Some(panic)
    }

    /// `2:<hex>`; the same for the same mistake.
    pub fn fingerprint(&self) -> String {
        self.told_apart_by(VERSION, self.discriminator())
    }

    /// The fingerprints earlier versions made, the newest first: an item known by one goes on.
    pub fn earlier(&self) -> Vec<String> {
        let first = match self.own_frames().next() {
            Some(frame) => frame.name(),
            None => format!("column {}", self.column),
        };
        vec![self.told_apart_by(1, first)]
    }

    fn told_apart_by(&self, version: u32, discriminator: String) -> String {
        let mut parts = self.shared();
        parts.push(discriminator);
        framed(version, "panic", &parts)
    }

    /// The same for panics that may be one although their fingerprints differ.
    pub fn related(&self) -> String {
        framed(1, "panic-related", &self.shared())
    }

    /// The parts that count, with each text put through `hide`.
    pub fn with_texts(&self, hide: &dyn Fn(&str) -> String) -> Self {
        let hidden = |frame: &Frame| Frame {
            function: hide(&frame.function),
            file: frame.file.as_deref().map(hide),
            ..frame.clone()
        };
        Self {
            file: hide(&self.file),
            message: hide(cut(&self.message)),
            frames: self.frames.iter().map(hidden).collect(),
            ..self.clone()
        }
    }

    fn shared(&self) -> Vec<String> {
        vec![self.masked(), frames::own_path(&self.file)]
    }

    /// The message with values masked.
    pub fn masked(&self) -> String {
        let first = self.message.lines().next().unwrap_or_default();
        match first.strip_prefix("assertion failed: ") {
            Some(expression) => format!("assertion failed {}", calls(expression)),
            None => log::template(first),
        }
    }

    /// What tells two statements of one file and message apart.
    fn discriminator(&self) -> String {
        match self.function() {
            Some(frame) => frame.name(),
            None => format!("column {}", self.column),
        }
    }

    /// The frame of the function that panicked, where the backtrace tells it for certain.
    pub fn function(&self) -> Option<&Frame> {
        if !self.has_own_place() {
            // Nothing else tells them apart.
            return self.own_frames().next();
        }
        let own = |frame: &&Frame| frame.file.as_deref().is_some_and(frames::is_own_file);
        let placed = || self.frames.iter().filter(own);
        // With `#[track_caller]` the place is that of a caller.
        let file = frames::own_path(&self.file);
        let here = |frame: &&Frame| {
            frame.line == self.line && frame.file.as_deref().map(frames::own_path).as_ref() == Some(&file)
        };
        // Where only lines are known to the build, the name is not the whole path.
        placed().find(here).or_else(|| placed().next()).filter(|frame| frame.in_app)
    }

    /// The place it tells is one of the program's own.
    pub fn has_own_place(&self) -> bool {
        self.line > 0 && frames::is_own_file(&self.file)
    }

    /// The frames of the program's own, innermost first.
    pub fn own_frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter().filter(|frame| frame.in_app)
    }

    /// Which parts counted, for `list --why`.
    pub fn why(&self) -> String {
        let by = match self.function() {
            Some(frame) => format!("in {}", frame.name()),
            None => format!("column {} (no function is told for certain)", self.column),
        };
        format!(
            "same panic: \"{}\" in {}, {by}; lines and values do not count",
            self.masked(),
            frames::own_path(&self.file)
        )
    }
}

fn framed(version: u32, kind: &str, parts: &[String]) -> String {
    let text: String = parts.iter().map(|part| format!("{}\0{part}\0", part.len())).collect();
    format!("{version}:{}", &sha256_hex(format!("{kind}\0{text}").as_bytes())[..32])
}

/// `'message', src/a.rs:1:2`, as Rust printed it up to 1.72.
fn old_form(text: &str) -> Option<(&str, &str)> {
    let (message, place) = text.strip_prefix('\'')?.rsplit_once("', ")?;
    Some((message, place.trim_end()))
}

/// The calls, fields and paths of an expression, without the names of locals.
fn calls(expression: &str) -> String {
    let mut found = Vec::new();
    let mut start = 0;
    let bytes = expression.as_bytes();
    while start < bytes.len() {
        let length =
            bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let end = start + length;
        let named = start > 0 && matches!(bytes[start - 1], b'.' | b':')
            || matches!(bytes.get(end), Some(b'(' | b':' | b'!'));
        if length > 0 && named && bytes[start].is_ascii_alphabetic() {
            found.push(&expression[start..end]);
        }
        start = end.max(start + 1);
    }
    found.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_first_line_are_read() {
        let new =
            Panic::read(&["thread 'a b' (71) panicked at /w/src/x.rs:3:17:", "went wrong", "on two lines"])
                .unwrap();
        assert_eq!((new.thread.as_str(), new.line, new.column), ("a b", 3, 17));
        assert_eq!(new.message, "went wrong\non two lines");
        let old = Panic::read(&["thread 'main' panicked at 'it's bad, bob', src/x.rs:9:5", "note: run with"])
            .unwrap();
        assert_eq!((old.message.as_str(), old.file.as_str()), ("it's bad, bob", "src/x.rs"));
        assert_eq!(Panic::read(&["all is well"]), None);
    }

    #[test]
    fn the_sides_of_an_assertion_do_not_count() {
        let of = |left: &str| {
            let left = format!("  left: {left}");
            let lines = [
                "thread 't' panicked at src/x.rs:3:1:",
                "assertion `left == right` failed: rows",
                left.as_str(),
            ];
            Panic::read(&lines).unwrap().fingerprint()
        };
        assert_eq!(of("3"), of("[4, 5]"));
    }

    #[test]
    fn names_of_locals_in_an_assertion_do_not_count() {
        assert_eq!(calls("rows.len() > most && Kind::of(row)"), "len Kind of");
        assert_eq!(calls("records.len() > n && Kind::of(record)"), "len Kind of");
    }
}
