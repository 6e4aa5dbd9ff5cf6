//! Families: templates that are the same but for one gap, or for two words.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::slice;

use super::{HOLE, Node, Words, values};

/// What may differ inside a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// One word.
    Word,
    /// Up to so many words beside each other.
    Span(usize),
    /// Two words apart.
    Pair,
}

/// In this order: the surest evidence first.
pub const GAPS: [Gap; 4] = [Gap::Word, Gap::Pair, Gap::Span(3), Gap::Word];

/// Templates longer than this are not looked at in pairs of words.
const LONGEST_IN_PAIRS: usize = 24;

/// What one template has at the gaps of a family; two values for a pair.
struct Member {
    node: usize,
    values: Vec<Vec<u32>>,
    /// The word before each gap.
    before: Vec<Option<u32>>,
    /// A gap lies between two masks, so that it may be the key of the second.
    between: bool,
}

/// Merge the families that hold enough values, the surest first, each template once. False: none did.
pub fn merge(nodes: &mut Vec<Node>, words: &Words, gap: Gap) -> bool {
    let mut sure: Vec<(f64, Vec<u32>, Vec<usize>)> = Vec::new();
    for (shared, members) in families(nodes, gap) {
        let strength = strength(&shared, &members, words);
        if strength >= 1.0 {
            sure.push((strength, shared, members.into_iter().map(|member| member.node).collect()));
        }
    }
    sure.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| words.line(&a.1).cmp(&words.line(&b.1))));
    let mut taken = vec![false; nodes.len()];
    let mut merged = Vec::new();
    for (_, shared, mut members) in sure {
        members.retain(|member| !taken[*member]);
        if members.len() < 2 {
            continue;
        }
        let mut whole = Node { words: shared, members: Vec::new(), values: 0 };
        for member in members {
            taken[member] = true;
            whole.members.append(&mut nodes[member].members);
            whole.values += nodes[member].values;
        }
        merged.push(whole);
    }
    let any = !merged.is_empty();
    let kept = std::mem::take(nodes).into_iter().zip(taken).filter(|(_, taken)| !taken).map(|(node, _)| node);
    *nodes = kept.chain(merged).collect();
    united(nodes);
    any
}

/// Templates that have become the same are one.
fn united(nodes: &mut Vec<Node>) {
    let mut places: HashMap<Vec<u32>, usize> = HashMap::new();
    let mut kept: Vec<Node> = Vec::new();
    for mut node in nodes.drain(..) {
        match places.get(&node.words) {
            Some(place) => {
                kept[*place].members.append(&mut node.members);
                kept[*place].values += node.values;
            }
            None => {
                places.insert(node.words.clone(), kept.len());
                kept.push(node);
            }
        }
    }
    *nodes = kept;
}

fn families(nodes: &[Node], gap: Gap) -> HashMap<Vec<u32>, Vec<Member>> {
    let mut found: HashMap<Vec<u32>, Vec<Member>> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let words = &node.words;
        let mut add = |holes: &[Range<usize>]| {
            let before = |hole: &Range<usize>| hole.start.checked_sub(1).map(|before| words[before]);
            let member = Member {
                node: at,
                values: holes.iter().map(|hole| words[hole.clone()].to_vec()).collect(),
                before: holes.iter().map(before).collect(),
                between: holes.iter().any(|hole| {
                    hole.start > 0 && words[hole.start - 1] == HOLE && words.get(hole.end) == Some(&HOLE)
                }),
            };
            let family = found.entry(with_holes(words, holes)).or_default();
            // A word that stands twice beside itself opens the same gap twice.
            if family.last().is_none_or(|last| last.node != at) {
                family.push(member);
            }
        };
        // With the mask itself in the gap, it is a member whose value is sure to be one.
        if words.contains(&HOLE) && gap != Gap::Pair {
            add(&[]);
        }
        let solid = |place: usize| words[place] != HOLE;
        let places = || (0..words.len()).filter(|place| solid(*place));
        match gap {
            Gap::Word => places().for_each(|place| add(slice::from_ref(&(place..place + 1)))),
            Gap::Span(most) => {
                for start in places() {
                    let ends = start + 1..=(start + most).min(words.len());
                    ends.filter(|end| solid(end - 1)).for_each(|end| add(slice::from_ref(&(start..end))));
                }
            }
            Gap::Pair if words.len() <= LONGEST_IN_PAIRS => {
                for first in places() {
                    for second in places().filter(|second| *second > first + 1) {
                        add(&[first..first + 1, second..second + 1]);
                    }
                }
            }
            Gap::Pair => {}
        }
    }
    found.retain(|_, members| members.len() > 1);
    found
}

/// The template with holes, holes that touch made one.
fn with_holes(words: &[u32], holes: &[Range<usize>]) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let word = if holes.iter().any(|hole| hole.contains(&at)) { HOLE } else { *word };
        if word != HOLE || out.last() != Some(&HOLE) {
            out.push(word);
        }
    }
    out
}

/// Distinct values against what is asked for; one and more is a group.
fn strength(shared: &[u32], members: &[Member], words: &Words) -> f64 {
    let constant = shared.iter().filter(|word| **word != HOLE).count();
    let gaps = members.iter().map(|member| member.values.len()).max().unwrap_or(0);
    let masked =
        members.iter().any(|member| member.values.is_empty()) && !members.iter().any(|member| member.between);
    let combinations: BTreeSet<&[Vec<u32>]> = members.iter().map(|member| member.values.as_slice()).collect();
    let mut weakest = f64::INFINITY;
    for gap in 0..gaps {
        let found: BTreeSet<&[u32]> =
            members.iter().filter_map(|member| member.values.get(gap)).map(Vec::as_slice).collect();
        let before = members.iter().find_map(|member| member.before.get(gap).copied().flatten());
        let seen = values::Seen {
            values: found.iter().map(|value| value.iter().map(|word| words.text(*word)).collect()).collect(),
            constant_words: constant,
            word_before: before.map(|word| words.text(word)),
            masked_too: masked,
            paired: gaps > 1,
            // More combinations than values: one does not follow from the other.
            independent: gaps > 1 && combinations.len() > 2 * found.len(),
        };
        weakest = weakest.min(seen.strength());
    }
    if weakest.is_finite() { weakest } else { 0.0 }
}
