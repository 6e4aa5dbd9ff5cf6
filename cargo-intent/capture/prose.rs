//! Plain or dictated text: the first sentence is the outcome, the others go where their words say.

use std::ops::Range;

use super::draft::Draft;
use super::source::sentences;
use super::words::is_ears;

pub fn read(draft: &mut Draft) {
    let mut first = true;
    for paragraph in paragraphs(draft.text) {
        let mut rest = paragraph;
        if first && let Some(sentence) = sentences(draft.text, rest.clone()).into_iter().next() {
            // What is said of a case in the first sentence is checked as well.
            if !is_ears(&draft.words(&sentence)) {
                rest.start = sentence.end;
            }
            draft.outcome = Some(sentence);
            first = false;
        }
        draft.paragraph(rest);
    }
}

/// Runs of lines with no blank one between.
fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut at, mut open) = (0, false);
    for line in text.split_inclusive('\n') {
        let place = at..at + line.len();
        at = place.end;
        let blank = line.trim().is_empty();
        match found.last_mut().filter(|_| open && !blank) {
            Some(last) => last.end = place.end,
            None if !blank => found.push(place),
            None => {}
        }
        open = !blank;
    }
    found
}
