//! What is known of an item, a labelled line each.

use factory::terminal::output::{BOLD, Output};
use factory::terminal::safe;
use factory::types::id;
use factory::types::item::fold::unknown_operations;
use factory::types::item::measures::{self, Worth};
use factory::types::item::{Item, Promotion, Status, score};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::expected::Moved;

/// Fields that are told elsewhere.
const ELSEWHERE: [&str; 4] = ["title", "kind", "severity", "body"];

/// A longer label stands out of the column alone, and does not move the others.
const WIDEST: usize = 20;

/// The column stays where it is unless a label needs more.
const USUAL: usize = 12;

/// Title and lines; each value begins in the same column.
pub fn show(item: &Item<'_>, moved: Option<&Moved>, output: &Output) {
    output.line(output.paint(BOLD, &safe::line(item.title())));
    let mut lines = of(item);
    lines.push(("worth".into(), Worth::of(item).map_or(String::new(), Worth::words)));
    lines.push(("moved".into(), moved.map_or(String::new(), Moved::words)));
    lines.extend(what_to_do(item));
    lines.retain(|(_, value)| !value.is_empty());
    let labels = lines.iter().map(|(label, _)| safe::line(label).width() + 1);
    let width = labels.filter(|width| *width <= WIDEST).max().unwrap_or(0).max(USUAL);
    for (label, value) in lines {
        let label = format!("{}:", safe::line(&label));
        output.line(format!("{label:<width$} {}", safe::line(&value)));
    }
}

fn of(item: &Item<'_>) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |label: &str, value: String| lines.push((label.to_owned(), value));
    let words =
        |before: &str, text: Option<&str>| text.map_or(String::new(), |text| format!("{before}{text}"));
    let (released, because) = (words(" in ", item.resolved_in), words(": ", item.because));
    let back = words(", seen again in ", item.back_in);
    line("item", item.id.to_owned());
    line(
        "status",
        match item.status {
            Status::Regressed if item.resolved_in.is_some() => format!("regressed: fixed{released}{back}"),
            status => format!("{}{released}{because}{back}", status.word()),
        },
    );
    line("kind", item.kind().to_owned());
    line("severity", item.severity().to_owned());
    line("seen", format!("{}×, first {}, last {}", item.occurrences, item.first_seen, item.last_seen));
    line("score", score::of(item, id::now_ms()).words());
    line("commit", item.commit.to_owned());
    for (name, value) in item.fields.iter().filter(|(name, _)| !ELSEWHERE.contains(name)) {
        line(name, plain(value));
    }
    for promotion in &item.promotions {
        line("promoted", promoted(promotion));
    }
    for lesson in &item.lessons {
        line("promoted", format!("lesson {lesson}"));
    }
    lines
}

fn promoted(promotion: &Promotion<'_>) -> String {
    let fixture = promotion.fixture.map_or(String::new(), |folder| format!(", fixture {folder}"));
    let check = match promotion.check {
        "" => String::new(),
        check => format!(", check {check}"),
    };
    format!("intent {}{check}{fixture}", promotion.intent)
}

/// What waits for the person, and what is odd.
fn what_to_do(item: &Item<'_>) -> Vec<(String, String)> {
    let mut lines = vec![("missing".to_owned(), missing(item))];
    let mut line = |label: &str, value: String| lines.push((label.to_owned(), value));
    for part in &item.parts {
        line("part", (*part).to_owned());
    }
    for other in &item.proposed {
        line("may be", format!("one with {other}; git feedback link {} {other} [--undo]", item.id));
    }
    for other in &item.split_into {
        line("split into", (*other).to_owned());
    }
    if item.ahead > 0 {
        let events = if item.ahead == 1 { "1 event".to_owned() } else { format!("{} events", item.ahead) };
        line("ahead", format!("{events} with a time that has not come; these lose against others"));
    }
    let unknown: Vec<&str> = unknown_operations(item).into_iter().collect();
    line("unknown", unknown.join(", "));
    lines
}

/// What its priority still lacks, and the command that asks for it.
fn missing(item: &Item<'_>) -> String {
    let fields: Vec<&str> = measures::missing(item).iter().map(|measure| measure.flag).collect();
    if fields.is_empty() || !item.status.is_open() {
        return String::new();
    }
    format!("{}; git feedback set {}", fields.join(", "), item.id)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
