//! The difference between kept lines and those of today, as contracts show it.

use similar::TextDiff;

use crate::operations::checking::first_lines;

/// How many lines of a difference are shown.
const SHOWN_LINES: usize = 60;

/// A unified difference from what is kept to what is there now; says how much was left out.
pub fn of_lines(kept: &str, now: &str, kept_name: &str, now_name: &str) -> String {
    let diff = TextDiff::from_lines(kept, now);
    shown(&diff.unified_diff().context_radius(3).header(kept_name, now_name).to_string())
}

/// As much of a long text as a contract shows.
pub fn shown(text: &str) -> String {
    first_lines(text, SHOWN_LINES)
}

/// Line ends as `\n`, no trailing space, one line end at the end.
pub fn tidied(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n");
    match text.trim_end() {
        "" => String::new(),
        text => format!("{text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trailing_space_and_line_ends_are_forgiven() {
        assert_eq!(tidied("a  \r\n b\n\n\n"), "a\n b\n");
        assert_eq!(tidied(" \n"), "");
        let shown = of_lines("a\nb\n", "a\nc\n", "kept", "now");
        assert!(shown.contains("--- kept\n+++ now") && shown.contains("-b\n+c"), "{shown}");
    }
}
