//! Checks that assert nothing, told from the files alone.
//!
//! What provably cannot fail is `vacuous`, a finding; what only looks so is remarked on. A rule that is
//! not sure stays silent: an honest check must never be named.

pub mod body;
pub mod command;
mod shell;
pub mod text;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

use anyhow::Result;

use crate::operations::digest::{Plain, TestItem, TestItems};
use crate::types::check::Remark;
use crate::types::intent::{Acceptance, Anchor, Intent};
use body::{Body, Helpers};

/// What was seen without running anything.
#[derive(Clone, Debug, Default)]
pub struct Shallow {
    /// Why a check cannot fail, by slug and id of the check.
    pub vacuous: BTreeMap<(String, String), String>,
    pub remarks: Vec<Remark>,
}

impl Shallow {
    /// Look at the checks of these intents, whose tests lie in the folder.
    pub fn of(root: &Path, intents: &[Intent]) -> Result<Self> {
        let files = Plain::new(root);
        let tests = Tests { items: TestItems::new(&files), helpers: RefCell::default() };
        let mut shallow = Self::default();
        for intent in intents {
            for check in &intent.acceptance {
                shallow.look_at(intent, check, &tests)?;
            }
            shallow.remarks.extend(unheld(intent));
        }
        Ok(shallow)
    }

    pub fn of_check(&self, slug: &str, check: &str) -> Option<&str> {
        self.vacuous.get(&(slug.to_owned(), check.to_owned())).map(String::as_str)
    }

    fn look_at(&mut self, intent: &Intent, check: &Acceptance, tests: &Tests) -> Result<()> {
        let mut remark = |text: String| self.remarks.push(Remark::new(&intent.slug, Some(&check.id), text));
        if let Some(why) = check.text.as_deref().and_then(text::vague) {
            remark(why);
        }
        let why = match &check.anchor {
            Anchor::Run(run) => match command::cannot_fail(run) {
                Some(why) if !tests.is_own(&run.command)? => Some(why),
                _ => None,
            },
            Anchor::Test { name } => match tests.judge(name)? {
                Some(Body::CannotFail) => Some(format!("the test {name} asserts nothing, and calls nothing")),
                Some(Body::NoAssertion) => {
                    remark(format!("the test {name} has no assertion that can be seen"));
                    None
                }
                _ => None,
            },
            Anchor::Signal { name, max: None } => {
                remark(format!("the signal `{name}` has no `max`, so nothing is too much"));
                None
            }
            _ => None,
        };
        if let Some(why) = why {
            self.vacuous.insert((intent.slug.clone(), check.id.clone()), why);
        }
        Ok(())
    }
}

/// Constraints that no check holds up are a person's to judge, which is no mistake.
fn unheld(intent: &Intent) -> Option<Remark> {
    let open: Vec<&str> =
        intent.constraints.iter().filter(|c| c.check.is_none()).map(|c| c.id.as_str()).collect();
    let text = format!("no check holds {}: a person judges it when accepting", open.join(", "));
    (!open.is_empty()).then(|| Remark::new(&intent.slug, None, text))
}

/// The tests of a folder; what helpers a target has is read once.
struct Tests<'s> {
    items: TestItems<'s>,
    helpers: RefCell<HashMap<String, Rc<Helpers>>>,
}

impl Tests<'_> {
    /// `None` where there is no such test, or not just one: then running it says so.
    fn judge(&self, name: &str) -> Result<Option<Body>> {
        let items = self.items.find(name)?;
        let [item] = items.as_slice() else { return Ok(None) };
        body::judge(&item.source, || self.helpers(item)).map(Some)
    }

    fn helpers(&self, item: &TestItem) -> Result<Rc<Helpers>> {
        if let Some(known) = self.helpers.borrow().get(&item.target) {
            return Ok(known.clone());
        }
        let read = Rc::new(Helpers::read(&self.items.texts(item)?));
        self.helpers.borrow_mut().insert(item.target.clone(), read.clone());
        Ok(read)
    }

    /// Whether the project builds a program of the name the command begins with.
    fn is_own(&self, command: &str) -> Result<bool> {
        let words = shlex::split(command).unwrap_or_default();
        words.first().map_or(Ok(false), |name| self.items.has_target(name))
    }
}

/// What a command says that does not use the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its input, as it is: `cat {input}`.
    Input,
    /// The same to anything.
    Bytes(Vec<u8>),
}

/// The standard output of a command of these words that ends with `exit` and does not use the project;
/// `None` where it may use it.
pub fn answer(words: &[String], exit: i32) -> Option<Answer> {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    if matches!(texts[..], ["cat"] | ["cat", "-" | "{input}"]) {
        return (exit == 0).then_some(Answer::Input);
    }
    if texts.iter().any(|word| word.contains("{input}")) {
        return None;
    }
    let fate = command::fate(words).filter(|fate| fate.exit == exit)?;
    fate.stdout.map(|said| Answer::Bytes(said.into_bytes()))
}
