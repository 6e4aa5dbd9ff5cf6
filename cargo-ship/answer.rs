//! The answer of a command that did one thing: a sentence, or the same as one JSON object.

use factory::terminal::output::Output;
use serde_json::{Map, Value};

/// Say what was done; `fields` is what a program asks about it.
pub fn answer(output: &Output, sentence: &str, fields: &[(&str, Value)]) {
    if !output.is_json() {
        return output.line(sentence);
    }
    let mut document = Map::new();
    for (name, value) in fields {
        document.insert((*name).to_owned(), value.clone());
    }
    output.json(document);
}
