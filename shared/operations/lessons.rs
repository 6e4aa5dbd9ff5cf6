//! Holding the rules among the lessons against the files they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use super::queue;
use crate::storage::files;
use crate::types::check::{Report, Verdict};
use crate::types::lesson::rule::Compiled;
use crate::types::lesson::{FILE, Kind, Lesson, Rule};

/// What reports of lessons have in place of a slug.
pub const SLUG: &str = "lessons";

/// The most of a line that is looked at, in bytes.
const LINE_BYTES: u64 = 1 << 20;

/// A NUL in the first bytes tells a binary file, as git sees it.
const BINARY_BYTES: usize = 8_000;

/// How many matches of a rule a report lists.
const SHOWN: usize = 20;

/// One line that a rule matches.
struct Match {
    rule: usize,
    line: u64,
    column: usize,
}

/// One report for each rule among the lessons: `fail` with every place, `pass`, or `unverified` where
/// its own examples speak against it. `only`: look at these paths alone.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn check(root: &Path, lessons: &[Lesson], only: Option<&BTreeSet<String>>) -> Result<Vec<Report>> {
    let started = Instant::now();
    let rules: Vec<(&Lesson, &Rule)> = lessons
        .iter()
        .filter_map(|lesson| match &lesson.kind {
            Kind::Rule(rule) => Some((lesson, rule)),
            _ => None,
        })
        .collect();
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let compiled: Vec<Result<Compiled, String>> = rules.iter().map(|(_, rule)| tested(rule)).collect();
    let wanted = |path: &String| {
        // The file that holds the bad examples is no place to look for them.
        path != FILE
            && only.is_none_or(|only| only.contains(path))
            && compiled.iter().flatten().any(|rule| rule.applies_to(path))
    };
    let paths: Vec<String> = files::listed(root)?.into_iter().filter(wanted).collect();
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut places: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let found = queue::in_order(&paths, jobs, |path| search(root, path, &compiled), &mut |_| {})?;
    for (path, matches) in paths.iter().zip(found) {
        for Match { rule, line, column } in matches {
            let (lesson, text) = rules[rule];
            let message = lesson.message(text).lines().next().unwrap_or_default();
            places.entry(rule).or_default().push(format!("{path}:{line}:{column} {message}"));
        }
    }
    let looked_at = |rule: &Compiled| paths.iter().filter(|path| rule.applies_to(path)).count();
    let reports = rules.iter().zip(&compiled).enumerate().map(|(at, ((lesson, _), rule))| {
        let report = |verdict, reason: String, detail: String| Report {
            slug: SLUG.to_owned(),
            check: lesson.id.clone(),
            case: None,
            is_contract: false,
            verdict,
            reason,
            detail,
            took: started.elapsed(),
        };
        match (rule, places.get(&at)) {
            (Err(why), _) => report(Verdict::Unverified, why.clone(), String::new()),
            (Ok(_), Some(places)) => {
                let more = places.len().saturating_sub(1);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                report(Verdict::Fail, format!("{}{more}", places[0]), shown(places))
            }
            (Ok(rule), None) if only.is_none() && looked_at(rule) == 0 => {
                report(Verdict::Pass, "no file lies at its paths".to_owned(), String::new())
            }
            (Ok(_), None) => report(Verdict::Pass, String::new(), String::new()),
        }
    });
    Ok(reports.collect())
}

/// The ids of lessons whose rule caught something.
pub fn fired(reports: &[Report]) -> impl Iterator<Item = String> {
    let caught = reports.iter().filter(|report| report.slug == SLUG && report.verdict == Verdict::Fail);
    caught.map(|report| report.check.clone())
}

fn tested(rule: &Rule) -> Result<Compiled, String> {
    let compiled = Compiled::of(rule)?;
    match compiled.examples_against(rule) {
        Some(why) => Err(format!("{why}; it was not run")),
        None => Ok(compiled),
    }
}

fn shown(places: &[String]) -> String {
    if places.len() == 1 {
        return String::new();
    }
    let mut lines: Vec<&str> = places.iter().take(SHOWN).map(String::as_str).collect();
    let more = format!("… {} more", places.len().saturating_sub(SHOWN));
    if places.len() > SHOWN {
        lines.push(&more);
    }
    lines.join("\n")
}

/// Every line of a file with a rule that matches it. The file is streamed; a binary one is passed over.
fn search(root: &Path, path: &str, rules: &[Result<Compiled, String>]) -> Result<Vec<Match>> {
    let rules: Vec<(usize, &Compiled)> = rules
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| Some((at, rule.as_ref().ok().filter(|rule| rule.applies_to(path))?)))
        .collect();
    let about = || format!("cannot read {path}");
    let file = match File::open(root.join(path)) {
        // It went away since the folder was listed.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        file => file.with_context(about)?,
    };
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let start = reader.fill_buf().with_context(about)?;
    if start[..start.len().min(BINARY_BYTES)].contains(&0) {
        return Ok(Vec::new());
    }
    let (mut found, mut line, mut number) = (Vec::new(), Vec::new(), 0);
    while next_line(&mut reader, &mut line).with_context(about)? {
        number += 1;
        let text = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line[..] };
        for (rule, compiled) in &rules {
            found.extend(compiled.column(text).map(|column| Match { rule: *rule, line: number, column }));
        }
    }
    Ok(found)
}

/// The next line without its end; what is beyond the limit is read past. `false` at the end of the file.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    if reader.by_ref().take(LINE_BYTES).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.pop_if(|last| *last == b'\n').is_some() {
        line.pop_if(|last| *last == b'\r');
    } else {
        reader.skip_until(b'\n')?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_longer_than_the_limit_is_one_line() {
        let mut text = vec![b'x'; 3 << 20];
        text.extend_from_slice(b"\nsecond\r\nlast");
        let mut reader = BufReader::new(&text[..]);
        let mut line = Vec::new();
        let mut lengths = Vec::new();
        while next_line(&mut reader, &mut line).unwrap() {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [1 << 20, 6, 4]);
    }
}
