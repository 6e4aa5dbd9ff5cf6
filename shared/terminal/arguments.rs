//! The command line as the tools see it, whether cargo or a person started them.

use std::ffi::OsString;

/// The arguments without the subcommand's own name, which cargo puts first: `cargo intent list`
/// starts `cargo-intent intent list`.
pub fn without_cargo(name: &str) -> impl Iterator<Item = OsString> {
    let mut arguments = std::env::args_os();
    let program = arguments.next();
    let mut rest = arguments.peekable();
    if rest.peek().is_some_and(|first| first == name) {
        rest.next();
    }
    program.into_iter().chain(rest)
}
