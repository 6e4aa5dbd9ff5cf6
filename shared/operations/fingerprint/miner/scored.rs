//! Grouping accuracy of the masks alone and of the miner on made logs of many kinds.

use std::collections::{BTreeMap, BTreeSet};

use super::corpora;
use crate::operations::fingerprint::log;

/// The share of messages whose group holds exactly the messages of its label.
fn accuracy(labels: &[usize], groups: &[usize]) -> f64 {
    let sets = |of: &[usize]| {
        let mut sets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        of.iter().enumerate().for_each(|(at, group)| {
            sets.entry(*group).or_default().insert(at);
        });
        sets
    };
    let truth: BTreeSet<BTreeSet<usize>> = sets(labels).into_values().collect();
    let right: usize = sets(groups).values().filter(|set| truth.contains(*set)).map(BTreeSet::len).sum();
    right as f64 / labels.len() as f64
}

/// Groups by masks alone and by the miner.
fn grouped(messages: &[String]) -> (Vec<usize>, Vec<usize>) {
    let mut templates: BTreeMap<String, usize> = BTreeMap::new();
    for message in messages {
        let next = templates.len();
        templates.entry(log::template(message)).or_insert(next);
    }
    let mut by_number: Vec<(&str, usize)> =
        templates.iter().map(|(text, number)| (text.as_str(), *number)).collect();
    by_number.sort_by_key(|(_, number)| *number);
    let texts: Vec<&str> = by_number.iter().map(|(text, _)| *text).collect();
    let masks: Vec<usize> = messages.iter().map(|message| templates[&log::template(message)]).collect();
    let mut group_of = vec![0; texts.len()];
    for (number, group) in super::mine(&texts).iter().enumerate() {
        group.members.iter().for_each(|member| group_of[*member] = number);
    }
    let mined = masks.iter().map(|mask| group_of[*mask]).collect();
    (masks, mined)
}

#[test]
fn one_setting_does_well_on_logs_of_many_kinds() {
    let (mut sum_masks, mut sum_mined, mut table) = (0.0, 0.0, String::new());
    let sets = corpora::all();
    for (name, templates) in &sets {
        let (labels, messages) = corpora::generate(templates, 2000);
        let (masks, mined) = grouped(&messages);
        let (masks, mined_score) = (accuracy(&labels, &masks), accuracy(&labels, &mined));
        table.push_str(&format!("{name:12} {masks:.3} {mined_score:.3}\n"));
        if std::env::var_os("SHOW_GROUPS").is_some_and(|shown| shown == *name) {
            table.push_str(&wrong(&labels, &mined, &messages));
        }
        sum_masks += masks;
        sum_mined += mined_score;
    }
    let count = sets.len() as f64;
    let (masks, mined) = (sum_masks / count, sum_mined / count);
    table.push_str(&format!("{:12} {masks:.3} {mined:.3}", "mean"));
    assert!(mined >= 0.86 && masks >= 0.6 && std::env::var_os("SHOW_GROUPS").is_none(), "\n{table}");
}

/// Which labels were torn apart or thrown together, for whoever tunes.
fn wrong(labels: &[usize], groups: &[usize], messages: &[String]) -> String {
    let mut pairs: BTreeMap<(usize, usize), &str> = BTreeMap::new();
    for at in 0..labels.len() {
        pairs.entry((labels[at], groups[at])).or_insert(&messages[at]);
    }
    let mut out = String::new();
    for ((label, group), message) in &pairs {
        let torn = pairs.keys().filter(|pair| pair.0 == *label).count();
        let thrown = pairs.keys().filter(|pair| pair.1 == *group).count();
        if torn > 1 || thrown > 1 {
            out.push_str(&format!("  label {label} group {group}: {}\n", log::template(message)));
        }
    }
    out
}

#[test]
fn the_order_of_templates_does_not_matter() {
    let texts = [
        "open for user bob by *",
        "open for user ann by *",
        "open for user * by *",
        "VM Started",
        "VM Paused",
    ];
    let turned: Vec<&str> = texts.iter().rev().copied().collect();
    let names =
        |groups: Vec<super::Group>| groups.into_iter().map(|group| group.template).collect::<Vec<_>>();
    let found = names(super::mine(&texts));
    assert_eq!(found, ["VM Paused", "VM Started", "open for user * by *"]);
    assert_eq!(found, names(super::mine(&turned)));
}

#[test]
fn what_is_as_likely_several_messages_stays_apart() {
    let of = |texts: &[&str]| super::mine(texts).len();
    let states = ["NEW", "QUEUED", "GRANTED", "ACTIVE", "HELD", "KEPT", "DONE"];
    let moves: Vec<String> =
        states.windows(2).map(|two| format!("task * moved from {} to {}", two[0], two[1])).collect();
    assert_eq!(of(&moves.iter().map(String::as_str).collect::<Vec<_>>()), 6, "one state follows the other");
    assert_eq!(of(&["session * begun by client Web.App", "session * begun by client Mail.App"]), 2);
    let said: Vec<String> = ('a'..='m').map(|first| format!("Pump {first}bc")).collect();
    assert_eq!(of(&said.iter().map(String::as_str).collect::<Vec<_>>()), 13, "a module says many things");
    assert_eq!(of(&["core files of program *", "core files of program a.out"]), 1, "a name beside a mask");
}

#[test]
fn nothing_and_empty_templates_are_mined() {
    assert!(super::mine(&[]).is_empty());
    assert_eq!(super::mine(&["", "*"]).len(), 2);
}
