//! Where a decision is a person's: it needs a terminal, and one yes on it.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result, bail};
use factory::terminal::output::Output;
use factory::types::config::Approval;
use factory::types::hint::Hinted;

/// Whether a person is to be asked; `doing` and `before` go into the refusal.
///
/// # Errors
/// Without a terminal, unless the committed configuration does without.
pub fn is_asked(policy: &Approval, doing: &str, before: &str) -> Result<bool> {
    if policy.terminal && !std::io::stdin().is_terminal() {
        bail!(Hinted::usage(format!("{doing} is a person's decision and needs a terminal")).hint(format!(
            "run it in one; or commit `[approval]` with `terminal = false` in factory.toml{before}"
        )));
    }
    Ok(policy.terminal)
}

/// Show what the yes stands for, and ask once. Only the word that is asked for is one.
pub fn says_yes(shown: &[String], question: &str, output: &Output) -> Result<bool> {
    for line in shown {
        output.question(format!("  {line}"));
    }
    output.question(format!("{question} Type yes:"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("the terminal")?;
    Ok(answer.trim() == "yes")
}
