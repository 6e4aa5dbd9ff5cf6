//! Values of a TOML table, typed and bounded.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::source::{float, whole};
use super::{Section, article, nearest};
use crate::types::duration;

impl Section<'_> {
    pub(super) fn wrong_type(&self, key: &str, item: &Spanned<DeValue>, wanted: &str) {
        let problem = self.source.problem(
            self.value_span(key),
            format!(
                "`{key}` in {} must be {wanted}, not {}",
                self.name,
                article(self.source.type_name(item))
            ),
        );
        self.source.report(problem);
    }

    /// Report a problem with the value of a key.
    pub fn wrong_value(&self, key: &str, message: impl Into<String>, hint: Option<String>) {
        let mut problem = self.source.problem(self.value_span(key), message);
        problem.hint = hint;
        self.source.report(problem);
    }

    pub fn text(&self, key: &'static str) -> Option<String> {
        let item = self.get(key)?;
        let text = item.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(key, item, "a string");
        }
        text
    }

    /// A text that must be there and say something.
    pub fn required(&self, key: &'static str, example: &str) -> String {
        if !self.has(key) {
            self.know(&[key]);
            let problem = self.source.problem(self.span.clone(), format!("{} has no `{key}`", self.name));
            self.source.report(problem.hint(format!("add: {key} = {example}")));
            return String::new();
        }
        let text = self.text(key);
        if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
            self.wrong_value(key, format!("`{key}` in {} is empty", self.name), None);
        }
        text.unwrap_or_default()
    }

    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let item = self.get(key)?;
        if item.get_ref().as_bool().is_none() {
            self.wrong_type(key, item, "true or false");
        }
        item.get_ref().as_bool()
    }

    pub fn whole(&self, key: &'static str, least: i64, most: i64) -> Option<i64> {
        let item = self.get(key)?;
        let Some(number) = whole(item.get_ref()) else {
            self.wrong_type(key, item, "a whole number");
            return None;
        };
        if !(least..=most).contains(&number) {
            let bounds = if most == i64::MAX {
                format!("at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            self.wrong_value(key, format!("`{key}` in {} must be {bounds}, not {number}", self.name), None);
            return None;
        }
        Some(number)
    }

    pub fn number(&self, key: &'static str, least: f64, most: f64) -> Option<f64> {
        let item = self.get(key)?;
        // Whole numbers people write here are far below 2^53.
        #[allow(clippy::cast_precision_loss, reason = "bounded by the check below")]
        let Some(number) = float(item.get_ref()).or_else(|| whole(item.get_ref()).map(|n| n as f64)) else {
            self.wrong_type(key, item, "a number");
            return None;
        };
        if !(least..=most).contains(&number) {
            let bounds = if most == f64::MAX {
                format!("at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            self.wrong_value(key, format!("`{key}` in {} must be {bounds}, not {number}", self.name), None);
            return None;
        }
        Some(number)
    }

    pub fn duration(&self, key: &'static str) -> Option<Duration> {
        let text = self.text(key)?;
        match duration::parse(&text) {
            Ok(duration) => Some(duration),
            Err(wanted) => {
                self.wrong_value(key, format!("`{key}` in {} must be {wanted}", self.name), None);
                None
            }
        }
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = match nearest(&text, names.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("one of: {}", names.join(", ")),
        };
        self.wrong_value(key, format!("`{key}` in {} cannot be {text:?}", self.name), Some(hint));
        None
    }

    /// One of several words, which must be there.
    pub fn required_word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        if !self.has(key) {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.know(&[key]);
            let problem = self.source.problem(self.span.clone(), format!("{} has no `{key}`", self.name));
            self.source.report(problem.hint(format!("add {key} = one of: {}", names.join(", "))));
            return None;
        }
        self.word(key, words)
    }

    /// The values of a list; tables under headers of their own are none.
    fn array<'v>(&self, item: &'v Spanned<DeValue<'v>>) -> Option<&'v DeArray<'v>> {
        item.get_ref().as_array().filter(|_| !self.source.is_array_of_tables(item))
    }

    /// A list of strings; absent reads as empty.
    pub fn texts(&self, key: &'static str) -> Option<Vec<String>> {
        let item = self.get(key)?;
        let Some(array) = self.array(item) else {
            self.wrong_type(key, item, "a list of strings");
            return None;
        };
        let mut texts = Vec::with_capacity(array.len());
        for value in array {
            match value.get_ref().as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong_element(key, value, "strings"),
            }
        }
        Some(texts)
    }

    /// A list of whole numbers within bounds.
    pub fn wholes(&self, key: &'static str, least: i64, most: i64) -> Option<Vec<i64>> {
        let item = self.get(key)?;
        let Some(array) = self.array(item) else {
            self.wrong_type(key, item, "a list of whole numbers");
            return None;
        };
        let mut numbers = Vec::with_capacity(array.len());
        for value in array {
            match whole(value.get_ref()) {
                Some(number) if (least..=most).contains(&number) => numbers.push(number),
                _ => self.wrong_element(key, value, &format!("whole numbers from {least} to {most}")),
            }
        }
        Some(numbers)
    }

    pub(super) fn wrong_element(&self, key: &str, value: &Spanned<DeValue>, wanted: &str) {
        self.source.report(
            self.source.problem(value.span(), format!("`{key}` in {} is a list of {wanted}", self.name)),
        );
    }

    /// A table of strings with free keys; absent reads as empty.
    pub fn strings(&self, key: &'static str) -> BTreeMap<String, String> {
        let Some(item) = self.get(key) else { return BTreeMap::new() };
        let Some(table) = item.get_ref().as_table() else {
            self.wrong_type(key, item, "a table of strings");
            return BTreeMap::new();
        };
        let mut strings = BTreeMap::new();
        for (name, item) in table {
            match item.get_ref().as_str() {
                Some(text) => drop(strings.insert(name.to_string(), text.to_owned())),
                None => {
                    let message = format!(
                        "`{key}.{name}` must be a string, not {}",
                        article(self.source.type_name(item))
                    );
                    self.source.report(self.source.problem(item.span(), message));
                }
            }
        }
        strings
    }
}
