//! Typed reading of TOML: every wrong key and type of a file is collected, each with its place.

mod quote;
mod section;
mod source;
mod splice;
mod values;

pub use quote::{quoted, quoted_lines};
pub use section::Section;
pub use source::{Source, decode, document, tables};
pub use splice::{Lines, add_table, free_id, set_in_table};

fn article(type_name: &str) -> String {
    match type_name {
        "integer" | "array" | "inline table" | "array of tables" => format!("an {type_name}"),
        other => format!("a {other}"),
    }
}

/// The most alike of the candidates, where one is alike at all.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(alike, _)| *alike > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}
