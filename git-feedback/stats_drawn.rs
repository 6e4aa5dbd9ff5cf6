//! The text of `git feedback stats`: numbers with small plots of plain characters, which any terminal shows.
//!
//! The crates for plots in a terminal draw curves in Braille; these are counts by name, which read as bars
//! also where there is neither colour nor UTF-8.

use factory::terminal::output::{BOLD, DIM, Output};
use factory::terminal::safe;
use factory::types::item::{Item, Items, Status};

use crate::stats::{Row, count, quantile, within};
use crate::store;

/// The most columns of one bar; on a narrow terminal it has fewer.
const BAR: usize = 24;

pub fn show(items: &Items<'_>, rows: &[Row], days: &[f64], back: &[(&Item<'_>, usize)], output: &Output) {
    let counted: Vec<String> =
        Status::ALL.into_iter().map(|status| format!("{} {}", count(items, status), status.word())).collect();
    output.line(counted.join(", "));
    opened_and_closed(rows, output);
    if !days.is_empty() {
        time_to_fix(days, output);
    }
    if !back.is_empty() {
        title("what comes back", output);
    }
    for (item, closes) in back {
        let release = item.back_in.map_or(String::new(), |release| format!(", again in {release}"));
        let said = format!("{}  closed {closes}×{release}  {}", item.id, store::headline(item));
        let said = safe::line(&said);
        output.line(output.width().map_or(said.as_ref().into(), |columns| safe::cut(&said, columns)));
    }
}

fn title(text: &str, output: &Output) {
    output.line(format!("\n{}", output.paint(BOLD, text)));
}

fn opened_and_closed(rows: &[Row], output: &Output) {
    if rows.is_empty() {
        output.note("no item names a release yet");
        return;
    }
    let width = rows.iter().map(|row| safe::line(&row.0).chars().count()).max().unwrap_or(0);
    let most = rows.iter().map(|(_, opened, closed)| *opened.max(closed)).max().unwrap_or(0);
    // Name, two numbers of six digits, two blanks before each part.
    let columns = columns(output, width + 18, 2);
    title(&format!("{:<width$}  opened  closed", ""), output);
    for (name, opened, closed) in rows {
        let drawn = bar('+', *opened, most, columns) + &bar('-', *closed, most, columns);
        line(&format!("{:<width$}  {opened:>6}  {closed:>6}", safe::line(name)), &drawn, output);
    }
}

fn time_to_fix(days: &[f64], output: &Output) {
    title("from first seen to fixed", output);
    let rows = within(days);
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let columns = columns(output, 24, 1);
    for (words, count) in &rows {
        let words = if *words == "longer" { (*words).to_owned() } else { format!("within {words}") };
        line(&format!("{words:<14}  {count:>6}"), &bar('#', *count, most, columns), output);
    }
    output.line(format!(
        "half in {:.1} days, nine of ten in {:.1} ({} fixed)",
        quantile(days, 0.5),
        quantile(days, 0.9),
        days.len()
    ));
}

/// Bars are for eyes; a pipe gets the numbers.
fn line(numbers: &str, drawn: &str, output: &Output) {
    let drawn = match output.width().is_some() && !drawn.is_empty() {
        true => format!("  {}", output.paint(DIM, drawn)),
        false => String::new(),
    };
    output.line(format!("{numbers}{drawn}"));
}

/// Columns for each of so many bars beside what stands before them.
fn columns(output: &Output, before: usize, bars: usize) -> usize {
    let left = output.width().unwrap_or(usize::MAX).saturating_sub(before) / bars;
    left.clamp(1, BAR)
}

/// One mark for each, or to the scale of the most where that is too many.
fn bar(mark: char, count: u64, most: u64, columns: usize) -> String {
    let columns = columns as u64;
    let scaled = if most <= columns { count } else { (count * columns).div_ceil(most) };
    (0..scaled).map(|_| mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_to_the_scale_of_the_most() {
        assert_eq!(bar('+', 2, 5, 24), "++");
        assert_eq!(bar('-', 1000, 1000, 24).len(), 24);
        assert_eq!(bar('-', 1, 1000, 24), "-");
        assert_eq!(bar('+', 0, 0, 24), "");
    }
}
