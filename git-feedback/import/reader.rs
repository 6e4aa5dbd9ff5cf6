//! One input from its lines to records: each line goes to the reader of what it is, whatever the others are.

use std::collections::VecDeque;

use factory::operations::redacting::Redactor;
use factory::terminal::safe;
use serde_json::Value;

use super::gather::Gathered;
use super::json::values::{Fed, Values};
use super::lines::{Lines, Read1};
use super::record::{Least, Record};
use super::text::Text;
use super::told::Told;
use super::{Format, json, junit};

/// Lines behind a cut-off value are read again by themselves, unless they are more than this.
const MOST_READ_AGAIN_BYTES: usize = 64 * 1024;

/// The reading of one input.
pub struct Reader<'r> {
    format: Option<Format>,
    least: Least,
    redactor: &'r Redactor,
    text: Text,
    values: Values,
    buffer: Vec<u8>,
    pub gathered: Gathered<'r>,
    pub told: Told,
}

/// Whether more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    More,
    /// Nothing comes just now.
    Idle,
    End,
}

impl<'r> Reader<'r> {
    pub fn new(format: Option<Format>, least: Least, redactor: &'r Redactor, gathered: Gathered<'r>) -> Self {
        let only_panics = matches!(format, Some(Format::Panic | Format::CargoTest));
        let text = Text::new(only_panics, least);
        let (values, buffer, told) = (Values::default(), Vec::new(), Told::default());
        Self { format, least, redactor, text, values, buffer, gathered, told }
    }

    /// Read one line, or one XML document.
    pub fn step(&mut self, lines: &mut Lines) -> State {
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = lines.next(&mut buffer);
        let number = lines.number;
        let state = match read {
            Read1::End => {
                self.end();
                State::End
            }
            Read1::Idle => State::Idle,
            Read1::TooLong => {
                self.refuse(number, "longer than 8 MB", &String::from_utf8_lossy(&buffer));
                State::More
            }
            Read1::Broken(why) => {
                let why = format!("the input breaks off: {why}");
                self.refuse(number, &why, &String::from_utf8_lossy(&buffer));
                State::More
            }
            Read1::Line => {
                let line = String::from_utf8_lossy(&buffer);
                if self.begins_xml(&line) {
                    self.xml(lines, line.as_bytes());
                } else {
                    self.lines(number, &line);
                }
                State::More
            }
        };
        self.buffer = buffer;
        self.told.lines = lines.number;
        self.told.records = self.gathered.records;
        state
    }

    fn begins_xml(&self, line: &str) -> bool {
        let may = matches!(self.format, None | Some(Format::Junit));
        let line = line.trim_start_matches('\u{feff}').trim_start();
        may && line.starts_with('<') && junit::begins(line) && !self.text.inside_panic()
    }

    fn xml(&mut self, lines: &mut Lines, line: &[u8]) {
        let first = lines.number;
        let mut rest = lines.beginning_with(line);
        let mut found = Vec::new();
        let (gathered, told) = (&mut self.gathered, &mut self.told);
        let read = junit::read(&mut rest, |record| match record {
            Some(record) => found.extend(gathered.take(record).err().map(|_| first)),
            None => told.passed_over += 1,
        });
        let at = rest.number();
        let (again, lost) = rest.taken();
        let left = rest.left_of_first();
        if let Err(why) = read {
            let shown = String::from_utf8_lossy(line).into_owned();
            let lost = if lost > 0 { format!(", {lost} bytes of it are passed over") } else { String::new() };
            self.refuse(at, &format!("in the XML that begins on line {first}: {why}{lost}"), &shown);
            // What the broken part swallowed is no XML: it is read as lines.
            String::from_utf8_lossy(&again).lines().for_each(|line| self.lines(at, line));
        } else if !left.is_empty() {
            self.lines(at, &String::from_utf8_lossy(&left));
        }
        found.into_iter().for_each(|number| self.too_many(number));
    }

    fn refuse(&mut self, number: u64, why: &str, line: &str) {
        self.told.refuse(number, why, line, self.redactor);
    }

    fn too_many(&mut self, number: u64) {
        self.refuse(number, "more different things than one import files", "");
    }

    fn take(&mut self, number: u64, record: Record) {
        if self.gathered.take(record).is_err() {
            self.too_many(number);
        }
    }

    /// A line, and those that a value given up brings back.
    fn lines(&mut self, number: u64, line: &str) {
        let mut waiting: VecDeque<(u64, String)> = VecDeque::new();
        let coloured = line.contains('\u{1b}').then(|| safe::uncoloured(line));
        self.line(number, coloured.as_deref().unwrap_or(line), &mut waiting);
        while let Some((number, line)) = waiting.pop_front() {
            self.line(number, &line, &mut waiting);
        }
    }

    fn line(&mut self, number: u64, line: &str, waiting: &mut VecDeque<(u64, String)>) {
        if !self.is_json(line) {
            self.values.leave_list();
            let (ended, logged) = self.text.take(line);
            ended.into_iter().for_each(|record| self.take(number, record));
            if logged.is_some_and(|logged| self.gathered.take_logged(&logged).is_err()) {
                self.too_many(number);
            }
            return;
        }
        // Nearly always a line is one value.
        if !self.values.is_open()
            && let Ok(value) = serde_json::from_str::<Value>(line)
            && value.is_object()
        {
            return self.value(number, &value, line);
        }
        match self.values.feed(line, number) {
            Fed::Ended(ended) => self.ended(ended),
            Fed::Broken(ended) => {
                self.ended(ended);
                self.give_up("no JSON", waiting);
            }
            Fed::Refused => {
                self.give_up("JSON that is cut off", waiting);
                waiting.push_back((number, line.to_owned()));
            }
        }
    }

    fn is_json(&self, line: &str) -> bool {
        match self.format {
            Some(Format::Json) => !line.trim().is_empty() || self.values.is_open(),
            None if self.values.is_open() => true,
            // Values that programs print in their panics stay with them.
            None if self.text.inside_panic() => line.starts_with("{\"") && line.ends_with('}'),
            None => self.values.wants(line),
            Some(_) => false,
        }
    }

    fn ended(&mut self, ended: Vec<(u64, String)>) {
        for (number, text) in ended {
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => self.value(number, &value, &text),
                Err(error) => self.refuse(number, &error.to_string(), &text),
            }
        }
    }

    fn value(&mut self, number: u64, value: &Value, text: &str) {
        match json::records(value, self.least) {
            Ok((records, passed_over)) => {
                self.told.passed_over += passed_over;
                records.into_iter().for_each(|record| self.take(number, record));
            }
            Err(why) => self.refuse(number, &why, text),
        }
    }

    /// The first line of what was begun is refused, the others are read again.
    fn give_up(&mut self, why: &str, waiting: &mut VecDeque<(u64, String)>) {
        let Some((first, text)) = self.values.give_up() else { return };
        let (line, others) = text.split_once('\n').unwrap_or((&text, ""));
        self.refuse(first, why, line);
        if others.len() <= MOST_READ_AGAIN_BYTES {
            let again = others.lines().zip(first + 1..).map(|(line, number)| (number, line.to_owned()));
            let behind = std::mem::take(waiting);
            waiting.extend(again.chain(behind));
        } else {
            let count = others.lines().count();
            self.refuse(first + 1, &format!("{why}, with {count} lines behind it"), others);
        }
    }

    fn end(&mut self) {
        let mut waiting = VecDeque::new();
        loop {
            self.give_up("JSON that is cut off", &mut waiting);
            if waiting.is_empty() {
                break;
            }
            for (number, line) in std::mem::take(&mut waiting) {
                self.lines(number, &line);
            }
        }
        let number = self.told.lines;
        let last = self.text.end();
        last.into_iter().for_each(|record| self.take(number, record));
        self.told.passed_over += std::mem::take(&mut self.text.passed_over);
        self.told.without_level += std::mem::take(&mut self.text.without_level);
        self.told.odd_times = self.gathered.odd_times;
        self.told.records = self.gathered.records;
    }
}
