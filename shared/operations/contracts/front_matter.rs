//! Front matter of a Markdown file: which keys of the top level say something.

use toml_edit::{DocumentMut, Item, Value};

/// What stands above the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front<'t> {
    None,
    /// Opened and never closed.
    Open,
    Yaml(&'t str),
    Toml(&'t str),
}

/// The front matter, and the text below it.
pub fn split(text: &str) -> (Front<'_>, &str) {
    let first = text.lines().next().unwrap_or_default().trim_end();
    if first != "---" && first != "+++" {
        return (Front::None, text);
    }
    let start = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let end = at + line.len();
        if line.trim_end() == first || first == "---" && line.trim_end() == "..." {
            let inner = &text[start..at];
            return (if first == "---" { Front::Yaml(inner) } else { Front::Toml(inner) }, &text[end..]);
        }
        at = end;
    }
    // A rule across the page looks the same.
    (if first == "---" { Front::None } else { Front::Open }, text)
}

/// What of `keys` is not there or says nothing, in words.
pub fn missing(front: Front, keys: &[String]) -> Vec<String> {
    let all = || keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let document: DocumentMut;
    let state: &dyn Fn(&str) -> Option<bool> = match front {
        Front::None => return vec![format!("no front matter, so no {}", all())],
        Front::Open => return vec![format!("the front matter does not end, so no {}", all())],
        Front::Yaml(text) => &|key| yaml(text, key),
        Front::Toml(text) => match text.parse::<DocumentMut>() {
            Ok(parsed) => {
                document = parsed;
                &|key| document.get(key).map(says_something)
            }
            Err(error) => {
                let why = error.message().lines().next().unwrap_or_default().to_owned();
                return vec![format!("the front matter is no TOML ({why}), so no {}", all())];
            }
        },
    };
    let wrong = keys.iter().filter_map(|key| match state(key) {
        Some(true) => None,
        Some(false) => Some(format!("front matter key `{key}` is empty")),
        None => Some(format!("no front matter key `{key}`")),
    });
    wrong.collect()
}

fn says_something(item: &Item) -> bool {
    match item {
        Item::Value(Value::String(text)) => !text.value().trim().is_empty(),
        Item::Value(Value::Array(array)) => !array.is_empty(),
        Item::Value(Value::InlineTable(table)) => !table.is_empty(),
        Item::Table(table) => !table.is_empty(),
        Item::None => false,
        _ => true,
    }
}

/// Whether a key of the top level has a value; `None` where there is no such key. Lines that begin
/// with it are read, and what is indented below; anchors, tags and flow mappings over lines are not.
fn yaml(text: &str, key: &str) -> Option<bool> {
    let mut lines = text.lines();
    let value = lines.by_ref().find_map(|line| {
        let rest = [key.to_owned(), format!("\"{key}\""), format!("'{key}'")]
            .iter()
            .find_map(|name| line.strip_prefix(name.as_str())?.trim_start_matches(' ').strip_prefix(':'))?;
        (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| without_comment(rest).trim())
    })?;
    let inline =
        !["", "|", ">", "|-", ">-", "|+", ">+", "~", "null", "\"\"", "''", "[]", "{}"].contains(&value);
    // A value may also stand below, indented, or as a list.
    let open = ["", "|", ">", "|-", ">-", "|+", ">+"].contains(&value);
    let below = || {
        let mut of_key = lines.take_while(|line| {
            line.trim().is_empty()
                || line.starts_with([' ', '\t', '#'])
                || *line == "-"
                || line.starts_with("- ")
        });
        of_key
            .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#') && line.trim() != "-")
    };
    Some(inline || open && below())
}

/// A comment begins at a `#` after a space.
fn without_comment(value: &str) -> &str {
    // Inside quotes it is a letter like any other.
    let quoted = value.trim_start();
    if let Some(quote) = quoted.chars().next().filter(|first| ['"', '\''].contains(first)) {
        let end = quoted[1..].find(quote).map(|end| end + 2);
        return match end {
            Some(2) if quoted[2..].trim_start().starts_with('#') => &quoted[..2],
            _ => value,
        };
    }
    let mut before = ' ';
    for (at, c) in value.char_indices() {
        if c == '#' && before.is_whitespace() {
            return &value[..at];
        }
        before = c;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str, keys: &[&str]) -> Vec<String> {
        missing(split(text).0, &keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn keys_of_yaml_must_say_something() {
        let text = "---\r\ntitle: A # b\nempty:   # later\nnone: ~\n\"quoted\": 'x'\ntags:\n  - a\nlist:\n- b\nblock: |\n  text\nbare: |\nblank: \"\" # later\nnested:\n  inner: 1\n---\n# H\n";
        assert!(wrong(text, &["title", "quoted", "tags", "list", "block", "nested"]).is_empty());
        assert_eq!(
            wrong(text, &["empty", "none", "bare", "blank", "inner", "titl"]),
            [
                "front matter key `empty` is empty",
                "front matter key `none` is empty",
                "front matter key `bare` is empty",
                "front matter key `blank` is empty",
                "no front matter key `inner`",
                "no front matter key `titl`",
            ]
        );
        assert_eq!(split(text).1, "# H\n");
    }

    #[test]
    fn keys_of_toml_are_read_by_a_toml_parser() {
        let text = "+++\ntitle = \"A\"\nempty = \" \"\ndate = 2026-11-22\n[extra]\nx = 1\n+++\ntext\n";
        assert!(wrong(text, &["title", "date", "extra"]).is_empty());
        assert_eq!(wrong(text, &["empty", "x"]).len(), 2);
        assert!(wrong("+++\ntitle = \n+++\n", &["title"])[0].contains("no TOML"));
        assert!(wrong("+++\ntitle = 1\n", &["title"])[0].contains("does not end"));
    }

    #[test]
    fn a_rule_is_no_front_matter() {
        assert_eq!(split("---\n\ntext\n").0, Front::None);
        assert_eq!(wrong("# A\n", &["a", "b"]), ["no front matter, so no `a`, `b`"]);
    }
}
