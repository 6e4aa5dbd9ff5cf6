//! A few lines of a terminal that are drawn again and again in their place, on standard error.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::output::Output;

/// Lines that stand on the screen; nothing is drawn where standard error is no terminal.
#[derive(Debug)]
pub struct Live {
    shown: Vec<String>,
    draws: bool,
}

impl Live {
    pub fn start(output: &Output) -> Self {
        Self { shown: Vec::new(), draws: output.shows_progress() && columns().is_some() }
    }

    /// Columns there are now; `None` where nothing is drawn.
    pub fn columns(&self) -> Option<usize> {
        if self.draws { columns() } else { None }
    }

    /// Draw these lines in the place of those before. None is as wide as the terminal, so that it does not
    /// wrap there.
    pub fn draw(&mut self, lines: Vec<String>) {
        if !self.draws || lines == self.shown {
            return;
        }
        let mut text = self.erasing();
        for line in &lines {
            text.push_str(line);
            text.push_str("\x1b[K\r\n");
        }
        write(&text);
        self.shown = lines;
    }

    /// Write a line that stays, above the others.
    pub fn note(&mut self, output: &Output, text: &str) {
        let shown = std::mem::take(&mut self.shown);
        if self.draws {
            let erasing = Self { shown: shown.clone(), draws: true }.erasing();
            write(&erasing);
        }
        output.note(text);
        self.draw(shown);
    }

    /// Back to where the first of them begins. Where the terminal was made narrower meanwhile, the lines
    /// now take more rows than they did.
    fn erasing(&self) -> String {
        let columns = columns().unwrap_or(80).max(1);
        let rows: usize = self.shown.iter().map(|line| line.width().max(1).div_ceil(columns)).sum();
        if rows == 0 { String::new() } else { format!("\x1b[{rows}A\r\x1b[J") }
    }
}

fn columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stderr())?;
    // One is left free: a character in the last one makes some terminals wrap.
    Some(usize::from(width.0).saturating_sub(1)).filter(|columns| *columns > 0)
}

fn write(text: &str) {
    let mut err = io::stderr().lock();
    // A picture nobody can see is no reason to stop.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}
