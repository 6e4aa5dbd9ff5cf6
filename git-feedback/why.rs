//! Why the occurrences of an item are one, and which items may be the same as it.

use factory::terminal::output::{DIM, Output};
use factory::terminal::safe;
use factory::types::item::Item;

/// What made the fingerprint, in a sentence.
pub fn grouped_by<'e>(item: &Item<'e>) -> &'e str {
    let by_hand = if item.text("fingerprint").is_some() {
        "same fingerprint"
    } else {
        "filed by hand: an item of its own"
    };
    item.text("grouped_by").unwrap_or(by_hand)
}

/// Items that were proposed to be the same, each with the reason.
pub fn proposed<'e>(item: &Item<'e>) -> Vec<(&'e str, &'e str)> {
    let links = item.story.iter().map(|(event, _)| *event).filter(|event| event.op == "link");
    let proposed =
        links.filter(|event| event.fields.get("proposed").and_then(|value| value.as_bool()) == Some(true));
    proposed.filter_map(|event| Some((event.text("to")?, event.text("because").unwrap_or("")))).collect()
}

/// The lines under an item in the list.
pub fn told(item: &Item<'_>, length: usize, output: &Output) -> String {
    let short = |id: &str| safe::line(id.get(..length).unwrap_or(id)).into_owned();
    let mut lines = vec![safe::line(grouped_by(item)).into_owned()];
    for (other, because) in proposed(item) {
        let because = if because.is_empty() { String::new() } else { format!(" ({})", safe::line(because)) };
        lines.push(format!(
            "may be {}{because}; git feedback link {} {}",
            short(other),
            short(item.id),
            short(other)
        ));
    }
    lines.into_iter().map(|line| output.paint(DIM, &format!("    {line}")) + "\n").collect()
}
