//! The header of a log line: what a logger puts before the message.
//!
//! Times and numbers are masked anyway. Left out are the words that change while the message stays:
//! levels, threads and requests in brackets, the host and the process of syslog, spans of `tracing`. A
//! module's path stays, since the same words from another module are another message.

/// What a line says before its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'l> {
    /// As written.
    pub level: Option<&'l str>,
    /// The rest of the line; never empty where the line is not.
    pub message: &'l str,
}

/// Longer headers are none.
const MOST_WORDS: usize = 16;
/// More shouted words before a level are a message.
const MOST_NAMES: usize = 2;

const LEVELS: [&str; 22] = [
    "fatal",
    "critical",
    "crit",
    "emerg",
    "emergency",
    "alert",
    "panic",
    "error",
    "err",
    "severe",
    "warn",
    "warning",
    "info",
    "notice",
    "information",
    "debug",
    "trace",
    "verbose",
    "fine",
    "config",
    "finer",
    "finest",
];
const DATES: [&str; 19] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed",
    "Thu", "Fri", "Sat", "Sun",
];

/// Read the header from left to right.
pub fn read(line: &str) -> Header<'_> {
    read_as(super::VERSION, line)
}

/// As a version of the fingerprints reads it.
pub fn read_as(version: u32, line: &str) -> Header<'_> {
    let mut header = Header { level: None, message: line.trim() };
    let mut rest = header.message;
    // Where a month and a time stood just before, a host and a process follow.
    let (mut month, mut clock, mut numbers) = (false, false, 0);
    for _ in 0..MOST_WORDS {
        rest = rest.trim_start_matches([' ', '\t', '-', '|', ':', ',', ';', '>']);
        if rest.is_empty() {
            break;
        }
        if rest.starts_with('[') {
            let Some(end) = closing(rest) else { break };
            let inside = &rest[1..end - 1];
            match level(inside).filter(|_| header.level.is_none()) {
                Some(found) => header.level = Some(found),
                // `[2026-11-22T01:02:03Z ERROR shop::cart]`
                None if header.level.is_none() && inside.starts_with(|c: char| c.is_ascii_digit()) => {
                    header.level = inside.split_whitespace().find_map(level);
                }
                None => {}
            }
            rest = &rest[end..];
        } else {
            let end = rest.find([' ', '\t', '|']).unwrap_or(rest.len());
            let word = &rest[..end];
            if month && clock {
                // Only here: elsewhere the words before a colon are the message's.
                rest = process(&rest[end..]).unwrap_or(rest);
                header.message = rest.trim_start();
                (month, clock) = (false, false);
                if !header.message.starts_with(|c: char| c.is_ascii_digit()) {
                    break;
                }
                continue;
            }
            let named = level(word).or_else(|| letter(word).filter(|_| numbers > 2));
            if let Some(found) = named.filter(|_| header.level.is_none()) {
                header.level = Some(found);
                rest = &rest[end..];
                rest = span(rest.trim_start()).unwrap_or(rest);
            } else if DATES.contains(&word) {
                month = true;
                rest = &rest[end..];
            } else if header.level.is_none()
                && word.bytes().any(|byte| byte.is_ascii_digit())
                && !word.contains('=')
                || word.bytes().all(|byte| byte.is_ascii_digit() || b"#:".contains(&byte))
            {
                clock = month && word.matches(':').count() == 2;
                numbers += 1;
                rest = &rest[end..];
            } else if let Some((level, behind)) = facility(rest).filter(|_| version > 2 && numbers > 0) {
                header.level = header.level.or(Some(level));
                rest = behind;
            } else if let Some(behind) = program(rest).filter(|_| version > 2) {
                header.message = behind;
                break;
            } else {
                break;
            }
        }
        let message = rest.trim_start_matches([' ', '\t', '-', '|', ':', ',', '>']);
        if !message.is_empty() {
            header.message = message;
        }
    }
    header
}

/// A level with or without the marks loggers put around it.
fn level(word: &str) -> Option<&str> {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    LEVELS.iter().any(|known| known.eq_ignore_ascii_case(bare)).then_some(bare)
}

/// Android's levels of one letter.
fn letter(word: &str) -> Option<&'static str> {
    match word {
        "F" => Some("fatal"),
        "E" => Some("error"),
        "W" => Some("warning"),
        "I" => Some("info"),
        "D" | "V" => Some("debug"),
        _ => None,
    }
}

/// What follows `sshd[24200]:`, `kernel:` or `sandboxd[129] ([31211]):`.
fn process(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    let end = rest.find([' ', '\t']).unwrap_or(rest.len());
    let tag = &rest[..end];
    if tag.ends_with(':') {
        return Some(&rest[end..]);
    }
    let behind = rest[end..].trim_start();
    let closed = tag.ends_with(']') && behind.starts_with('(');
    behind.find("):").filter(|_| closed).map(|at| &behind[at + 2..])
}

/// The level behind shouted names of what it is the level of, as in `RAS KERNEL INFO`, and what follows.
fn facility(rest: &str) -> Option<(&str, &str)> {
    let mut behind = rest;
    for _ in 0..MOST_NAMES {
        let (word, others) = behind.split_once(' ')?;
        if word.len() < 2 || !word.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        behind = others.trim_start();
        let next = behind.split(' ').next().unwrap_or_default();
        if level(next) == Some(next) && next.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Some((next, &behind[next.len()..]));
        }
    }
    None
}

/// What follows `backup.exe *64 - `.
fn program(rest: &str) -> Option<&str> {
    let (named, behind) = rest.split_once(" - ")?;
    let name = named.split(' ').next().unwrap_or_default();
    let short = named.len() < name.len() + 8;
    (short && name.len() > 4 && name.ends_with(".exe")).then(|| behind.trim_start())
}

/// What follows `request{id=3}:answer{n=1}:`.
fn span(rest: &str) -> Option<&str> {
    let open = rest.find('{').filter(|open| *open > 0)?;
    let name = |c: char| c.is_alphanumeric() || "_:.-".contains(c);
    if !rest[..open].chars().all(name) {
        return None;
    }
    let close = open + super::shapes::balanced(&rest.as_bytes()[open..])?;
    let after = rest.get(close..)?.strip_prefix(':')?;
    Some(span(after).unwrap_or(after))
}

/// Where the bracket that opens the text is closed.
fn closing(text: &str) -> Option<usize> {
    super::shapes::balanced(text.as_bytes()).filter(|end| text.is_char_boundary(*end) && *end > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_what_stands_behind_what_loggers_put_first() {
        for (line, level, message) in [
            ("2026-11-22T01:02:03Z ERROR shop::cart: lost 4 rows", "ERROR", "shop::cart: lost 4 rows"),
            (
                "2026-11-22T01:02:03Z  WARN request{id=3 user=\"x y\"}:pay{n=1}: shop::cart: slow",
                "WARN",
                "shop::cart: slow",
            ),
            (
                "2026-11-22 01:02:03,123 INFO [IPC Server handler 4 on 62270] org.apache.x.Y: Got it",
                "INFO",
                "org.apache.x.Y: Got it",
            ),
            (
                "2015-07-29 17:41:44,747 - WARN  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:Fast@774] - Cannot open",
                "WARN",
                "Cannot open",
            ),
            ("[Sun Dec 04 04:47:44 2005] [error] mod_jk child init 1 -2", "error", "mod_jk child init 1 -2"),
            (
                "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname=",
                "",
                "authentication failure; logname=",
            ),
            (
                "Jul  1 09:29:02 host sandboxd[129] ([31211]): com.apple(31211) deny",
                "",
                "com.apple(31211) deny",
            ),
            (
                "- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed",
                "",
                "session closed",
            ),
            (
                "- 1117877118 2005.06.04 r7-m0 2005-06-04-09.25.18 r7-m0 RAS KERNEL INFO 16 exceptions",
                "INFO",
                "exceptions",
            ),
            ("2026-11-22 01:02:03 POST TO PAY ERROR page", "", "POST TO PAY ERROR page"),
            ("[10.30 16:49:06] chrome.exe *64 - up.example:443 open", "", "up.example:443 open"),
            ("03-17 16:13:38.811  1702  2395 D WindowManager: printing", "debug", "WindowManager: printing"),
            (
                "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block",
                "INFO",
                "dfs.DataNode$PacketResponder: PacketResponder 1 for block",
            ),
            ("2026/11/22 01:02:03 [error] 123#0: *1 open() failed", "error", "*1 open() failed"),
            ("01:02:03.123 [main] ERROR c.e.App - lost it", "ERROR", "c.e.App - lost it"),
            ("ERROR: disk is full", "ERROR", "disk is full"),
            ("<3>[  1.5] usb 1-1: gone", "", "usb 1-1: gone"),
            ("20171223-22:15:29:606|Step_LSC|30002312|onStep 3579", "", "Step_LSC|30002312|onStep 3579"),
            ("error", "error", "error"),
            ("all is well", "", "all is well"),
            ("[x", "", "[x"),
        ] {
            let found = read(line);
            assert_eq!((found.level.unwrap_or(""), found.message), (level, message), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_has_a_message(line in "\\PC*|[\\[\\]{}: A-Z0-9é-]{0,40}") {
            let found = read(&line);
            proptest::prop_assert_eq!(found.message.is_empty(), line.trim().is_empty());
        }
    }
}
