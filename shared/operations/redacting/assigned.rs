//! Secrets behind their names: how far a value goes, and when it is prose or code after all.

use std::ops::Range;

use regex::Captures;

use super::spared::{has_digit_and_letter, is_no_value, is_reference, is_word, secret};

/// Between quotes: whatever it is, unless it is a type, a reference or a sentence.
pub fn quoted(found: &Captures, _: &str) -> Option<Range<usize>> {
    let value = secret(found)?;
    // "unexpected token: `}`" quotes code.
    let code = found.name("v").is_some() && found[0].contains(':');
    let placeholder = found[0].starts_with("<redacted:");
    (!placeholder && !code && !is_no_value(found) && !is_sentence(value.as_str())).then(|| value.range())
}

/// `"password": "Your password is too short"`: a message, not a value.
fn is_sentence(value: &str) -> bool {
    const TELLING: &[&str] = &[
        "password",
        "passwords",
        "token",
        "secret",
        "required",
        "must",
        "invalid",
        "enter",
        "cannot",
        "should",
        "please",
        "your",
        "missing",
    ];
    let words: Vec<&str> = value.split_whitespace().collect();
    let told = |word: &&str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
        TELLING.contains(&word.as_str())
    };
    words.len() >= 2 && words.iter().any(told) && words.iter().all(|word| !has_digit_and_letter(word))
}

/// Behind a sign and without quotes.
pub fn unquoted(found: &Captures, text: &str) -> Option<Range<usize>> {
    let start = found.name("s")?.start();
    let by = found.name("by").map_or("", |by| by.as_str());
    let name = found.name("name").map_or("", |name| name.as_str());
    let end = start + length(&text[start..]);
    let value = &text[start..end];
    let line = text[end..].lines().next().unwrap_or("");
    let (tight, coded) = (!by.contains(char::is_whitespace) && by != ":" || by == "=", by.contains('='));
    let small = name.to_ascii_lowercase().ends_with("token") && value.len() <= 5;
    let spared = value.len() < 3
        || is_reference(value)
        || is_no_word(value)
        || small && value.bytes().all(|byte| byte.is_ascii_digit())
        || !tight && is_code(value, line, coded, by)
        || by.contains(':') && by.len() > 1 && is_prose(value, line)
        || by == ":" && (value.starts_with(':') || value.starts_with("//"));
    (!spared).then_some(start..end)
}

/// How far a value goes: to a blank or quote, or to where the next `name=` begins.
fn length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let byte = bytes[end];
        if byte.is_ascii_whitespace() || b"\"'`\\<\x1b".contains(&byte) || byte < b' ' {
            break;
        }
        if b",;&|".contains(&byte) && (end > 0 && ends_here(&rest[end + 1..])) {
            break;
        }
        end += 1;
    }
    // What closes a bracket that was opened before the value.
    while let Some(last) = rest[..end].chars().next_back().filter(|c| ".,;:)]}>".contains(*c)) {
        let (open, value) = (
            match last {
                ')' => '(',
                ']' => '[',
                '}' => '{',
                '>' => '<',
                _ => '\0',
            },
            &rest[..end],
        );
        if value.matches(open).count() >= value.matches(last).count() && open != '\0' {
            break;
        }
        end -= 1;
    }
    end
}

/// Behind a separator: nothing more, a blank, a quote, or another `name=` or `name:`.
fn ends_here(rest: &str) -> bool {
    let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.- ".contains(byte)).count();
    let opens =
        rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || "\"'`\\&|;,{[".contains(c));
    opens || name > 0 && rest[name..].starts_with(['=', ':'])
}

/// Types and words that say there is none.
fn is_no_word(value: &str) -> bool {
    let bare = value.trim_end_matches([',', ';', '.', ')']);
    let generic = bare.split_once('<').is_some_and(|(name, _)| is_word(name));
    super::spared::is_no_value_word(bare) || generic
}

/// With blanks around the sign, calls, paths and statements are code; so is a type behind a colon.
fn is_code(value: &str, line: &str, assigned: bool, by: &str) -> bool {
    let name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_:.".contains(&b))
    };
    let called = |at: usize| !value[at..].starts_with('!') || value[at + 1..].starts_with(['(', '[', '{']);
    let call = value
        .find(['(', '!', '['])
        .is_some_and(|at| called(at) && name(&value[..at]) && !value[..at].ends_with('.'));
    let plain = value.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.".contains(&byte));
    let statement = line.starts_with(';') && !line[1..].starts_with(|c: char| c.is_ascii_alphanumeric());
    let dotted = plain && value.contains('.');
    let word = ["await", "new", "yield", "async", "move", "lambda", "typeof", "match", "if", "self", "this"]
        .contains(&value);
    // `secret: SecretString,`
    let humps = value.bytes().filter(u8::is_ascii_uppercase).count();
    let typed = !assigned
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && (2..=6).contains(&humps)
        && value.len() > 2 * humps
        && value.bytes().all(|byte| byte.is_ascii_alphabetic());
    let operator = assigned && by.trim() == "=" && value.starts_with(['=', '>', '~']);
    let generic = value.contains("::") || line.starts_with('<') && name(value);
    let next = line.trim_start().starts_with(['?', '+', '=']) && name(value);
    call || word
        || typed
        || generic
        || operator
        || next
        || value.starts_with(['`', '/', '|'])
        || assigned && dotted
        || statement && name(value) && (plain || !has_digit_and_letter(value))
}

/// After a colon inside a sentence, a lone word of small letters with another behind it is prose.
fn is_prose(value: &str, line: &str) -> bool {
    let small = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b >= 0x80 || b"`_-'".contains(&b))
    };
    let bare = value.trim_end_matches(['.', ',', '!', '?', ';']);
    let next = line.trim_start_matches([',', '.', ';', '!', '?']).split_whitespace().next().unwrap_or("");
    small(bare) && small(next.trim_end_matches(['.', ',', ';', '!', '?', ':']))
}

/// `the password is hunter2`: only what no ordinary word looks like.
pub fn spoken(found: &Captures, _: &str) -> Option<Range<usize>> {
    const NAMES: &[&str] =
        &["sha", "base", "utf", "md", "argon", "bcrypt", "x86", "u", "i", "ed", "pbkdf", "v", "rfc"];
    let value = secret(found)?;
    let end = value.as_str().trim_end_matches([',', '.', ';', ')', ':', '?']).len();
    let word = &value.as_str()[..end];
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let known = NAMES.contains(&word[..letters].to_ascii_lowercase().as_str());
    let odd = has_digit_and_letter(word) && !known || word.contains(['!', '@', '#', '$', '%', '^']);
    (odd && end >= 4 && !is_reference(word) && !word.contains("<redacted"))
        .then(|| value.start()..value.start() + end)
}
