//! Commands that answer the same whatever the project does.

use super::shell;
use crate::types::intent::Run;

/// How a command ends, known before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    pub exit: i32,
    /// All of its standard output, where that is known too.
    pub stdout: Option<String>,
}

impl Fate {
    pub fn silent(exit: i32) -> Self {
        Self { exit, stdout: Some(String::new()) }
    }
}

/// Why the check cannot fail; `None` where it can, or where that cannot be told from its words.
pub fn cannot_fail(run: &Run) -> Option<String> {
    if run.env.contains_key("PATH") {
        // Another program may answer to the name.
        return None;
    }
    let fate = fate(&shlex::split(&run.command)?)?;
    let expects = |wanted: &Option<String>| wanted.as_deref().is_some_and(|wanted| !wanted.is_empty());
    if fate.exit != run.exit || expects(&run.stderr) {
        return None;
    }
    match run.stdout.as_deref().filter(|wanted| !wanted.is_empty()) {
        None => Some(format!("`{}` ends with {} whatever the project does", run.command, fate.exit)),
        Some(wanted) if fate.stdout.as_ref().is_some_and(|said| said.contains(wanted)) => {
            Some(format!("`{}` says {wanted:?} itself, whatever the project does", run.command))
        }
        Some(_) => None,
    }
}

/// How a command of these words ends whatever the project does; `None` where that is open.
pub fn fate(words: &[String]) -> Option<Fate> {
    let (name, arguments) = words.split_first()?;
    let folders = ["/usr/bin/", "/bin/"];
    let name = folders.iter().find_map(|folder| name.strip_prefix(folder)).unwrap_or(name);
    match name {
        "true" | ":" => Some(Fate::silent(0)),
        "false" => Some(Fate::silent(1)),
        "echo" => Some(Fate { exit: 0, stdout: echoed(arguments) }),
        "printf" => printed(arguments),
        "pwd" if arguments.is_empty() => Some(Fate { exit: 0, stdout: None }),
        "env" => {
            let first = arguments.iter().position(|word| !word.contains('='))?;
            let sets_path = arguments[..first].iter().any(|word| word.starts_with("PATH="));
            if arguments[first].starts_with('-') || sets_path { None } else { fate(&arguments[first..]) }
        }
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" => script(arguments),
        _ => None,
    }
}

/// What echo says; options and escapes are told differently by different ones.
fn echoed(arguments: &[String]) -> Option<String> {
    let odd = arguments.first().is_some_and(|first| first.starts_with('-'))
        || arguments.iter().any(|word| word.contains('\\'));
    (!odd).then(|| format!("{}\n", arguments.join(" ")))
}

fn printed(arguments: &[String]) -> Option<Fate> {
    let format = arguments.first().filter(|format| !format.starts_with('-') && !format.contains('%'))?;
    Some(Fate { exit: 0, stdout: (!format.contains('\\')).then(|| format.clone()) })
}

/// `sh -c SCRIPT`, with flags that do not change what a script means but for `-e` and `-o`.
fn script(arguments: &[String]) -> Option<Fate> {
    let (mut strict, mut commanded) = (false, false);
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.strip_prefix('-') {
            Some("o") => {
                strict = true;
                rest.next()?;
            }
            Some(flags) if !flags.is_empty() && flags.chars().all(|c| "celux".contains(c)) => {
                strict |= flags.contains('e');
                commanded |= flags.contains('c');
            }
            Some(_) => return None,
            None => return if commanded { shell::end(word, strict) } else { None },
        }
    }
    None
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
