//! What kind of sentence it is, by its words. `docs/capture.md` has these tables for people.

/// Words that say what a constraint is about; the first row that has one decides, else `ux`.
pub const KINDS: [(&str, &[&str]); 6] = [
    (
        "security",
        &[
            "secret",
            "password",
            "token",
            "credential",
            "permission",
            "encrypt",
            "encrypted",
            "login",
            "authenticated",
            "authorized",
            "private",
            "privacy",
            "attack",
            "attacker",
            "injection",
            "untrusted",
            "leak",
            "sandbox",
            "signed",
            "signature",
            "personal data",
        ],
    ),
    (
        "budget",
        &[
            "cost",
            "budget",
            "price",
            "dollar",
            "euro",
            "cent",
            "usd",
            "eur",
            "dependency",
            "dependencies",
            "license",
            "paid",
            "free of charge",
        ],
    ),
    (
        "time",
        &[
            "deadline",
            "day",
            "week",
            "month",
            "today",
            "tomorrow",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
            "release date",
        ],
    ),
    (
        "performance",
        &[
            "fast",
            "slow",
            "slower",
            "faster",
            "latency",
            "throughput",
            "memory",
            "cpu",
            "second",
            "millisecond",
            "ms",
            "mb",
            "gb",
            "kb",
            "megabyte",
            "minute",
            "speed",
            "concurrent",
            "load",
        ],
    ),
    (
        "compatibility",
        &[
            "compatible",
            "compatibility",
            "backward",
            "backwards",
            "version",
            "windows",
            "linux",
            "macos",
            "browser",
            "platform",
            "existing",
            "legacy",
            "api",
            "posix",
            "offline",
        ],
    ),
    (
        "input",
        &[
            "input",
            "row",
            "column",
            "header",
            "utf",
            "encoding",
            "empty",
            "invalid",
            "malformed",
            "csv",
            "json",
            "xml",
            "toml",
            "yaml",
            "byte order",
            "line end",
            "line ending",
            "character",
            "upload",
        ],
    ),
];

/// Words that bound how an outcome is reached.
pub const BOUNDS: [&str; 13] = [
    "must",
    "should",
    "shall",
    "never",
    "only",
    "at most",
    "at least",
    "within",
    "no more than",
    "no less than",
    "always",
    "may not",
    "cannot",
];

/// How a sentence begins that says what is not meant.
const EXCLUDING: [&str; 9] = [
    "out of scope",
    "no need",
    "non goal",
    "we do not need",
    "we don t need",
    "excluding",
    "leave out",
    "not in scope",
    "there is no need",
];

/// Lowercase words with one space around each.
fn padded(text: &str) -> String {
    let mut words = String::from(" ");
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        words.push_str(&word.to_lowercase());
        words.push(' ');
    }
    words
}

fn has(padded: &str, word: &str) -> bool {
    padded.contains(&format!(" {word} ")) || padded.contains(&format!(" {word}s "))
}

pub fn kind(text: &str) -> &'static str {
    let words = padded(text);
    let found = KINDS.iter().find(|(_, list)| list.iter().any(|word| has(&words, word)));
    found.map_or("ux", |(kind, _)| kind)
}

pub fn is_bound(text: &str) -> bool {
    let words = padded(text);
    BOUNDS.iter().any(|word| words.contains(&format!(" {word} ")))
}

/// Whether it begins as the case of a requirement does.
pub fn is_condition(text: &str) -> bool {
    let words = padded(text);
    matches!(words.split_whitespace().next(), Some("when" | "while" | "where" | "if"))
}

/// Whether it is a requirement as EARS has them (Mavin et al., RE'09): WHEN, WHILE, WHERE or IF and
/// what shall follow, or simply THE … SHALL.
pub fn is_ears(text: &str) -> bool {
    let words = padded(text);
    let first = words.split_whitespace().next().unwrap_or_default();
    let shall = words.contains(" shall ");
    match first {
        "when" | "while" | "where" | "if" => shall || words.contains(" must "),
        "the" => shall,
        _ => false,
    }
}

/// Whether it says what is not meant: `Not Excel files.`, `Out of scope: …`.
pub fn is_excluding(text: &str) -> bool {
    let words = padded(text);
    let begins = |start: &&str| words.trim_start().starts_with(*start);
    let short_not = words.starts_with(" not ") && words.split_whitespace().count() <= 8 && !is_bound(text);
    short_not || EXCLUDING.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_guessed_from_words_and_else_it_is_ux() {
        for (text, wanted) in [
            ("Tokens must never reach the log.", "security"),
            ("It must answer within 2 seconds.", "performance"),
            ("At most three dependencies.", "budget"),
            ("It must be there within two weeks.", "time"),
            ("It must run on Windows.", "compatibility"),
            ("An empty file must be refused.", "input"),
            ("It should say what is wrong.", "ux"),
        ] {
            assert_eq!(kind(text), wanted, "{text}");
            assert!(is_bound(text), "{text}");
        }
    }

    #[test]
    fn ears_is_told_from_a_bound() {
        for text in [
            "WHEN a row is bad THE tool SHALL name its line",
            "If the disk is full, then the tool shall stop.",
            "While offline, the app shall queue.",
            "Where a proxy is set, the client shall use it.",
            "The tool shall be quiet.",
        ] {
            assert!(is_ears(text), "{text}");
        }
        for text in ["It must be quiet.", "The tool is quiet.", "When it rains it pours."] {
            assert!(!is_ears(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_meant_is_told_from_what_must_not_be() {
        assert!(is_excluding("Not Excel files."));
        assert!(is_excluding("Out of scope: a web page."));
        assert!(is_excluding("We don't need a database."));
        assert!(!is_excluding("Not a single byte may ever be lost, and it must be quick."));
        assert!(!is_excluding("Nothing is printed."));
    }
}
