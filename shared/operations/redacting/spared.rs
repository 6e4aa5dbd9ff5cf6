//! What a detector's pattern matches and is no secret after all: types, prose, code, names.

use regex::Captures;

pub fn never(_: &Captures) -> bool {
    false
}

/// The group that is replaced; patterns with several alternatives number theirs `t` and `u`.
pub fn secret<'t>(found: &Captures<'t>) -> Option<regex::Match<'t>> {
    ["s", "t", "u"].iter().find_map(|name| found.name(name)).or_else(|| found.get(0))
}

fn value<'t>(found: &Captures<'t>) -> &'t str {
    secret(found).map_or("", |found| found.as_str())
}

/// Nothing, a type, a reference to a value that stands elsewhere.
pub fn is_no_value(found: &Captures) -> bool {
    const WORDS: &[&str] = &[
        "none",
        "null",
        "nil",
        "true",
        "false",
        "string",
        "str",
        "bytes",
        "option",
        "undefined",
        "required",
        "optional",
        "missing",
        "empty",
        "expected",
        "invalid",
        "unknown",
        "redacted",
        "basic",
        "bearer",
    ];
    let value = value(found);
    let reference =
        value.starts_with(['$', '&', '<', '{', '*', '[', '(', '%']) || value.contains("<redacted:");
    reference || WORDS.contains(&value.to_ascii_lowercase().as_str())
}

/// After a colon inside a sentence, a lone word of small letters with more words behind it is prose;
/// with spaces around the sign, calls, paths and statements are code.
pub fn is_prose_or_code(found: &Captures) -> bool {
    let value = value(found);
    let by = found.name("by").map_or("", |by| by.as_str());
    let after = found.name("after").map_or("", |after| after.as_str());
    let tight = by == "=";
    let code =
        value.contains('(') || value.contains("::") || value.contains('<') || after.starts_with([';', '?']);
    let word = value.bytes().all(|byte| byte.is_ascii_lowercase() || b".`_-".contains(&byte));
    let prose = by.contains(':') && word && !after.trim().is_empty();
    let quoted = value.starts_with('`') || (by.contains(':') && value.starts_with([':', '/']));
    is_no_value(found) || (!tight && (code || prose || quoted))
}

/// "bearer of", "Basic authentication": a word of one case without digits is no credential.
pub fn is_one_word(found: &Captures) -> bool {
    let value = value(found);
    let tail = value.get(1..).unwrap_or_default();
    let mixed = tail.bytes().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'=');
    !mixed || is_no_value(found)
}

/// `?code=404`, `&key=12`.
pub fn is_small_number(found: &Captures) -> bool {
    let value = value(found);
    (value.len() <= 4 && value.bytes().all(|byte| byte.is_ascii_digit())) || is_no_value(found)
}

/// `sk-learn-pipeline-for-beginners` is a name: a key has digits and hardly a dash.
pub fn reads_like_a_name(found: &Captures) -> bool {
    let value = value(found);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits < 2 || value.split(['-', '_']).skip(1).all(|part| part.len() < 12)
}

/// `git@github.com`, `icon@2x.png`, `getty@tty1.service`.
pub fn is_no_mailbox(found: &Captures) -> bool {
    const FILES: &[&str] =
        &["png", "jpg", "jpeg", "gif", "svg", "webp", "rs", "js", "ts", "service", "socket", "toml"];
    let tld = found.name("tld").map_or("", |tld| tld.as_str());
    FILES.contains(&tld) || found[0].starts_with("git@")
}

/// A route such as `GET /home/page` is no home.
pub fn is_no_home(found: &Captures) -> bool {
    found.name("verb").is_some() || value(found) == "/Users/Shared"
}
