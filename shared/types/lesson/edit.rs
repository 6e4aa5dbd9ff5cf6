//! Edits of the lessons file that keep everything else as the person wrote it.

use super::{FILE, Kind, Lesson, Rule, SCHEMA};
use crate::types::problem::Problems;
use crate::types::toml::{add_table, decode, document, free_id, quoted, set_in_table};

/// The file with one more lesson, and the id the lesson got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    pub text: String,
    pub id: String,
}

/// What the file begins with.
pub fn fresh() -> String {
    format!("schema = {SCHEMA}\n")
}

/// Add a lesson after the last one. An id already taken gets a number.
pub fn add(text: &str, new: &Lesson) -> Result<Added, Problems> {
    let body = decode(FILE, text.as_bytes())?;
    let document = document(FILE, body)?;
    let id = free_id(document.as_table().get("lesson"), &new.id);
    Ok(Added { text: add_table(FILE, text, "lesson", &entries(&id, new))?, id })
}

/// Make a rule of the lesson with this id.
pub fn promote(text: &str, id: &str, rule: &Rule) -> Result<String, Problems> {
    let mut lines = vec![("kind", quoted("rule"))];
    lines.extend(of_rule(rule));
    set_in_table(FILE, text, "lesson", id, &lines)
}

fn entries(id: &str, new: &Lesson) -> Vec<(&'static str, String)> {
    let mut lines = vec![("id", quoted(id)), ("kind", quoted(new.kind.word())), ("text", quoted(&new.text))];
    if let Some(origin) = &new.origin {
        lines.push(("origin", quoted(origin)));
    }
    lines.push(("count", new.count.to_string()));
    if !new.scope.is_empty() {
        lines.push(("scope", list(&new.scope)));
    }
    match &new.kind {
        Kind::Fragment => {}
        Kind::Template { path } => lines.push(("path", quoted(path))),
        Kind::Rule(rule) => lines.extend(of_rule(rule)),
    }
    lines
}

fn of_rule(rule: &Rule) -> Vec<(&'static str, String)> {
    let mut lines = vec![("pattern", literal(&rule.pattern)), ("paths", list(&rule.paths))];
    if let Some(message) = &rule.message {
        lines.push(("message", quoted(message)));
    }
    lines.extend([("bad", list(&rule.bad)), ("good", list(&rule.good))]);
    lines
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A pattern is easier to read without doubled backslashes.
fn literal(text: &str) -> String {
    let plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if plain { format!("'{text}'") } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::lesson::parse::parse;

    fn fragment(id: &str) -> Lesson {
        Lesson {
            id: id.into(),
            text: "Short \"sentences\"".into(),
            kind: Kind::Fragment,
            origin: Some("fb-1".into()),
            count: 2,
            scope: vec!["docs/**".into()],
        }
    }

    fn rule() -> Rule {
        Rule {
            pattern: r"very\b".into(),
            paths: vec!["docs/**/*.md".into()],
            message: None,
            bad: vec!["very good\nthing".into()],
            good: vec!["good".into()],
        }
    }

    #[test]
    fn what_is_added_reads_back_and_the_rest_stays() {
        let before = "\u{feff}schema = 1 # first\r\n\r\n[[lesson]]\r\nid = \"a\"   # mine\r\nkind = \"fragment\"\r\ntext = \"t\"\r\n# the end\r\n";
        let added = add(before, &fragment("a")).unwrap();
        assert_eq!(added.id, "a-2");
        assert!(added.text.starts_with(before) && !added.text.replace("\r\n", "").contains('\n'));
        let lessons = parse(added.text.as_bytes()).unwrap();
        assert_eq!(lessons[1], Lesson { id: "a-2".into(), ..fragment("a") });
        let first = add(&fresh(), &Lesson { kind: Kind::Rule(rule()), ..fragment("b") }).unwrap();
        assert_eq!(parse(first.text.as_bytes()).unwrap()[0].kind, Kind::Rule(rule()));
    }

    #[test]
    fn a_fragment_becomes_a_rule_in_its_place() {
        for before in [
            "schema = 1\n[[lesson]]\nid = \"a\"\nkind = \"fragment\" # soon more\ntext = \"t\" # why\n# about b\n[[lesson]]\nid = \"b\"\nkind = \"fragment\"\ntext = \"u\"",
            "schema = 1\nlesson = [\n  { id = \"a\", kind = \"fragment\", text = \"t\" }, # why\n  { id = \"b\", kind = \"fragment\", text = \"u\" },\n]\n",
        ] {
            for id in ["a", "b"] {
                let after = promote(before, id, &rule()).unwrap();
                let lessons =
                    parse(after.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}\n{after}"));
                let found = lessons.iter().find(|lesson| lesson.id == id).unwrap();
                assert_eq!(found.kind, Kind::Rule(rule()), "{after}");
                assert_eq!(lessons.iter().filter(|l| l.kind == Kind::Fragment).count(), 1);
                assert!(after.contains("# why"), "{after}");
            }
        }
        assert!(promote("schema = 1\n", "a", &rule()).unwrap_err().to_string().contains("no [[lesson]]"));
    }
}
