//! An intent in lines: whole, or fitted to one screen of a terminal.

use factory::terminal::output::{BOLD, DIM, Output, WAIT};
use factory::terminal::safe;
use factory::types::intent::Intent;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::constraint;
use crate::words;

/// Lines a sheet may take; a screen of 24 has room for how it stands, notes and the prompt.
const LINES: usize = 18;

/// Where not even this many columns are, lines wrap as the terminal does it.
const LEAST_WIDTH: usize = 30;

/// A heading and rows of a name and what there is to say of it.
type Section = (&'static str, Vec<(String, String)>);

pub struct Sheet<'i> {
    intent: &'i Intent,
    sections: Vec<Section>,
}

impl<'i> Sheet<'i> {
    /// What the intent demands; `fixtures` are its files, each with its size.
    pub fn of(intent: &'i Intent, fixtures: Vec<(String, String)>) -> Self {
        let sections: Vec<Section> = vec![
            ("constraints", intent.constraints.iter().map(constraint).collect()),
            ("contracts", intent.contracts.iter().map(words::contract).collect()),
            ("checks", intent.acceptance.iter().map(words::check).collect()),
            ("fixtures", fixtures),
        ];
        Self { intent, sections: sections.into_iter().filter(|(_, rows)| !rows.is_empty()).collect() }
    }

    /// Also what is proven of its checks.
    pub fn proven(mut self, rows: Vec<(String, String)>) -> Self {
        self.sections.extend((!rows.is_empty()).then_some(("proof", rows)));
        self
    }

    /// Everything, however long.
    pub fn whole(&self, output: &Output) -> Vec<String> {
        let mut lines = vec![self.title(usize::MAX, output)];
        lines.push(safe::lines(&self.intent.outcome).into_owned());
        for (name, list) in self.lists() {
            lines.push(format!("{} {list}", output.paint(DIM, name)));
        }
        for section in &self.sections {
            lines.extend(rows_of(section, section.1.len(), usize::MAX, output));
        }
        lines.extend(self.warning(output));
        lines
    }

    /// As much as one screen of so many columns holds, and whether anything was left out.
    pub fn fitted(&self, columns: usize, output: &Output) -> (Vec<String>, bool) {
        let columns = columns.max(LEAST_WIDTH);
        let outcome =
            safe::line(&self.intent.outcome.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
        let wrapped = wrapped(&outcome, columns);
        let mut cut = wrapped.len() > 3 || self.title(usize::MAX, output) != self.title(columns, output);
        let mut lines = vec![self.title(columns, output)];
        lines.extend(wrapped.iter().take(3).cloned());
        if wrapped.len() > 3
            && let Some(last) = lines.last_mut()
        {
            *last = safe::cut(&format!("{last} …"), columns).into_owned();
        }
        for (name, list) in self.lists() {
            let shown = safe::cut(&list, columns.saturating_sub(name.width() + 1)).into_owned();
            cut |= shown != list;
            lines.push(format!("{} {shown}", output.paint(DIM, name)));
        }
        let warning = self.warning(output);
        let kept = self.kept(LINES.saturating_sub(lines.len() + warning.len()));
        for (section, kept) in self.sections.iter().zip(kept) {
            let shown = rows_of(section, kept, columns, output);
            cut |= kept < section.1.len() || shown != rows_of(section, kept, usize::MAX, output);
            lines.extend(shown);
        }
        lines.extend(warning);
        (lines, cut)
    }

    /// How many rows of each section fit into so many lines; the longest gives way first.
    fn kept(&self, lines: usize) -> Vec<usize> {
        let mut kept: Vec<usize> = self.sections.iter().map(|(_, rows)| rows.len()).collect();
        let taken = |kept: &[usize]| -> usize {
            // An empty line, the heading, and a line for those that are left out.
            kept.iter()
                .zip(&self.sections)
                .map(|(kept, (_, rows))| 2 + kept + usize::from(*kept < rows.len()))
                .sum()
        };
        while taken(&kept) > lines {
            let Some(longest) = kept.iter_mut().filter(|kept| **kept > 1).max() else { break };
            *longest -= 1;
        }
        kept
    }

    fn title(&self, columns: usize, output: &Output) -> String {
        let slug = &self.intent.slug;
        let title = safe::line(&self.intent.title);
        let left = columns.saturating_sub(slug.width() + 2);
        format!("{}  {}", output.paint(BOLD, slug), output.paint(BOLD, &safe::cut(&title, left)))
    }

    fn lists(&self) -> Vec<(&'static str, String)> {
        let lists = [("out of scope:", &self.intent.out_of_scope), ("may change:", &self.intent.scope.write)];
        let said = lists.into_iter().filter(|(_, list)| !list.is_empty());
        said.map(|(name, list)| (name, safe::line(&list.join(", ")).into_owned())).collect()
    }

    fn warning(&self, output: &Output) -> Vec<String> {
        match self.intent.acceptance.is_empty() {
            true => vec![String::new(), output.paint(WAIT, "no checks: nothing says how one will know")],
            false => Vec::new(),
        }
    }
}

fn rows_of((heading, rows): &Section, kept: usize, columns: usize, output: &Output) -> Vec<String> {
    let mut lines = vec![String::new(), output.paint(DIM, heading)];
    let name = |row: &(String, String)| safe::cut(&safe::line(&row.0), columns / 2).into_owned();
    let width = rows.iter().take(kept).map(|row| name(row).width()).max().unwrap_or(0);
    for row in rows.iter().take(kept) {
        let name = name(row);
        let space = " ".repeat(width.saturating_sub(name.width()));
        let text = safe::line(&row.1);
        lines.push(format!("  {name}{space}  {}", safe::cut(&text, columns.saturating_sub(width + 4))));
    }
    if kept < rows.len() {
        lines.push(output.paint(DIM, &format!("  and {} more", rows.len() - kept)));
    }
    lines
}

/// The text in lines of so many columns, broken between words where that is possible.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        if used > 0 && used + 1 + word.width() > columns {
            lines.push(String::new());
            used = 0;
        }
        let space = if used > 0 { " " } else { "" };
        for c in space.chars().chain(word.chars()) {
            let width = c.width().unwrap_or(0);
            if used + width > columns {
                lines.push(String::new());
                used = 0;
            }
            used += width;
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("日本語 日本語", 6), ["日本語", "日本語"]);
        assert_eq!(wrapped("abcdefgh i", 5), ["abcde", "fgh i"]);
    }
}
