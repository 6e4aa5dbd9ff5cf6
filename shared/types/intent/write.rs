//! A whole intent as the text of a new file.

use std::fmt::Write;

use super::Intent;
use super::edit::{GUIDANCE, entries};
use crate::types::intent::SCHEMA;
use crate::types::toml::{quoted, quoted_lines};

/// The file of an intent nobody has written yet; [`super::parse::parse`] reads the same intent back.
///
/// `scope` and contracts are the person's to add and are not written. Where the intent names
/// neither bounds nor checks, the lines of guidance follow that [`super::edit::fresh`] gives.
pub fn written(intent: &Intent) -> String {
    let mut text = format!(
        "schema  = {SCHEMA}\ntitle   = {}\noutcome = {}\n",
        quoted(&intent.title),
        quoted(&intent.outcome)
    );
    // Writing to a String cannot fail.
    if let Some(rationale) = &intent.rationale {
        let _ = writeln!(text, "rationale = {}", quoted_lines(rationale));
    }
    if !intent.out_of_scope.is_empty() {
        text.push_str("out-of-scope = [\n");
        for line in &intent.out_of_scope {
            let _ = writeln!(text, "  {},", quoted(line));
        }
        text.push_str("]\n");
    }
    for constraint in &intent.constraints {
        let _ = write!(
            text,
            "\n[[constraint]]\nid = {}\nkind = {}\ntext = {}\n",
            quoted(&constraint.id),
            quoted(&constraint.kind),
            quoted(&constraint.text)
        );
        if let Some(check) = &constraint.check {
            let _ = writeln!(text, "check = {}", quoted(check));
        }
    }
    for check in &intent.acceptance {
        text.push_str("\n[[acceptance]]\n");
        for (key, value) in entries(&check.id, check) {
            let _ = writeln!(text, "{key} = {value}");
        }
    }
    if intent.constraints.is_empty() && intent.acceptance.is_empty() {
        text.push_str(GUIDANCE);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::intent::parse::parse;
    use crate::types::intent::{Acceptance, Anchor, Constraint, Red, Run, Scope};

    #[test]
    fn what_is_written_reads_back_the_same() {
        let check = Acceptance {
            id: "exits".into(),
            text: Some("WHEN \"it\" breaks \\ it SHALL say so".into()),
            anchor: Anchor::Run(Run { command: "tool 'a b'".into(), exit: 2, ..Run::default() }),
            red: Red::Assertion,
            origin: None,
            timeout: None,
            mutant: None,
        };
        let bound = Constraint {
            id: "quiet".into(),
            kind: "ux".into(),
            text: "It never\tshouts.".into(),
            check: Some("exits".into()),
        };
        let intent = Intent {
            slug: "x".into(),
            title: "A title".into(),
            outcome: "An outcome.".into(),
            rationale: Some("one\n\n\"\"\" two".into()),
            out_of_scope: vec!["Not \"this\".".into(), "nor that".into()],
            scope: Scope::default(),
            constraints: vec![bound],
            contracts: Vec::new(),
            acceptance: vec![check],
        };
        let text = written(&intent);
        assert_eq!(parse("x", "x.toml", text.as_bytes()).unwrap().intent, intent);
        let bare = Intent { constraints: vec![], acceptance: vec![], ..intent };
        assert!(written(&bare).contains("# [[acceptance]]"));
    }
}
