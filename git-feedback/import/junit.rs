//! JUnit XML as nextest and other test runners write it (<https://nexte.st/docs/machine-readable/junit/>),
//! read event by event.
//!
//! The schema is a custom of many tools; what is read is what all of them agree on: `testsuite`,
//! `testcase` with `failure` or `error`, the output of both streams, and the reruns of flaky tests.

use jiff::Timestamp;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::failed;
use super::lines::Rest;
use super::record::Record;

/// So much of an output is kept: its end, where the failure is.
const KEPT_BYTES: usize = 256 * 1024;
/// Of a name or a message, the beginning.
const NAME_BYTES: usize = 16 * 1024;
/// Deeper elements are none of test runners.
const DEEPEST: usize = 64;
const ROOTS: [&str; 4] = ["testsuites", "testsuite", "testcase", "?xml"];

/// Whether a line opens such a document, or goes on inside one.
pub fn begins(line: &str) -> bool {
    let name = line[1..].split(|c: char| c.is_whitespace() || "/>".contains(c)).next().unwrap_or("");
    ROOTS.contains(&name)
}

/// A test case on its way.
#[derive(Default)]
struct Case {
    name: String,
    class: String,
    suite: String,
    time: Option<Timestamp>,
    /// What failed first: its message and its text.
    said: Option<(String, String)>,
    /// Inside a later failure, whose text is not kept.
    later: bool,
    /// Passed on a later try.
    flaky: bool,
    output: String,
}

/// Read a document to the end of its root; a record for each case that failed, `None` for others.
///
/// # Errors
/// In words, what in it cannot be read; [`Rest::taken`] tells what that was.
pub fn read(from: &mut Rest<'_>, mut take: impl FnMut(Option<Record>)) -> Result<(), String> {
    let mut reader = Reader::from_reader(from);
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    let mut document = Document::default();
    loop {
        buffer.clear();
        reader.get_mut().refill();
        match reader.read_event_into(&mut buffer).map_err(|error| error.to_string())? {
            Event::Start(tag) if tag.name().as_ref().len() > NAME_BYTES => {
                return Err("the name of an element is too long".to_owned());
            }
            Event::Start(tag) => document.start(&tag),
            Event::Empty(tag) => {
                document.start(&tag);
                document.end(&mut take);
            }
            Event::End(_) => document.end(&mut take),
            Event::Text(text) => document.text(&text.xml10_content()),
            Event::CData(text) => document.text(&text.xml10_content()),
            Event::GeneralRef(entity) => {
                document.entity(entity.resolve_char_ref().ok().flatten(), &entity.xml10_content())
            }
            Event::Eof if document.open.is_empty() => return Ok(()),
            Event::Eof => return Err("it is cut off".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
        }
        if document.open.len() > DEEPEST {
            return Err(format!("it is nested deeper than {DEEPEST}"));
        }
        if document.open.is_empty() && document.begun {
            return Ok(());
        }
    }
}

#[derive(Default)]
struct Document {
    open: Vec<String>,
    begun: bool,
    suite: String,
    time: Option<Timestamp>,
    case: Option<Case>,
}

impl Document {
    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name().as_ref().to_owned();
        let of = |name: &str| {
            let found = tag.try_get_attribute(name).ok().flatten();
            found.and_then(|found| {
                let text = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
                Some(beginning(&text).to_owned())
            })
        };
        let time = || of("timestamp").and_then(|text| super::json::time(&text.into()));
        match name.as_str() {
            "testsuites" => self.time = time(),
            "testsuite" => (self.suite, self.time) = (of("name").unwrap_or_default(), time().or(self.time)),
            "testcase" => {
                let (name, class) = (of("name").unwrap_or_default(), of("classname").unwrap_or_default());
                let (suite, time) = (self.suite.clone(), time().or(self.time));
                self.case = Some(Case { name, class, suite, time, ..Case::default() });
            }
            "failure" | "error" | "flakyFailure" | "flakyError" => {
                if let Some(case) = &mut self.case {
                    case.flaky |= name.starts_with("flaky");
                    case.later = case.said.is_some();
                    case.said.get_or_insert_with(|| (of("message").unwrap_or_default(), String::new()));
                }
            }
            _ => {}
        }
        self.begun = true;
        self.open.push(name);
    }

    fn text(&mut self, text: &str) {
        let (Some(case), Some(inside)) = (&mut self.case, self.open.last()) else { return };
        let to = match inside.as_str() {
            "system-out" | "system-err" => &mut case.output,
            "failure" | "error" | "flakyFailure" | "flakyError" | "stackTrace" => match &mut case.said {
                Some((_, said)) if !case.later => said,
                _ => return,
            },
            _ => return,
        };
        to.push_str(text);
        let over = to.len().saturating_sub(KEPT_BYTES);
        if over > 0 {
            let from = (over..to.len()).find(|at| to.is_char_boundary(*at)).unwrap_or(to.len());
            to.drain(..from);
        }
    }

    fn entity(&mut self, character: Option<char>, name: &str) {
        let text = match (character, name) {
            (Some(character), _) => character.to_string(),
            (None, "lt") => "<".to_owned(),
            (None, "gt") => ">".to_owned(),
            (None, "amp") => "&".to_owned(),
            (None, "quot") => "\"".to_owned(),
            (None, "apos") => "'".to_owned(),
            (None, other) => format!("&{other};"),
        };
        self.text(&text);
    }

    fn end(&mut self, take: &mut impl FnMut(Option<Record>)) {
        match self.open.pop().as_deref() {
            Some("testcase") => take(self.case.take().and_then(Case::record)),
            // A new line of output begins where another element ends.
            Some("system-out" | "system-err") => self.case.iter_mut().for_each(|case| case.output.push('\n')),
            _ => {}
        }
    }
}

fn beginning(text: &str) -> &str {
    let end = (0..=text.len().min(NAME_BYTES)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

impl Case {
    fn record(self) -> Option<Record> {
        let (message, text) = self.said.as_ref()?;
        // nextest's class is the binary, which is the suite's name too; elsewhere it is part of the name.
        let bare = self.class.is_empty() || self.class == self.suite || self.name.contains("::");
        let test = if bare { self.name.clone() } else { format!("{}::{}", self.class, self.name) };
        let said = [text.as_str(), self.output.as_str()].into_iter().find_map(failed::telling);
        let shown = if text.trim().is_empty() { message.clone() } else { format!("{message}\n{text}") };
        let mut record = failed::record(&test, said.unwrap_or(&shown));
        record.time = self.time;
        if self.flaky {
            record.fields.insert("flaky".to_owned(), true.into());
        }
        Some(record)
    }
}
