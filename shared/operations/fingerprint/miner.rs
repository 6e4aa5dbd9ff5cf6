//! Which log templates are one: words that are values, told by how many messages differ only in them.
//!
//! Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017)
//! keeps messages of one length and similar words in one group, at a similarity set per kind of log.
//! It fails on lists (the length differs), on values in the first place, and where one word is the
//! whole difference (`Started`, `Paused`). Here masks take care of lists, and words are merged on
//! evidence, after the distinct-value counts of IPLoM (Makanju, Zincir-Heywood, Milios, KDD 2009): a
//! *family* is the templates that differ in one gap only; it is one group when it holds more distinct
//! values than its number of constant words and the look of the values ask for. The result depends on
//! the set of templates, never on their order. It is proposed as links and is no part of an id.

mod families;
mod values;

use std::collections::HashMap;

use super::log::MASK;

/// The mask among interned words.
const HOLE: u32 = 0;
/// More templates than this are not mined: what differs so much holds text that people wrote.
pub const MOST_TEMPLATES: usize = 20_000;
/// Rounds of merging; each makes new neighbours, and four is what the widest known logs need.
const MOST_ROUNDS: usize = 8;

/// Templates that are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they share, with [`MASK`] where they differ.
    pub template: String,
    /// Places in the list that was given.
    pub members: Vec<usize>,
    /// What their difference was taken for.
    pub why: String,
}

/// A template on its way through the merging.
#[derive(Clone, Debug)]
struct Node {
    words: Vec<u32>,
    members: Vec<usize>,
    /// Distinct values seen at the gaps that were merged.
    values: usize,
}

/// Words by number, so that templates compare fast.
#[derive(Default)]
struct Words {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(word.to_owned(), number);
        self.texts.push(word.to_owned());
        number
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or(MASK, String::as_str)
    }

    fn line(&self, words: &[u32]) -> String {
        words.iter().map(|word| self.text(*word)).collect::<Vec<_>>().join(" ")
    }
}

/// The groups of distinct templates as `log::template` makes them; every template is in one group.
pub fn mine(templates: &[&str]) -> Vec<Group> {
    let mut words = Words::default();
    words.number(MASK);
    let mut nodes: Vec<Node> = Vec::new();
    for (place, template) in templates.iter().enumerate() {
        let numbers =
            template.split(' ').filter(|word| !word.is_empty()).map(|word| words.number(word)).collect();
        nodes.push(Node { words: numbers, members: vec![place], values: 1 });
    }
    if templates.len() <= MOST_TEMPLATES {
        for gap in families::GAPS {
            for _ in 0..MOST_ROUNDS {
                if !families::merge(&mut nodes, &words, gap) {
                    break;
                }
            }
        }
    }
    let mut groups: Vec<Group> = nodes.into_iter().map(|node| group(node, &words)).collect();
    groups.sort_by(|a, b| a.template.cmp(&b.template));
    groups
}

fn group(mut node: Node, words: &Words) -> Group {
    node.members.sort_unstable();
    let why = match node.members.len() {
        1 => "one template".to_owned(),
        count => format!("{count} templates that differ in {} values only", node.values),
    };
    Group { template: words.line(&node.words), members: node.members, why }
}

#[cfg(test)]
mod corpora;
#[cfg(test)]
pub mod dice;
#[cfg(test)]
mod scored;
