//! Watching a canary: drawn on a terminal, a line for each change in a pipe. The canary needs no watcher.

use std::time::Duration;

use anyhow::{Result, bail};
use factory::storage::interrupt;
use factory::terminal::live::Live;
use factory::terminal::output::Output;
use factory::types::hint::{Hinted, Trouble};

use super::service::publish;
use crate::context::Context;
use crate::edge::client::Client;
use crate::edge::protocol::{PlanStatus, Status};
use crate::plot::Glyphs;
use crate::recorded::Course;
use crate::view;

/// How often the edge is asked how it goes.
const LOOK: Duration = Duration::from_millis(100);

/// Where the lines of a pipe go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// They are what was asked for.
    Results,
    /// They go beside a result.
    Notes,
}

/// Watch until the plan is over or held; Ctrl-C leaves the watching, not the canary.
pub fn watch(context: &Context, release: &str, edge: &mut Client, output: &Output) -> Result<()> {
    watch_to(context, release, edge, output, Lines::Notes)
}

/// The same, with the lines where they are wanted.
pub fn watch_to(
    context: &Context,
    release: &str,
    edge: &mut Client,
    output: &Output,
    to: Lines,
) -> Result<()> {
    let mut screen = Screen::new(release, output, to);
    let _held = interrupt::hold()?;
    loop {
        if let Some(signal) = interrupt::received() {
            screen.live.note(output, "  the edge goes on with it by itself: cargo ship status --watch");
            let what = format!("{release} is no longer watched");
            bail!(Hinted::new(Trouble::Interrupted(signal), what));
        }
        let status = edge.status()?;
        let Some(plan) = status.plan.clone().filter(|plan| plan.release == release) else {
            bail!(
                Hinted::unverified(format!("the edge no longer knows of {release}"))
                    .hint("cargo ship resume")
            );
        };
        screen.show(edge, &status, &plan)?;
        if plan.is_over() || plan.phase == "held" {
            screen.say(&plan);
            publish(context)?.iter().for_each(|remark| output.warn(remark));
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
}

struct Screen<'o> {
    output: &'o Output,
    to: Lines,
    live: Live,
    course: Course,
    glyphs: Glyphs,
    change: String,
}

impl<'o> Screen<'o> {
    fn new(release: &str, output: &'o Output, to: Lines) -> Self {
        let live = Live::start(output);
        Self { output, to, live, course: Course::new(release), glyphs: glyphs(), change: String::new() }
    }

    fn show(&mut self, edge: &mut Client, status: &Status, plan: &PlanStatus) -> Result<()> {
        let Some(columns) = self.live.columns() else {
            self.say(plan);
            return Ok(());
        };
        if status.records > self.course.last {
            let after = self.course.last.max(plan.record.saturating_sub(1));
            edge.journal(after)?.iter().for_each(|record| self.course.take(record));
        }
        self.live.draw(view::lines(status, plan, &self.course, columns, self.glyphs));
        Ok(())
    }

    /// A line, where something changed since the last one.
    fn say(&mut self, plan: &PlanStatus) {
        let (line, change) = view::plain(plan, self.course.bound());
        if self.change == change || self.live.columns().is_some() {
            return;
        }
        self.change = change;
        match self.to {
            Lines::Results if !self.output.is_json() => self.output.line(line),
            _ => self.output.note(format!("  {line}")),
        }
    }
}

/// The characters this terminal can show.
pub fn glyphs() -> Glyphs {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Glyphs::of_locale(["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).as_deref())
}
