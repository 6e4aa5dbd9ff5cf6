//! The raw text: its sentences, its words without markup, and what of it found no place.

use std::ops::Range;

use super::words;

/// The words of a piece of text on one line: white space collapsed, the marks of strong emphasis
/// taken off outside code spans. Nothing else is altered.
pub fn plain(text: &str) -> String {
    let collapsed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !collapsed.contains("**") {
        return collapsed;
    }
    let parts = collapsed.split('`').enumerate();
    let parts: Vec<String> = parts
        .map(|(place, part)| if place % 2 == 1 { part.to_owned() } else { without_strong(part) })
        .collect();
    parts.join("`")
}

/// `**` goes where it leans on the edge of a word, as it must to mean emphasis.
fn without_strong(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("**") {
        let before = kept_last(&kept, &rest[..at]);
        let after = rest[at + 2..].chars().next();
        kept.push_str(&rest[..at]);
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '*');
        let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        if (word(before) && word(after)) || (space(before) && space(after)) {
            kept.push_str("**");
        }
        rest = &rest[at + 2..];
    }
    kept + rest
}

fn kept_last(kept: &str, next: &str) -> Option<char> {
    next.chars().next_back().or_else(|| kept.chars().next_back())
}

/// Abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 8] = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "no.", "resp."];

/// The sentences of a paragraph, as ranges of `text`. A full stop inside a code span, after an
/// abbreviation, or before a small letter ends nothing. A line that begins a sentence in the manner of
/// EARS begins one without any full stop before it.
pub fn sentences(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at, mut in_code) = (within.start, within.start, false);
    for line in text[within.clone()].split_inclusive('\n') {
        if !in_code && begins_anew(&text[start..at], line) {
            found.extend(punctuated(text, start..at));
            start = at;
        }
        in_code ^= line.matches('`').count() % 2 == 1;
        at += line.len();
    }
    found.extend(punctuated(text, start..within.end));
    found
}

/// How far back the sentence before a line is looked for, in bytes.
const LOOKED_BACK: usize = 500;

/// Whether `line` is a sentence of its own behind `before`, which belongs to one paragraph with it.
fn begins_anew(before: &str, line: &str) -> bool {
    let words = plain(line);
    let candidate = words.starts_with(char::is_uppercase) && !before.trim().is_empty();
    if !candidate || !(words::is_ears(&words) || words::is_condition(&words)) {
        return false;
    }
    let least = before.len().saturating_sub(LOOKED_BACK);
    let from = (least..before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(before.len());
    let last = punctuated(before, from..before.len()).pop().map(|range| plain(&before[range]));
    let last = last.unwrap_or_default();
    // `WHEN …` alone waits for its `THE … SHALL …`.
    let waits = words::is_condition(&last) && !words::is_ears(&last) && !last.ends_with(['.', '!', '?']);
    !waits && (words::is_ears(&words) || words::is_ears(&last))
}

fn punctuated(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let part = &text[within.clone()];
    let mut found = Vec::new();
    let (mut start, mut in_code) = (0, false);
    for (at, c) in part.char_indices() {
        if c == '`' {
            in_code = !in_code;
        }
        if in_code || !matches!(c, '.' | '!' | '?') || !ends_here(part, at) {
            continue;
        }
        let close = part[at + 1..].find(|c: char| !matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '*'));
        let end = close.map_or(part.len(), |close| at + 1 + close);
        push(&mut found, part, start..end, within.start);
        start = end;
    }
    push(&mut found, part, start..part.len(), within.start);
    found
}

fn ends_here(part: &str, at: usize) -> bool {
    let word = part[..=at].rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    if ABBREVIATIONS.contains(&word.trim_start_matches(['(', '"'])) {
        return false;
    }
    let after = part[at + 1..].trim_start_matches(['"', '\'', '”', '’', ')', ']', '*']);
    match after.chars().next() {
        None => true,
        Some(c) if c.is_whitespace() => after.trim_start().chars().next().is_none_or(|c| !c.is_lowercase()),
        Some(_) => false,
    }
}

fn push(found: &mut Vec<Range<usize>>, part: &str, range: Range<usize>, offset: usize) {
    let piece = &part[range.clone()];
    let trimmed = piece.trim();
    if !trimmed.is_empty() {
        let start = range.start + (piece.len() - piece.trim_start().len());
        found.push(offset + start..offset + start + trimmed.len());
    }
}

/// What was not taken, line by line, in the order of the source. An untouched line stays as it is
/// written; of a line taken in part, what is left; bare markup around what was taken goes.
pub fn left_over(text: &str, taken: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut gap = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let place = at..at + line.len();
        at = place.end;
        match of_line(text, place, taken) {
            Some(rest) => {
                if gap && !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(&rest);
                out.push('\n');
                gap = false;
            }
            // A blank line, and a line that went elsewhere, part what stood above from what follows.
            None => gap = true,
        }
    }
    out.trim_end().to_owned()
}

fn of_line(text: &str, line: Range<usize>, taken: &[Range<usize>]) -> Option<String> {
    let whole = text[line.clone()].trim_end();
    let touching: Vec<&Range<usize>> =
        taken.iter().filter(|range| range.start < line.end && range.end > line.start).collect();
    if whole.trim().is_empty() {
        return None;
    }
    if touching.is_empty() {
        return Some(whole.to_owned());
    }
    let mut rest = String::new();
    for (at, c) in text[line.clone()].char_indices() {
        let place = line.start + at;
        if !touching.iter().any(|range| range.contains(&place)) {
            rest.push(c);
        }
    }
    let rest = rest.trim();
    let body = rest.trim_start_matches(is_marker);
    // The number of a list's line is its mark; any other word is somebody's.
    let numbered = body.trim_start_matches(|c: char| c.is_ascii_digit());
    let bare = numbered.trim_matches(|c: char| is_marker(c) || matches!(c, '.' | ')' | ' ' | 'x' | 'X'));
    if bare.is_empty() && !rest.contains(['{', '}']) { None } else { Some(rest.to_owned()) }
}

fn is_marker(c: char) -> bool {
    c.is_whitespace() || matches!(c, '#' | '-' | '*' | '+' | '>' | '[' | ']' | '_' | '`' | '~')
}

/// Words of a format's grammar, of which a key of the intent says the same.
const GRAMMAR: [&str; 9] = [
    "requirement:",
    "scenario:",
    "scenario outline:",
    "scenario template:",
    "example:",
    "feature:",
    "feature specification:",
    "rule:",
    "input: user description:",
];

/// Lines of the text with words that stand in none of the values, whatever their case and layout.
pub fn lost<'t>(text: &'t str, values: &[String], carried: &[&str]) -> Vec<&'t str> {
    // The marks of emphasis count for nothing here: whether they are marks depends on what is around.
    let bare = |text: &str| plain(&text.replace("**", "")).to_lowercase();
    let values: Vec<String> = values.iter().map(|value| bare(value)).collect();
    let found = |piece: &str| piece.is_empty() || values.iter().any(|value| value.contains(piece));
    let kept = |line: &&str| {
        let words = bare(line);
        let bare = words.trim_matches(is_marker);
        let bare = bare.strip_prefix("x] ").unwrap_or(bare);
        let number = bare.split_once(". ").filter(|(number, _)| number.chars().all(|c| c.is_ascii_digit()));
        let bare = number.map_or(bare, |(_, rest)| rest);
        let said = GRAMMAR.iter().find_map(|word| bare.strip_prefix(word)).unwrap_or(bare).trim();
        let pieces = said.split_inclusive(['.', '!', '?']).map(|piece| piece.trim_matches(is_marker));
        let heading = said.trim_end_matches(':');
        found(&words) || carried.contains(&heading) || pieces.clone().all(found)
    };
    let fence = |line: &&str| line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
    text.lines().filter(|line| !fence(line) && !kept(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text, 0..text.len()).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_sentence_ends_where_one_does() {
        assert_eq!(split("One. Two!  \"Three?\" Four"), ["One.", "Two!", "\"Three?\"", "Four"]);
        assert_eq!(
            split("See e.g. Berlin. Use 1.5 or a.txt now."),
            ["See e.g. Berlin.", "Use 1.5 or a.txt now."]
        );
        assert_eq!(split("Run `a. B` then. Go"), ["Run `a. B` then.", "Go"]);
        assert_eq!(split("no end"), ["no end"]);
        assert!(split(" \n ").is_empty());
    }

    #[test]
    fn each_ears_line_is_a_sentence_without_full_stops() {
        let told = "Sort the notes\nWHEN a note is bad THE tool SHALL name it\nWHILE offline\nWHEN one comes\n\
             THE tool SHALL queue it,\nin order\nThe tool shall be quiet";
        let wanted = [
            "Sort the notes",
            "WHEN a note is bad THE tool SHALL name it",
            "WHILE offline\nWHEN one comes\nTHE tool SHALL queue it,\nin order",
            "The tool shall be quiet",
        ];
        assert_eq!(split(told), wanted);
        let wrapped = "It is told at once\nwhen the disk shall be full. See `a\nWHEN b THE c SHALL d` there";
        assert_eq!(split(wrapped).len(), 2, "{:?}", split(wrapped));
    }

    #[test]
    fn only_emphasis_is_taken_off() {
        assert_eq!(plain("**WHEN**  x\n y"), "WHEN x y");
        assert_eq!(plain("2**3 and `**kw`"), "2**3 and `**kw`");
        assert_eq!(plain("__init__ stays"), "__init__ stays");
    }

    #[test]
    fn what_is_left_keeps_its_lines_and_loses_bare_markup() {
        let text = "# Head\n\n- taken\n- kept: yes\n\n    code {\n    }\n";
        let from = text.find("taken").unwrap();
        assert_eq!(left_over(text, &[from..from + 5, 0..0]), "# Head\n\n- kept: yes\n\n    code {\n    }");
        let head = text.find("Head").unwrap();
        assert_eq!(left_over(text, &[head..head + 4, 0..0]).lines().next(), Some("- taken"));
    }
}
