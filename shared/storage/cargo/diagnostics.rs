//! Building one test target alone, with the compiler's errors in parts and not in prose.

use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic as Foreign, DiagnosticLevel, DiagnosticSpan};

use super::build::{Built, CompilerErrors, failed, read};
use crate::storage::process::Runner;

/// One error of the compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `E0425`; errors of syntax and of macros have none.
    pub code: Option<String>,
    pub message: String,
    pub rendered: String,
    /// Whether it is about a test target; else the library or a binary does not build.
    pub of_test: bool,
    /// Where it points, primary places alone.
    pub places: Vec<Place>,
}

/// A place an error points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As the compiler names it: relative to the workspace, or absolute.
    pub file: String,
    pub bytes: Range<usize>,
    /// What stands there.
    pub text: String,
    pub label: String,
}

/// How the build of a test target ended.
#[derive(Clone, Debug)]
pub enum TestBuild {
    Built(Built),
    /// The compiler's errors; none where cargo itself could not begin, which `CompilerErrors` tells.
    Failed(Vec<Diagnostic>, CompilerErrors),
}

/// Build one test target of one package, and the binaries it may start; nothing is fetched.
///
/// # Errors
/// Only where cargo could not be run.
pub fn build_one_test(
    runner: &Runner,
    dir: &Path,
    target_dir: &Path,
    package: &str,
    target: &str,
) -> Result<TestBuild> {
    let command = super::command(dir)
        .args(["test", "--no-run", "--offline", "--package", package, "--test", target])
        .arg("--message-format=json")
        .arg("--target-dir")
        .arg(target_dir)
        .env("CARGO_TERM_COLOR", "never");
    let outcome = runner.run(&command)?;
    let (built, errors) = read(&outcome.stdout);
    if outcome.success() {
        return Ok(TestBuild::Built(built));
    }
    let diagnostics = Message::parse_stream(outcome.stdout.as_slice()).filter_map(|message| match message {
        Ok(Message::CompilerMessage(message)) => digested(message.message, message.target.is_test()),
        _ => None,
    });
    Ok(TestBuild::Failed(diagnostics.collect(), failed(&outcome, errors, built)))
}

/// An error that points somewhere; the closing "could not compile" does not.
fn digested(found: Foreign, of_test: bool) -> Option<Diagnostic> {
    if !matches!(found.level, DiagnosticLevel::Error | DiagnosticLevel::Ice) || found.spans.is_empty() {
        return None;
    }
    Some(Diagnostic {
        code: found.code.map(|code| code.code),
        message: found.message,
        rendered: found.rendered.unwrap_or_default(),
        of_test,
        places: found.spans.into_iter().filter(|span| span.is_primary).map(place).collect(),
    })
}

fn place(span: DiagnosticSpan) -> Place {
    let marked = |from: usize, to: usize, text: &str| -> String {
        text.chars().skip(from.saturating_sub(1)).take(to.saturating_sub(from)).collect()
    };
    let lines = span.text.iter().map(|line| marked(line.highlight_start, line.highlight_end, &line.text));
    let text = lines.collect::<Vec<_>>().join("\n");
    // What a macro of another crate wrote is pointed to where the macro was called.
    if let Some(expansion) = span.expansion.filter(|_| span.file_name.starts_with('/')) {
        return place(expansion.span);
    }
    Place {
        file: span.file_name,
        bytes: span.byte_start as usize..span.byte_end as usize,
        text,
        label: span.label.unwrap_or_default(),
    }
}
