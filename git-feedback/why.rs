//! Why the occurrences of an item are one, and which items may be the same as it.

use factory::terminal::output::{DIM, Output};
use factory::terminal::safe;
use factory::types::event::Event;
use factory::types::item::Item;
use factory::types::item::grouping::By;

/// What made an item's occurrences one, and what may be the same as it.
pub struct Why {
    /// What made the fingerprint, in a sentence.
    pub grouped_by: String,
    /// Items that it was proposed to be the same as, each with the reason.
    pub proposed: Vec<(String, String)>,
    /// Items that became part of it or it of them, each with the reason, by an import.
    pub joined: Vec<(String, String)>,
    /// How many items it was proposed of that they are this one.
    pub others: usize,
}

impl Why {
    pub fn of(item: &Item<'_>) -> Self {
        let by_hand = if item.text("fingerprint").is_some() {
            "same fingerprint"
        } else {
            "filed by hand: an item of its own"
        };
        let links = item.story.iter().map(|(event, _)| *event).filter(|event| event.op == "link");
        let joined = links.clone().filter(|event| By::of(event) == By::Import).filter_map(|event| {
            let (_, part) = event.subject.as_ref().filter(|(_, part)| item.parts.contains(&part.as_str()))?;
            Some((part.clone(), event.text("because").unwrap_or_default().to_owned()))
        });
        let mut joined: Vec<(String, String)> = joined.collect();
        joined.sort();
        joined.dedup();
        let proposed = links
            .filter(|event| event.fields.get("proposed").and_then(|value| value.as_bool()) == Some(true));
        let proposal = |event: &Event| {
            let other = event.text("to").filter(|other| item.proposed.contains(other))?;
            Some((other.to_owned(), event.text("because").unwrap_or("").to_owned()))
        };
        let mut proposed: Vec<(String, String)> = proposed.filter_map(proposal).collect();
        proposed.sort();
        proposed.dedup_by(|(a, _), (b, _)| a == b);
        Self {
            grouped_by: item.text("grouped_by").unwrap_or(by_hand).to_owned(),
            others: item.proposed.len().saturating_sub(proposed.len()),
            proposed,
            joined,
        }
    }

    /// The lines under an item in the list.
    pub fn told(&self, id: &str, length: usize, output: &Output) -> String {
        let short = |id: &str| safe::line(id.get(..length).unwrap_or(id)).into_owned();
        let mut lines = vec![safe::line(&self.grouped_by).into_owned()];
        let reason = |because: &str| {
            if because.is_empty() { String::new() } else { format!(" ({})", safe::line(because)) }
        };
        for (part, because) in &self.joined {
            let (one, part) = (short(id), short(part));
            lines.push(format!(
                "{part} is part of it{}; git feedback link --undo {part} {one}",
                reason(because)
            ));
        }
        for (other, because) in &self.proposed {
            let because = reason(because);
            let (one, other) = (short(id), short(other));
            lines.push(format!("may be {other}{because}; git feedback link {one} {other}"));
        }
        match self.others {
            0 => {}
            1 => lines.push(format!("1 other may be this one; git feedback show {}", short(id))),
            others => lines.push(format!("{others} others may be this one; git feedback show {}", short(id))),
        }
        lines.into_iter().map(|line| output.paint(DIM, &format!("    {line}")) + "\n").collect()
    }
}
