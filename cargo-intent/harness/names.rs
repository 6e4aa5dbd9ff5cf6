//! Names in a file of tests: what people called their examples, as Rust can take it.

use std::collections::BTreeSet;

/// Words that name no module and no function: of the language, and of what a crate sees by itself.
const TAKEN: &str = "abstract alloc as async await become box break clippy const continue core crate do dyn else \
enum extern false final fn for gen if impl in let loop macro match mod move mut override priv proc_macro pub ref \
return rustfmt self static std struct super test trait true try type typeof unsafe unsized use virtual where \
while yield";

/// The file of an intent's tests.
pub fn file_name(slug: &str) -> String {
    format!("intent_{}.rs", slug.replace('-', "_"))
}

/// Names given out once each.
#[derive(Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// The name nearest to `text` that is still free.
    pub fn give(&mut self, text: &str) -> String {
        let mut name: String = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.insert_str(0, "case_");
        }
        if TAKEN.split_whitespace().any(|taken| taken == name) {
            name.push('_');
        }
        let mut free = name.clone();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            free = format!("{name}_{number}");
            number += 1;
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_of_the_language_and_given_once() {
        let mut names = Names::default();
        let given = ["a-b", "a.b", "a_b_2", "2024", "type", "std", "ÄÖ", "Self"].map(|text| names.give(text));
        assert_eq!(given, ["a_b", "a_b_2", "a_b_2_2", "case_2024", "type_", "std_", "case___", "self_"]);
    }
}
