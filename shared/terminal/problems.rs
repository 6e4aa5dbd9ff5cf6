//! A problem in a file, drawn with its line and a mark below the place.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::safe;
use crate::types::problem::{Place, Problem};

/// The problem over several lines, without a newline at the end.
pub fn rendered(problem: &Problem, coloured: bool) -> String {
    let message = safe::lines(&problem.message).into_owned();
    let file = safe::line(&problem.file).into_owned();
    let mut group = Group::with_title(Level::ERROR.primary_title(message)).element(snippet(
        &problem.place,
        &file,
        AnnotationKind::Primary,
        None,
    ));
    for (place, label) in &problem.also {
        group = group.element(snippet(place, &file, AnnotationKind::Context, Some(label)));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.with_name("hint").message(safe::lines(hint).into_owned()));
    }
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// One line with the mark below it. The library shows control characters of the source itself.
fn snippet<'a>(
    place: &'a Place,
    file: &'a str,
    kind: AnnotationKind,
    label: Option<&'a String>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let byte = |characters: usize| {
        place.excerpt.char_indices().nth(characters).map_or(place.excerpt.len(), |(byte, _)| byte)
    };
    let start = place.column - 1;
    let mark = kind.span(byte(start)..byte(start + place.length));
    let mark = match label {
        Some(label) => mark.label(label.as_str()),
        None => mark,
    };
    Snippet::source(place.excerpt.as_str()).line_start(place.line).path(file).annotation(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_line_column_and_hint() {
        let text = "schema = 1\ntitel = \"x\"\n";
        let problem = Problem::at("intents/x.toml", text, 11..16, "unknown key `titel` in the intent")
            .hint("did you mean `title`?")
            .also(text, 0..6, "this one is known");
        let shown = rendered(&problem, false);
        for part in
            ["error: unknown key `titel`", "--> intents/x.toml:2:1", "2 | titel", "^^^^^", "hint: did you"]
        {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'));
        assert!(rendered(&problem, true).contains('\u{1b}'));
    }

    #[test]
    fn control_characters_of_the_file_cannot_act() {
        let text = "a\u{1b}[2J = \u{202e}1";
        let problem = Problem::at("x\u{1b}.toml", text, 0..1, "bad \u{1b}[31m");
        let shown = rendered(&problem, false);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
    }
}
