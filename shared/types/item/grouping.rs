//! Which items are one, and which occurrences were given to another: `link`, `unlink`, `split`.
//!
//! Total on any input: links to nobody, to themselves and in circles, and splits into each other too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::types::event::{Event, SubjectKind, is_name};

/// How two items stand to each other, by the newest word about both.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie<'e> {
    /// The first is part of the second, since the event of this id.
    One {
        part: &'e str,
        since: &'e str,
    },
    Proposed,
    Apart,
}

/// Which occurrences go elsewhere, and where.
struct Rule<'e> {
    into: &'e str,
    /// What a record must say, each that is given.
    says: Vec<(&'static str, &'e str)>,
    /// These events alone.
    events: Vec<&'e str>,
}

/// What a `split` may go by.
pub const SPLIT_BY: [&str; 3] = ["source", "release", "environment"];

/// Whether the record says so; a source also goes by its name alone, which a log keeps when it is turned over.
pub fn says(event: &Event, field: &str, value: &str) -> bool {
    event.text(field).is_some_and(|told| told == value || field == "source" && source_name(told) == value)
}

/// A source without the `#` and hash of its first line.
pub fn source_name(source: &str) -> &str {
    let is_hash = |hash: &str| hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    source.rsplit_once('#').filter(|(_, hash)| is_hash(hash)).map_or(source, |(name, _)| name)
}

#[derive(Default)]
pub struct Grouping<'e> {
    /// Of an item that is part of another: that one, and since which event.
    whole: HashMap<&'e str, (&'e str, &'e str)>,
    /// By item, the oldest first.
    rules: HashMap<&'e str, Vec<Rule<'e>>>,
    pub proposed: Vec<(&'e str, &'e str)>,
}

impl<'e> Grouping<'e> {
    /// What the events say, which come in the order of the fold.
    pub fn of(events: &[(bool, &'e Event, &'e str)]) -> Self {
        let mut ties: BTreeMap<(&str, &str), Tie<'e>> = BTreeMap::new();
        let mut all = Self::default();
        for (_, event, _) in events {
            let Some((SubjectKind::Item, item)) = &event.subject else { continue };
            match event.op.as_str() {
                "link" | "unlink" => tie(&mut ties, item, event),
                "split" => all.rules.entry(item).or_default().extend(rule(item, event)),
                _ => {}
            }
        }
        all.proposed = ties.iter().filter(|(_, tie)| **tie == Tie::Proposed).map(|(pair, _)| *pair).collect();
        if ties.values().any(|tie| matches!(tie, Tie::One { .. })) {
            all.whole = wholes(&ties, &known(events));
        }
        all
    }

    /// The item an event counts for before links: the one it names, or where a split took it.
    pub fn given_to(&self, event: &'e Event, item: &'e str) -> &'e str {
        if !self.rules.contains_key(item) {
            return item;
        }
        let mut at = item;
        let mut been = vec![at];
        while let Some(rule) =
            self.rules.get(at).and_then(|rules| rules.iter().rev().find(|rule| rule.takes(event)))
        {
            if been.contains(&rule.into) {
                break;
            }
            at = rule.into;
            been.push(at);
        }
        at
    }

    /// The whole this item is part of, or itself.
    pub fn whole_of(&self, item: &'e str) -> &'e str {
        self.whole.get(item).map_or(item, |(whole, _)| whole)
    }

    /// The event that made it a part, where it is one.
    pub fn part_since(&self, item: &str) -> Option<&'e str> {
        self.whole.get(item).map(|(_, since)| *since)
    }

    pub fn parts(&self) -> impl Iterator<Item = (&'e str, &'e str)> {
        self.whole.iter().map(|(part, (whole, _))| (*part, *whole))
    }

    /// Of each item with rules: where they lead.
    pub fn splits(&self) -> impl Iterator<Item = (&'e str, &'e str)> {
        self.rules.iter().flat_map(|(item, rules)| rules.iter().map(|rule| (*item, rule.into)))
    }
}

impl Rule<'_> {
    fn takes(&self, event: &Event) -> bool {
        let named = || self.events.contains(&event.id.as_str());
        let said =
            || !self.says.is_empty() && self.says.iter().all(|(field, value)| says(event, field, value));
        match event.op.as_str() {
            "add" | "seen" => named() || said(),
            "attach" => named(),
            _ => false,
        }
    }
}

fn rule<'e>(item: &str, event: &'e Event) -> Option<Rule<'e>> {
    let into = event.text("into").filter(|into| *into != item && is_name(into))?;
    let says = SPLIT_BY.into_iter().filter_map(|field| Some((field, event.text(field)?))).collect();
    Some(Rule { into, says, events: event.texts("events") })
}

fn tie<'e>(ties: &mut BTreeMap<(&'e str, &'e str), Tie<'e>>, item: &'e str, event: &'e Event) {
    let Some(to) = event.text("to").filter(|to| *to != item && is_name(to)) else { return };
    let pair = (item.min(to), item.max(to));
    let proposal = event.fields.get("proposed").and_then(serde_json::Value::as_bool) == Some(true);
    match (event.op.as_str(), proposal) {
        // What a person said of both stands against every proposal.
        ("link", true) => drop(ties.entry(pair).or_insert(Tie::Proposed)),
        ("link", false) => drop(ties.insert(pair, Tie::One { part: item, since: &event.id })),
        _ => drop(ties.insert(pair, Tie::Apart)),
    }
}

/// The items that something was told of, beyond links.
fn known<'e>(events: &[(bool, &'e Event, &'e str)]) -> BTreeSet<&'e str> {
    let told = events.iter().filter(|(_, event, _)| matches!(event.op.as_str(), "add" | "set" | "seen"));
    told.filter_map(|(_, event, _)| event.subject.as_ref().map(|(_, item)| item.as_str())).collect()
}

/// Of each part its whole. Of items that are one, the whole is one that was never made a part; of several
/// such, or in a circle, the least id, so that every clone names the same.
fn wholes<'e>(
    ties: &BTreeMap<(&'e str, &'e str), Tie<'e>>,
    known: &BTreeSet<&'e str>,
) -> HashMap<&'e str, (&'e str, &'e str)> {
    let mut near: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut since: BTreeMap<&str, &str> = BTreeMap::new();
    let mut touched: BTreeMap<&str, &str> = BTreeMap::new();
    for ((a, b), tie) in ties {
        let Tie::One { part, since: id } = *tie else { continue };
        near.entry(a).or_default().push(b);
        near.entry(b).or_default().push(a);
        let least = |map: &mut BTreeMap<&'e str, &'e str>, item: &'e str| {
            map.entry(item).and_modify(|first| *first = id.min(first)).or_insert(id);
        };
        least(&mut since, part);
        [*a, *b].into_iter().for_each(|item| least(&mut touched, item));
    }
    let mut wholes = HashMap::new();
    let mut seen = BTreeSet::new();
    for start in near.keys() {
        let mut together: Vec<&str> = Vec::new();
        let mut waiting = vec![*start];
        while let Some(item) = waiting.pop() {
            if seen.insert(item) {
                together.push(item);
                waiting.extend(near.get(item).into_iter().flatten());
            }
        }
        let best =
            together.iter().min_by_key(|item| (!known.contains(*item), since.contains_key(*item), **item));
        let Some(&whole) = best else { continue };
        let joined = |item: &str| since.get(item).or(touched.get(item)).copied().unwrap_or_default();
        wholes.extend(
            together.iter().filter(|item| **item != whole).map(|item| (*item, (whole, joined(item)))),
        );
    }
    wholes
}
