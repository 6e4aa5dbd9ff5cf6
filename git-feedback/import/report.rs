//! An error and its causes, as `anyhow` and `eyre` print them where `main` or a test returns one
//! (<https://docs.rs/anyhow/latest/anyhow/struct.Error.html#display-representations>).

use factory::operations::fingerprint::panic::{Panic, frames};

use super::record::Record;

/// The line opens such a report.
pub fn opens(line: &str) -> bool {
    line.starts_with("Error: ") && line.len() > 7
}

/// Whether a line goes on with it: blank, named parts, or put in.
pub fn belongs(line: &str) -> bool {
    let named = ["Caused by:", "Stack backtrace:", "Location:"].iter().any(|part| line.starts_with(part));
    line.is_empty() || named || line.starts_with("   ")
}

/// The record of a report; `None` for an error of one line.
pub fn record(lines: &[String]) -> Option<Record> {
    let first = lines.first()?.strip_prefix("Error: ")?;
    let part = |name: &str| {
        let from = lines.iter().position(|line| line.starts_with(name)).map(|at| &lines[at + 1..]);
        from.unwrap_or_default().iter().take_while(|line| line.starts_with(' ')).map(|line| line.trim())
    };
    // `0: reading the cart`, or the cause alone where it is the only one.
    let cause = |line: &str| match line.split_once(": ") {
        Some((number, cause)) if number.bytes().all(|byte| byte.is_ascii_digit()) => cause.to_owned(),
        _ => line.to_owned(),
    };
    let causes: Vec<String> = part("Caused by:").map(cause).collect();
    let backtrace: Vec<&str> = part("Stack backtrace:").collect();
    if causes.is_empty() && backtrace.is_empty() {
        return None;
    }
    let chain = std::iter::once(first.to_owned()).chain(causes).collect::<Vec<_>>().join(": ");
    let frames = frames::read(&backtrace);
    let own = frames.iter().find(|frame| frame.in_app);
    let file = own.and_then(|frame| frame.file.clone()).unwrap_or_default();
    let panic = Panic { file, message: format!("Error {chain}"), frames, ..Panic::default() };
    Some(Record { title: chain, ..super::text::of_panic(&panic, lines.join("\n").trim_end().to_owned()) })
}
