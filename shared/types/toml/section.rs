//! One table of a TOML text: its keys, its tables, and the keys nobody asked for.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Source, nearest};

/// One table of the text. The keys asked for are the keys it may have.
pub struct Section<'a> {
    pub source: &'a Source<'a>,
    table: &'a DeTable<'a>,
    /// How a person would name it: `[scope]`.
    pub name: String,
    /// Its header, for problems with the whole.
    pub span: Range<usize>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    pub fn new(source: &'a Source<'a>, table: &'a DeTable<'a>, name: &str, span: Range<usize>) -> Self {
        Self { source, table, name: name.to_owned(), span, asked: RefCell::default() }
    }

    pub fn has(&self, key: &'static str) -> bool {
        self.table.contains_key(key)
    }

    /// Where the key is written, or the table where it is not.
    pub fn key_span(&self, key: &str) -> Range<usize> {
        self.table.get_key_value(key).map_or_else(|| self.span.clone(), |(key, _)| key.span())
    }

    /// Where the value is written, or the table where it is not.
    pub fn value_span(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    pub(super) fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    /// The text of a key, reporting nothing and without counting the key as asked for.
    pub fn peek(&self, key: &str) -> Option<&'a str> {
        self.table.get(key)?.get_ref().as_str()
    }

    /// Accept the key without reading it here.
    pub fn know(&self, keys: &[&'static str]) {
        self.asked.borrow_mut().extend(keys);
    }

    /// A table below this one.
    pub fn table(&self, key: &'static str) -> Option<Section<'a>> {
        let item = self.get(key)?;
        let Some(table) = item.get_ref().as_table() else {
            self.wrong_type(key, item, "a table");
            return None;
        };
        Some(Section::new(self.source, table, &self.child_name(key), self.value_span(key)))
    }

    /// The tables of an array of tables, written either way.
    pub fn tables(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(item) = self.get(key) else { return Vec::new() };
        let name = format!("[[{key}]]");
        let section = |table: &'a DeTable<'a>, span: Range<usize>| {
            let id = ["id", "name"].iter().find_map(|key| table.get(*key)?.get_ref().as_str());
            let full = id.map(|id| format!("{name} {id}"));
            Section::new(self.source, table, full.as_deref().unwrap_or(&name), span)
        };
        let Some(array) = item.get_ref().as_array() else {
            self.wrong_type(key, item, &format!("written as {name}"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for value in array {
            match value.get_ref().as_table() {
                Some(table) => sections.push(section(table, value.span())),
                None => self.wrong_element(key, value, "tables"),
            }
        }
        sections
    }

    /// The tables under free names: `[agent.mine]`.
    pub fn named_tables(&self, skip: &[&str]) -> Vec<(String, Section<'a>)> {
        let mut sections = Vec::new();
        for (name, item) in self.table {
            let name = name.get_ref().as_ref();
            if skip.contains(&name) {
                continue;
            }
            let span = self.value_span(name);
            match item.get_ref().as_table() {
                Some(table) => {
                    let section = Section::new(self.source, table, &self.child_name(name), span);
                    sections.push((name.to_owned(), section));
                }
                None => self.wrong_type(name, item, "a table"),
            }
        }
        sections
    }

    fn child_name(&self, key: &str) -> String {
        match self.name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(name) if !name.starts_with('[') => format!("[{name}.{key}]"),
            _ => format!("[{key}]"),
        }
    }

    /// Report every key that was not asked for, with the nearest that was.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for name in self.table.keys() {
            let name = name.get_ref().as_ref();
            if asked.contains(&name) {
                continue;
            }
            let message = format!("unknown key `{name}` in {}", self.name);
            let problem = self.source.problem(self.key_span(name), message);
            self.source.report(match nearest(name, asked.iter().copied()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => {
                    let mut known = asked.clone();
                    known.sort_unstable();
                    known.dedup();
                    problem.hint(format!("known here: {}", known.join(", ")))
                }
            });
        }
    }
}
