//! `markdown`: the sections and front matter that files of a glob must have.
//!
//! A section is the text of a heading, of any level. Written with its marks (`## Install`) it must
//! have that level, and lie below the nearest earlier section of the list with fewer marks: the list
//! reads as the outline it asks for. Front matter is TOML between `+++` lines, or YAML between `---`
//! lines, of which only the keys of the top level are looked at.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Answer, Ground, front_matter};
use crate::types::toml::nearest;

/// A heading, below those it lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heading {
    level: usize,
    text: String,
    above: Vec<(usize, String)>,
}

/// A section as the intent asks for it.
struct Wanted<'w> {
    given: &'w str,
    text: String,
    /// `None`: any.
    level: Option<usize>,
    below: Vec<(usize, String)>,
}

pub fn answer(ground: &Ground, glob: &str, sections: &[String], keys: &[String]) -> Answer {
    if sections.is_empty() && keys.is_empty() {
        return Answer::unverified("asks for nothing: add `sections` or `front-matter`");
    }
    let files = match ground.files_of(glob) {
        Ok(files) => files,
        Err(answer) => return answer,
    };
    let wanted = outline(sections);
    let (mut lacking, mut unread) = (Vec::new(), Vec::new());
    for path in files.iter() {
        let text = match ground.read_matched(path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                unread.push(format!("{path} is not UTF-8"));
                continue;
            }
            Err(Answer::Drift { reason, .. }) => {
                lacking.push(reason);
                continue;
            }
            Err(Answer::Unverified { reason, .. }) => {
                unread.push(reason);
                continue;
            }
            Err(Answer::Holds(_)) => continue,
        };
        let missing = missing(&text, &wanted, keys);
        if !missing.is_empty() {
            lacking.push(format!("{path}: {}", missing.join("; ")));
        }
    }
    let count = lacking.len();
    let detail = [lacking, unread.clone()].concat().join("\n");
    if count > 0 {
        return Answer::drift(format!("{count} of {} files lack what they must have", files.len()))
            .detail(super::difference::shown(&detail));
    }
    match unread.first() {
        Some(first) => Answer::unverified(first).detail(detail),
        None => Answer::holds(),
    }
}

fn outline(sections: &[String]) -> Vec<Wanted<'_>> {
    let mut stack: Vec<(usize, String)> = Vec::new();
    let mut wanted = Vec::new();
    for given in sections {
        let marks = given.chars().take_while(|c| *c == '#').count();
        let rest = &given[marks..];
        let level = (1..=6).contains(&marks).then_some(marks).filter(|_| rest.starts_with(' '));
        let text = words(if level.is_some() { rest } else { given });
        let mut below = Vec::new();
        if let Some(level) = level {
            stack.retain(|(other, _)| *other < level);
            below.clone_from(&stack);
            stack.push((level, text.clone()));
        }
        wanted.push(Wanted { given, text, level, below });
    }
    wanted
}

/// What a file lacks, in words.
fn missing(text: &str, wanted: &[Wanted], keys: &[String]) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (front, body) = front_matter::split(text);
    let headings = headings(body);
    let mut missing: Vec<String> = wanted
        .iter()
        .filter(|wanted| !has(&headings, wanted))
        .map(|wanted| lack(&headings, wanted))
        .collect();
    if !keys.is_empty() {
        missing.extend(front_matter::missing(front, keys));
    }
    missing
}

fn has(headings: &[Heading], wanted: &Wanted) -> bool {
    headings.iter().any(|heading| {
        heading.text == wanted.text
            && wanted.level.is_none_or(|level| heading.level == level)
            && wanted.below.iter().all(|above| heading.above.contains(above))
    })
}

fn lack(headings: &[Heading], wanted: &Wanted) -> String {
    let lacks = format!("no section {:?}", wanted.given);
    if let Some(other) = headings.iter().find(|heading| heading.text == wanted.text) {
        return match wanted.below.last() {
            Some((_, above)) if wanted.level == Some(other.level) => format!("{lacks} below {above:?}"),
            _ => format!("{lacks} (there it has level {})", other.level),
        };
    }
    match nearest(&wanted.text, headings.iter().map(|heading| heading.text.as_str())) {
        Some(near) => format!("{lacks} (nearest: {near:?})"),
        None => lacks,
    }
}

/// One space where there is any.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn headings(text: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut above: Vec<(usize, String)> = Vec::new();
    let mut open: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Heading { .. }) => open = Some(String::new()),
            Event::End(TagEnd::Heading(level)) => {
                let (level, text) = (number(level), words(&open.take().unwrap_or_default()));
                above.retain(|(other, _)| *other < level);
                found.push(Heading { level, text: text.clone(), above: above.clone() });
                above.push((level, text));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(open) = &mut open {
                    open.push_str(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(open) = &mut open {
                    open.push(' ');
                }
            }
            _ => {}
        }
    }
    found
}

fn number(level: HeadingLevel) -> usize {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks(text: &str, sections: &[&str], keys: &[&str]) -> Vec<String> {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        missing(text, &outline(&owned(sections)), &owned(keys))
    }

    const TEXT: &str = "---\ntitle: A `guide`\n---\n# Guide\n\n## Install *now*\n\n### From source\n\nUsage\n-----\n\n```\n# not a heading\n```\n";

    #[test]
    fn sections_are_headings_of_any_level_or_of_the_one_given() {
        assert!(lacks(TEXT, &["Usage", "Install now", "From source"], &[]).is_empty());
        assert!(lacks(TEXT, &["# Guide", "## Install now", "### From source", "## Usage"], &[]).is_empty());
        assert_eq!(lacks(TEXT, &["not a heading"], &[]), ["no section \"not a heading\""]);
        assert_eq!(lacks(TEXT, &["Usages"], &[]), ["no section \"Usages\" (nearest: \"Usage\")"]);
        assert_eq!(lacks(TEXT, &["### Usage"], &[]), ["no section \"### Usage\" (there it has level 2)"]);
    }

    #[test]
    fn a_section_with_marks_lies_where_the_list_says() {
        let wrong = lacks(TEXT, &["## Usage", "### From source"], &[]);
        assert_eq!(wrong, ["no section \"### From source\" below \"Usage\""]);
        assert!(lacks(TEXT, &["#hash"], &[])[0].contains("#hash"), "marks need a space, as in Markdown");
    }

    #[test]
    fn sections_and_keys_are_both_asked_for() {
        let all = lacks("# A\n", &["B"], &["title"]);
        assert_eq!(all, ["no section \"B\"", "no front matter, so no `title`"]);
        assert!(lacks(TEXT, &[], &["title"]).is_empty());
    }
}
