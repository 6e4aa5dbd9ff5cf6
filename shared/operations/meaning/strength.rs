//! What is weaker or stronger beyond doubt; everything else is only changed.

use super::Strength::{self, Stronger, Weaker};
use super::parts::{Field, Fields, Parts};
use super::{Part, body};

/// A strength, and why.
pub type Found = Option<(Strength, &'static str)>;

/// The keys of which a check has exactly one.
pub const ANCHORS: [&str; 6] = ["test", "run", "fixtures", "http", "signal", "inspect"];

/// Which anchor a check has, with what it says.
pub fn anchor<'f>(fields: &'f Fields) -> Option<(&'static str, &'f str)> {
    ANCHORS.iter().find_map(|key| Some((*key, fields.get(*key)?.text()?)))
}

/// A part that is gone.
pub fn removed(part: Part, name: &str, gone: &Fields, old: &Parts, new: &Parts) -> Found {
    // What asks the same under another name may ask more of it.
    let come = |alike: &dyn Fn(&Fields) -> bool| {
        new.iter().any(|(key, fields)| key.0 == part && !old.contains_key(key) && alike(fields))
    };
    match part {
        Part::Check => {
            let (anchor_kind, _) = anchor(gone)?;
            if come(&|fields| anchor(fields) == anchor(gone)) {
                return None;
            }
            // Its case goes to the check that runs all the others.
            let hands_over = gone.contains_key("case") && checks(new).any(runs_every_case);
            (anchor_kind != "fixtures" || !hands_over).then_some((Weaker, "the check is gone"))
        }
        Part::Constraint if come(&|fields| fields.get("text") == gone.get("text")) => None,
        Part::Constraint => Some((Weaker, "the constraint is gone")),
        Part::Contract if come(&|fields| fields.get("kind") == gone.get("kind")) => None,
        Part::Contract => Some((Weaker, "the contract is gone")),
        Part::Fixture => {
            let decided = gone.keys().any(|file| is_expected(file)) && runs_case(old, name);
            let named = checks(new).any(|fields| text(fields, "case") == Some(name));
            let elsewhere = come(&|fields| input(fields) == input(gone));
            (decided && !named && !elsewhere).then_some((Weaker, "the case is gone"))
        }
        _ => None,
    }
}

/// A part that came.
pub fn added(part: Part, name: &str, come: &Fields, new: &Parts) -> Found {
    match part {
        // A check that takes a case for itself takes it from another.
        Part::Check if anchor(come).is_none() || come.contains_key("case") => None,
        Part::Check => Some((Stronger, "one more check")),
        Part::Constraint => Some((Stronger, "one more constraint")),
        Part::Contract => Some((Stronger, "one more contract")),
        Part::Fixture => {
            let decides = come.keys().any(|file| is_expected(file)) && runs_case(new, name);
            decides.then_some((Stronger, "one more case"))
        }
        _ => None,
    }
}

/// One key of a part that stands on both sides.
pub fn key(
    part: Part,
    name: &str,
    key: &str,
    (old, new): (&Fields, &Fields),
    (old_parts, _): (&Parts, &Parts),
) -> Found {
    let (from, to) = (text(old, key), text(new, key));
    match (part, key) {
        (Part::Constraint, "check") if to.is_none() => Some((Weaker, "no check holds it up")),
        (Part::Contract, "examples") => {
            come_or_gone(from, to, "no examples must satisfy it", "examples must satisfy it")
        }
        (Part::Fixture, file) if is_expected(file) && runs_case(old_parts, name) => {
            let left = new.keys().any(|file| is_expected(file));
            (to.is_none() && !left).then_some((Weaker, "nothing is expected of the case any more"))
        }
        (Part::Check, "red") => match (from, to) {
            (_, Some("none")) => Some((Weaker, "it need not be red before")),
            (Some("none"), _) => Some((Stronger, "it must be red before")),
            _ => None,
        },
        (Part::Check, key) if key.starts_with("mutant/") => {
            come_or_gone(from, to, "no mutant must turn it red", "a mutant must turn it red")
        }
        (Part::Check, key) if body::file_of(key).is_some() && same_test(old, new) => {
            body::strength(from?, to?)
        }
        (Part::Check, _) if asks_the_same(old, new) => demand(key, from, to, old_parts),
        _ => None,
    }
}

/// A list as a whole.
pub fn list(part: Part, key: &str, old: &[String], new: &[String]) -> Found {
    let within = |some: &[String], all: &[String]| some.iter().all(|text| all.contains(text));
    match (part, key) {
        (Part::Scope, "write") => match (old.is_empty(), new.is_empty()) {
            (false, true) if !old.iter().any(|glob| glob == "**") => {
                Some((Weaker, "anything may be changed"))
            }
            (true, false) if !new.iter().any(|glob| glob == "**") => {
                Some((Stronger, "only some files may be changed"))
            }
            (false, false) if within(old, new) && !within(new, old) && !covered(new, old) => {
                Some((Weaker, "more files may be changed"))
            }
            (false, false) if within(new, old) && !within(old, new) && !covered(old, new) => {
                Some((Stronger, "fewer files may be changed"))
            }
            _ => None,
        },
        (Part::Contract, "sections" | "front-matter") => {
            if within(new, old) && !within(old, new) {
                Some((Weaker, "less is required"))
            } else if within(old, new) && !within(new, old) {
                Some((Stronger, "more is required"))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Whether what `wide` has beyond `narrow` may lie within it already.
fn covered(wide: &[String], narrow: &[String]) -> bool {
    let within = |glob: &str| {
        narrow.iter().any(|other| {
            let folder = other.strip_suffix("**").or_else(|| other.strip_suffix("**/*"));
            folder.is_some_and(|folder| glob.starts_with(folder))
        })
    };
    wide.iter().filter(|glob| !narrow.contains(glob)).all(|glob| within(glob))
}

/// What must hold of an answer, the question being the same.
fn demand(key: &str, from: Option<&str>, to: Option<&str>, parts: &Parts) -> Found {
    match key {
        "stdout" | "stderr" | "contains" => match (from, to) {
            (Some(from), None) if !from.is_empty() => Some((Weaker, "nothing is looked for in it")),
            (None, Some(to)) if !to.is_empty() => Some((Stronger, "something is looked for in it")),
            (Some(from), Some(to)) if from.contains(to) => Some((Weaker, "less is looked for in it")),
            (Some(from), Some(to)) if to.contains(from) => Some((Stronger, "more is looked for in it")),
            _ => None,
        },
        "schema" => come_or_gone(from, to, "no schema must be satisfied", "a schema must be satisfied"),
        "max" => {
            let (from, to): (f64, f64) = (from?.parse().ok()?, to?.parse().ok()?);
            if to > from {
                Some((Weaker, "the bound is higher"))
            } else {
                (to < from).then_some((Stronger, "the bound is lower"))
            }
        }
        "compare" => compare(from?, to?, parts),
        _ => None,
    }
}

/// Equal bytes are equal as text. They are equal as JSON only where they are JSON.
fn compare(from: &str, to: &str, parts: &Parts) -> Found {
    let strictness = |word: &str| ["json", "text", "exact"].iter().position(|known| *known == word);
    let involves_json = from == "json" || to == "json";
    if involves_json && !every_expectation_is_json(parts) {
        return None;
    }
    let (from, to) = (strictness(from)?, strictness(to)?);
    Some(if to < from { (Weaker, "compared less strictly") } else { (Stronger, "compared more strictly") })
}

fn every_expectation_is_json(parts: &Parts) -> bool {
    let fixtures = parts.iter().filter(|(key, _)| key.0 == Part::Fixture);
    let expected = fixtures.flat_map(|(_, fields)| fields.iter().filter(|(file, _)| is_expected(file)));
    expected.into_iter().all(|(_, field)| match field {
        // Of a large file nothing is proven.
        Field::One(value) => {
            value.held().is_some_and(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).is_ok())
        }
        Field::List(_) => false,
    })
}

/// Whether two states of a check ask one question: then what must hold of the answer can be compared.
fn asks_the_same(old: &Fields, new: &Fields) -> bool {
    let answers = ["stdout", "stderr", "contains", "schema", "schema-file", "max", "compare"];
    let informs = ["text", "red", "timeout"];
    let keys = old.keys().chain(new.keys()).map(String::as_str);
    keys.filter(|key| !answers.contains(key) && !informs.contains(key) && !key.starts_with("mutant/"))
        .all(|key| old.get(key) == new.get(key))
}

/// Whether both hang on one test of one place.
fn same_test(old: &Fields, new: &Fields) -> bool {
    let items = |fields: &Fields| fields.keys().filter(|key| body::file_of(key).is_some()).count();
    old.get("test") == new.get("test") && items(old) == 1 && items(new) == 1
}

fn come_or_gone(from: Option<&str>, to: Option<&str>, gone: &'static str, come: &'static str) -> Found {
    match (from, to) {
        (Some(_), None) => Some((Weaker, gone)),
        (None, Some(_)) => Some((Stronger, come)),
        _ => None,
    }
}

fn text<'f>(fields: &'f Fields, key: &str) -> Option<&'f str> {
    fields.get(key)?.text()
}

fn checks<'p>(parts: &'p Parts<'_>) -> impl Iterator<Item = &'p Fields<'p>> {
    parts.iter().filter(|(key, _)| key.0 == Part::Check).map(|(_, fields)| fields)
}

fn runs_every_case(fields: &Fields) -> bool {
    fields.contains_key("fixtures") && !fields.contains_key("case")
}

/// Whether some check runs the case of this name.
fn runs_case(parts: &Parts, name: &str) -> bool {
    checks(parts).any(|fields| runs_every_case(fields) || text(fields, "case") == Some(name))
}

fn is_expected(file: &str) -> bool {
    file == "expected" || file.starts_with("expected.")
}

fn input<'f>(fields: &'f Fields<'_>) -> Option<&'f Field<'f>> {
    let is_input = |file: &str| file == "input" || file.starts_with("input.");
    fields.iter().find(|(file, _)| is_input(file)).map(|(_, field)| field)
}
