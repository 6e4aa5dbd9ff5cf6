//! How a canary stands, in a few lines of a terminal or one line of a pipe.

use factory::terminal::safe;
use unicode_width::UnicodeWidthStr;

use crate::canary::counts::Counts;
use crate::canary::latency::Took;
use crate::edge::protocol::{PlanStatus, Status};
use crate::plot::{Glyphs, bar, part, short};
use crate::recorded::Course;

/// Lines of words at most; what goes beyond is cut.
const WORDS: usize = 4;
/// Columns from which a slot's line holds its latency too.
const WIDE: usize = 76;

/// What is drawn in a terminal of so many columns.
pub fn lines(
    status: &Status,
    plan: &PlanStatus,
    course: &Course,
    columns: usize,
    glyphs: Glyphs,
) -> Vec<String> {
    let columns = columns.max(20);
    let mut lines = wrapped(&plan.words, columns, 2);
    lines.extend(slot("stable", plan.stable, plan.took.stable, columns));
    lines.extend(slot("canary", plan.canary, plan.took.canary, columns));
    let drawn = crate::plot::draw(&course.points, course.bound(), columns.min(80), glyphs);
    if drawn.is_empty() {
        let gauge = |name: &str, letter: char, value: f64| {
            let filled = bar(value.ln(), course.bound(), columns.saturating_sub(27).clamp(4, 24), glyphs);
            format!("{name:<8}{filled} {letter} {} of {:.0}", short(value), course.bound())
        };
        lines.extend([gauge("worse", 'E', plan.e), gauge("good", 'F', plan.f)]);
    }
    lines.extend(drawn);
    let differs = plan.differs.iter().map(|words| format!("differs: {words}"));
    for text in [waits(status, plan)].into_iter().chain(differs).filter(|text| !text.is_empty()) {
        lines.extend(wrapped(&text, columns, WORDS));
    }
    lines.into_iter().map(|line| safe::cut(&line, columns).into_owned()).collect()
}

fn waits(status: &Status, plan: &PlanStatus) -> String {
    let troubled = status.slots.iter().find_map(|slot| slot.trouble.as_ref().map(|why| (slot, why)));
    let trouble = troubled.map(|(slot, why)| format!("{} {}: {why}", slot.slot, slot.state));
    [Some(plan.waits.clone()).filter(|waits| !waits.is_empty()), trouble]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

fn slot(name: &str, counts: Counts, took: Option<Took>, columns: usize) -> Vec<String> {
    let mut line = format!("{name:<8}{} requests, {} failed", counts.requests, counts.failed);
    for (count, what) in [(counts.panics, "panics"), (counts.error_lines, "error lines")] {
        if count > 0 {
            line.push_str(&format!(", {count} {what}"));
        }
    }
    let Some(took) = took else { return vec![line] };
    let ms = |us: u64| format!("{:.1}", us as f64 / 1000.0);
    let latency = format!("p50 {} p90 {} p99 {} ms", ms(took.p50_us), ms(took.p90_us), ms(took.p99_us));
    match columns >= WIDE {
        true => vec![format!("{line:<38} {latency}")],
        false => vec![line, format!("        {latency}")],
    }
}

/// The text over at most so many lines, broken between words.
fn wrapped(text: &str, columns: usize, most: usize) -> Vec<String> {
    let safe = safe::line(text);
    let mut lines: Vec<String> = vec![String::new()];
    for word in safe.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].width() + 1 + word.width() > columns {
            lines.push(word.to_owned());
            continue;
        }
        if !lines[last].is_empty() {
            lines[last].push(' ');
        }
        lines[last].push_str(word);
    }
    if lines.len() > most {
        lines.truncate(most);
        lines[most - 1].push_str(" …");
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// The one line of a pipe, and what must change before it is worth another.
pub fn plain(plan: &PlanStatus, bound: f64) -> (String, String) {
    let counted =
        |name: &str, counts: Counts| format!("{name} {} of {} failed", counts.failed, counts.requests);
    let mut line = safe::line(&plan.words).into_owned();
    if plan.stable.requests + plan.canary.requests > 0 {
        line.push_str(&format!(
            "; {}, {}; E {} F {} of {bound:.0}",
            counted("canary", plan.canary),
            counted("stable", plan.stable),
            short(plan.e),
            short(plan.f)
        ));
    }
    if !plan.waits.is_empty() && !plan.is_over() {
        line.push_str(&format!("; {}", safe::line(&plan.waits)));
    }
    let quarter = |value: f64| (part(value.ln(), bound) * 4.0).floor();
    let change = format!("{} {} {}", plan.words, quarter(plan.e), quarter(plan.f));
    (line, change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status() -> Status {
        let took = json!({"p50_us": 1200, "p90_us": 4100, "p99_us": 123_456, "units": 900});
        serde_json::from_value(json!({
            "port": 1, "weight": 5, "epoch": 1, "supervisor": 1, "worker": 2, "slots": [], "records": 9,
            "plan": {
                "release": "r1", "phase": "weighing", "words": "r20261122-8txe gets 5 % of requests (step 1 of 3)",
                "reason": "", "stable": {"requests": 123_456, "ok": 123_400, "failed": 56},
                "canary": {"requests": 640, "ok": 639, "failed": 1}, "e": 3.2, "f": 12.0,
                "waits": "61 of 200 requests in this step; at 2.0/s about 70 s more; nothing can be said on latency \u{1b}[2J yet",
                "green_rounds": 2, "basis": "", "took": {"stable": took, "canary": took},
                "differs": ["GET /a: status 200 with stable, 404 with the canary"],
            },
        }))
        .unwrap()
    }

    #[test]
    fn it_fits_every_width_and_no_text_acts_on_the_terminal() {
        let status = status();
        let plan = status.plan.clone().unwrap();
        for columns in [20, 40, 57, 80, 200] {
            for glyphs in [Glyphs::Ascii, Glyphs::Unicode] {
                let drawn = lines(&status, &plan, &Course::new("r1"), columns, glyphs);
                assert!(drawn.iter().all(|line| line.width() <= columns), "{columns} {drawn:#?}");
                assert!(drawn.iter().all(|line| !line.contains('\u{1b}')), "{drawn:#?}");
                assert!(drawn.len() <= 16, "{drawn:#?}");
            }
        }
        let narrow = lines(&status, &plan, &Course::new("r1"), 40, Glyphs::Ascii).join("\n");
        for told in ["canary  640 requests, 1 failed", "p99 123.5 ms", "61 of 200 requests", "E 3.2 of 100"] {
            assert!(narrow.contains(told), "{told} in {narrow}");
        }
    }

    #[test]
    fn a_line_of_a_pipe_comes_with_each_change_and_not_with_each_request() {
        let status = status();
        let mut plan = status.plan.unwrap();
        let (line, change) = plain(&plan, 100.0);
        assert!(
            line.contains("canary 1 of 640 failed, stable 56 of 123456 failed; E 3.2 F 12 of 100"),
            "{line}"
        );
        plan.canary.requests += 10;
        assert_eq!(plain(&plan, 100.0).1, change);
        plan.e = 90.0;
        assert_ne!(plain(&plan, 100.0).1, change);
    }
}
