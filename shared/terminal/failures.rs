//! What went wrong, in words and as the document of `--format json`.

use serde_json::{Map, Value};

use super::exit::Exit;
use crate::types::hint::Hinted;
use crate::types::problem::{Problem, Problems};

/// The error and what led to it, on one line.
pub fn words(error: &anyhow::Error) -> String {
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    chain.join(": ")
}

/// What mends it.
pub fn hint(error: &anyhow::Error) -> Option<&str> {
    error.downcast_ref::<Hinted>()?.hint.as_deref()
}

/// `error` and `exit`; `hint` and `problems` where there are any.
pub fn document(error: &anyhow::Error) -> Map<String, Value> {
    let mut document = Map::new();
    let exit = Exit::of(error);
    let words = if matches!(exit, Exit::Signal(_)) { "interrupted".to_owned() } else { words(error) };
    document.insert("error".into(), words.into());
    document.insert("exit".into(), exit.code().into());
    if let Some(hint) = hint(error) {
        document.insert("hint".into(), hint.into());
    }
    if let Some(Problems(problems)) = error.downcast_ref() {
        let problems: Vec<Value> = problems.iter().map(Problem::to_json).collect();
        document.insert("problems".into(), problems.into());
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_holds_what_a_person_is_told() {
        let error = anyhow::Error::from(Hinted::busy("it is held").hint("wait")).context("start");
        let document = Value::Object(document(&error));
        let told = serde_json::json!({"error": "start: it is held", "exit": 4, "hint": "wait"});
        assert_eq!(document, told);
    }
}
