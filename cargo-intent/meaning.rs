//! Changes of an intent as a person reads them: one line each, a difference of texts below it.

use factory::operations::meaning::{Change, Content, Op, Part, Strength};
use factory::terminal::output::{BAD, DIM, GOOD, Output, WAIT};
use factory::terminal::safe;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// A value of this many characters stands on the change's own line.
const INLINE: usize = 72;

/// How many lines of a difference are shown; the rest is counted.
const SHOWN_LINES: usize = 24;

/// Texts beyond this are told by their size: comparing them line by line takes long.
const COMPARED_BYTES: usize = 256 * 1024;

/// The changes on standard output, each line indented by two spaces.
pub fn print(changes: &[Change], output: &Output) {
    for change in changes {
        let style = match change.op {
            Op::Added => GOOD,
            Op::Removed => BAD,
            Op::Changed | Op::Renamed => WAIT,
        };
        let because = match (change.strength, change.because) {
            (Some(strength), Some(because)) => {
                let style = if strength == Strength::Weaker { BAD } else { GOOD };
                format!("  {}", output.paint(style, &format!("{}: {because}", strength.word())))
            }
            _ => String::new(),
        };
        let value = inline(change).map(|value| format!(": {value}")).unwrap_or_default();
        output.line(format!("  {} {}{value}{because}", output.paint(style, sign(change.op)), what(change)));
        if inline(change).is_none() {
            below(change, output);
        }
    }
}

/// One change in a few words, without its texts: `check few-errors: max 0.01 → 0.05 (weaker)`.
pub fn words(change: &Change) -> String {
    let weaker = if change.is_weaker() { " (weaker)" } else { "" };
    let said = match (change.op, inline(change)) {
        (Op::Added | Op::Removed, value) if change.key.is_none() && change.part != Part::OutOfScope => {
            let shown = value.filter(|_| change.part == Part::Intent);
            shown.map_or(what(change), |value| format!("{}: {value}", what(change)))
        }
        (_, Some(value)) => format!("{}: {value}", what(change)),
        _ => what(change),
    };
    let op = match change.op {
        Op::Added | Op::Removed if change.part != Part::Intent => format!("{} ", sign(change.op)),
        _ => String::new(),
    };
    format!("{op}{said}{weaker}")
}

/// The changes for `--format json`.
pub fn to_json(changes: &[Change]) -> Value {
    changes.iter().map(Change::to_json).collect::<Vec<_>>().into()
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Added => "+",
        Op::Removed => "-",
        Op::Changed => "~",
        Op::Renamed => "→",
    }
}

/// What changed: the part, its name, the key.
fn what(change: &Change) -> String {
    let name = safe::line(&change.name);
    let file = safe::line(change.file.as_deref().unwrap_or("no such test")).into_owned();
    let part = match (change.part, change.op) {
        (Part::Intent, Op::Added) => return "new intent".to_owned(),
        (Part::Intent, Op::Removed) => return "retired".to_owned(),
        (Part::Intent, _) => return "renamed".to_owned(),
        (Part::Layout, _) => return "only layout, order or comments".to_owned(),
        (Part::Fixture, _) => match &change.key {
            Some(key) => return format!("case {name}/{}", safe::line(key)),
            None => format!("case {name}"),
        },
        (Part::File, _) => format!("file {name}"),
        (Part::OutOfScope, _) => "out of scope".to_owned(),
        (part, _) if name.is_empty() => part.word().to_owned(),
        (part, _) => format!("{} {name}", part.word()),
    };
    match change.key.as_deref() {
        None => part,
        Some("test-body") => format!("{part}: the test itself ({file})"),
        Some("test-module") => format!("{part}: beside the test ({file})"),
        Some(key) => format!("{part} {}", safe::line(key)),
    }
}

/// The values, where they fit on the line; an empty text where there is nothing to say.
fn inline(change: &Change) -> Option<String> {
    let binary = |content: &Option<Content>| matches!(content, Some(Content::Binary { .. }));
    let has_binary = binary(&change.before) || binary(&change.after);
    let value = |content: &Option<Content>| match content {
        None => Some(None),
        Some(Content::Missing) => Some(Some("missing".to_owned())),
        Some(Content::Binary { size_bytes, .. }) => {
            Some(Some(format!("binary, {}", crate::words::size(*size_bytes))))
        }
        Some(Content::Text(text)) if text.len() > COMPARED_BYTES => {
            Some(Some(format!("text, {}", crate::words::size(text.len() as u64))))
        }
        Some(Content::Text(text)) => {
            let fits = !text.contains('\n') && text.chars().count() <= INLINE;
            match fits {
                true => Some(Some(safe::line(text).into_owned())),
                false => has_binary.then(|| Some(format!("text, {}", crate::words::size(text.len() as u64)))),
            }
        }
    };
    let (before, after) = (value(&change.before)?, value(&change.after)?);
    match (before, after) {
        (None, None) => None,
        (Some(before), None) if change.op == Op::Renamed => Some(format!("was {before}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(before), Some(after)) => Some(format!("{before} → {after}")),
    }
}

/// The difference of the texts, line by line.
fn below(change: &Change, output: &Output) {
    let text = |content: &Option<Content>| match content {
        Some(Content::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let (before, after) = (text(&change.before), text(&change.after));
    if before.is_empty() && after.is_empty() {
        return;
    }
    let diff = TextDiff::from_lines(&before, &after);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(1) {
        for line in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, style) = match line.tag() {
                ChangeTag::Delete => ("-", BAD),
                ChangeTag::Insert => ("+", GOOD),
                ChangeTag::Equal => (" ", DIM),
            };
            let text = line.value().strip_suffix('\n').unwrap_or(line.value());
            let shown = format!("{sign} {}", safe::line(text));
            lines.push(format!("      {}", output.paint(style, shown.trim_end())));
        }
    }
    let more = lines.len().saturating_sub(SHOWN_LINES);
    for line in lines.iter().take(SHOWN_LINES) {
        output.line(line);
    }
    if more > 0 {
        output.line(format!("      {}", output.paint(DIM, &format!("… {more} more lines"))));
    }
}
