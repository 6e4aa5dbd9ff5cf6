//! What a detector's pattern matches and is no secret after all: types, references, code, names.

use regex::Captures;

/// The group that is replaced; patterns with several alternatives name theirs `t` to `x`.
pub fn secret<'t>(found: &Captures<'t>) -> Option<regex::Match<'t>> {
    ["s", "t", "u", "v", "w", "x"].iter().find_map(|name| found.name(name)).or_else(|| found.get(0))
}

fn value<'t>(found: &Captures<'t>) -> &'t str {
    secret(found).map_or("", |found| found.as_str())
}

/// Nothing, a type, a reference to a value that stands elsewhere.
pub fn is_no_value(found: &Captures) -> bool {
    let value = value(found);
    is_reference(value) || is_no_value_word(value)
}

/// The same of a header with several parameters: one of them may have been replaced already.
pub fn is_no_credential(found: &Captures) -> bool {
    let value = value(found);
    let several = value.contains("<redacted:") && value.contains(", ") && value.contains('=');
    !several && (is_no_value(found) || value.starts_with("Option<"))
}

pub fn is_no_value_word(value: &str) -> bool {
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
        "yes",
        "no",
        "text",
        "password",
        "passwords",
        "secret",
        "token",
        "default",
        "hidden",
        "masked",
        "filtered",
        "wrong",
        "any",
        "number",
        "boolean",
        "object",
        "varchar",
        "char",
        "vec",
        "changed",
        "unset",
        "ok",
        "eof",
        "ident",
        "identifier",
        "credential",
        "credentials",
        "include",
        "omit",
        "same-origin",
        "!vault",
        "!secret",
        "!ref",
        "!sub",
        "inherit",
    ];
    WORDS.contains(&value.to_ascii_lowercase().as_str())
}

/// `$DB_PASSWORD`, `${{ secrets.DB }}`, `$(cat x)`, `%s`, `{}`, `<password>`, `****`, `[filtered]`,
/// `&str`: what stands for a value, and none itself.
pub fn is_reference(value: &str) -> bool {
    let all = |text: &str, fits: fn(u8) -> bool| !text.is_empty() && text.bytes().all(fits);
    let name = |text: &str| {
        all(text, |b| b.is_ascii_alphabetic() || b == b'_')
            || all(text, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let variable = value.strip_prefix('$').is_some_and(|rest| {
        rest.starts_with(['{', '(']) || name(rest.trim_end_matches([';', '"', ')'])) || rest.contains("->")
    });
    let percent = value.strip_prefix('%').is_some_and(|rest| {
        matches!(rest, "s" | "d" | "v" | "q" | "+v" | "(s" | "r") || rest.strip_suffix('%').is_some_and(name)
    });
    let braces = value.starts_with("{{") || value.starts_with('{') && value.ends_with('}');
    let angle = value.starts_with('<') && !value[1..].contains(|c: char| c.is_ascii_digit());
    let bracket = value.starts_with('[') || value.starts_with('(');
    let masked = all(value, |byte| b"*.xX#-_ ".contains(&byte)) && !value.trim().is_empty();
    let borrowed = value
        .strip_prefix('&')
        .is_some_and(|rest| rest.starts_with('\'') || name(rest) || rest.starts_with('['));
    let pointer = value.starts_with("*const") || value.starts_with("*mut");
    value.contains("<redacted:")
        || variable
        || percent
        || braces
        || angle
        || bracket
        || masked
        || borrowed
        || pointer
        || value == "{"
}

pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

pub fn has_digit_and_letter(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().any(|byte| byte.is_ascii_alphabetic())
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

/// `sk-learn-pipeline-for-beginners` and `task-…` are names: a key has digits and hardly a dash.
pub fn reads_like_a_name(found: &Captures) -> bool {
    let value = value(found);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits < 2 || value.split(['-', '_']).skip(1).all(|part| part.len() < 12)
}

/// `git@github.com`, `icon@2x.png`, `getty@tty1.service`, `this@Outer.field`.
pub fn is_no_mailbox(found: &Captures) -> bool {
    const FILES: &[&str] = &[
        "png", "jpg", "jpeg", "gif", "svg", "webp", "rs", "js", "mjs", "cjs", "ts", "tsx", "jsx", "json",
        "css", "html", "service", "socket", "timer", "target", "mount", "slice", "device", "toml", "lock",
        "tgz", "zip",
    ];
    const LOCAL: &[&str] = &["git", "this", "super", "return", "break", "continue"];
    let tld = found.name("tld").map_or("", |tld| tld.as_str());
    let local = found[0].split('@').next().unwrap_or("");
    FILES.contains(&tld) || LOCAL.contains(&local)
}

/// A route such as `GET /home/page` or `/home/index.html` is no home.
pub fn is_no_home(found: &Captures) -> bool {
    const PAGES: &[&str] = &[".html", ".htm", ".php", ".js", ".css", ".json", ".rs", ".ts", ".tsx", ".vue"];
    let value = value(found);
    found.name("verb").is_some() || value == "/Users/Shared" || PAGES.iter().any(|page| value.ends_with(page))
}
