//! Names of intents, and ids of the entries inside them.

/// The file of this name in `intents/` holds the lessons.
pub const RESERVED: &str = "lessons";

/// Longest name: it becomes a branch, a folder and part of a socket's path.
pub const MAX_LENGTH: usize = 64;

/// Whether a slug is well formed; the error says what a slug is.
pub fn check_slug(slug: &str) -> Result<(), String> {
    if slug == RESERVED {
        return Err("`lessons` is reserved for intents/lessons.toml".to_owned());
    }
    let lawful = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = slug.starts_with('-') || slug.ends_with('-');
    if slug.is_empty() || ends || slug.len() > MAX_LENGTH || !slug.chars().all(lawful) {
        return Err(format!(
            "{slug:?} is no slug: lowercase letters, digits and hyphens between them, at most {MAX_LENGTH}"
        ));
    }
    Ok(())
}

/// Whether the id of a constraint, contract or acceptance check is well formed.
pub fn check_id(id: &str) -> Result<(), String> {
    let lawful = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let first = id.chars().next();
    if !first.is_some_and(|c| c.is_ascii_alphanumeric()) || id.len() > MAX_LENGTH || !id.chars().all(lawful) {
        return Err(format!(
            "{id:?} is no id: a letter or digit, then letters, digits, `-`, `_` and `.`, at most {MAX_LENGTH}"
        ));
    }
    Ok(())
}

/// The slug nearest to what was written, if anything is left of it.
pub fn suggest(text: &str) -> Option<String> {
    let mut slug = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= MAX_LENGTH {
            break;
        }
    }
    let slug = slug.trim_end_matches('-').to_owned();
    check_slug(&slug).is_ok().then_some(slug)
}

/// An id of the first few words of a text, if anything is left of them.
pub fn few_words(text: &str) -> Option<String> {
    let words = suggest(text)?;
    let words: Vec<&str> = words.split('-').take(5).collect();
    Some(words.join("-")).filter(|id| check_id(id).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lowercase_letters_digits_and_hyphens() {
        for good in ["csv2json", "a", "no-partial-output", "7"] {
            assert_eq!(check_slug(good), Ok(()));
        }
        for bad in ["", "lessons", "A", "a_b", "-a", "a-", "a/b", "..", "ä", &"x".repeat(65)] {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_slug_is_suggested_from_any_words() {
        assert_eq!(suggest("CSV to JSON!").as_deref(), Some("csv-to-json"));
        assert_eq!(suggest("Lessons"), None);
        assert_eq!(suggest("¿?"), None);
    }
}
