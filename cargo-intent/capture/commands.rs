//! Commands a text names, and what it says they answer.

use std::sync::LazyLock;

use factory::types::intent::Run;
use regex::Regex;

/// Programs a text from somewhere else shall not start through a check nobody wrote.
/// Those that change or send what is on the machine, and those that run whatever they are told.
const NOT_FOR_A_CHECK: [&str; 54] = [
    "rm",
    "rmdir",
    "mv",
    "dd",
    "mkfs",
    "shred",
    "truncate",
    "tee",
    "find",
    "chmod",
    "chown",
    "ln",
    "install",
    "sudo",
    "su",
    "doas",
    "pkexec",
    "shutdown",
    "reboot",
    "halt",
    "poweroff",
    "kill",
    "pkill",
    "killall",
    "systemctl",
    "crontab",
    "curl",
    "wget",
    "nc",
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "fish",
    "busybox",
    "eval",
    "exec",
    "source",
    "env",
    "xargs",
    "nohup",
    "nice",
    "timeout",
    "setsid",
    "python",
    "python3",
    "perl",
    "ruby",
    "node",
];

fn pattern(text: &str) -> Regex {
    // The patterns below are constants, and a test uses each of them.
    Regex::new(text).expect("a constant pattern")
}

static EXIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i-u)\bexit(?:s|ed)?(?: with)?(?: an?)?(?: (?:code|status))*(?: of)? ([0-9]{1,3})\b")
});
static SAYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i-u:\b(?:prints?|outputs?|says?|writes?|shows?|answers?)) (?:"([^"`]+)"|`([^`]+)`)((?i-u: (?:on|to) (?:stderr|standard error)))?"#,
    )
});

/// A `run` check from a sentence that names a command and says how it ends or what it prints.
pub fn stated(sentence: &str) -> Option<Run> {
    let exit = EXIT.captures(sentence).and_then(|found| found[1].parse::<i32>().ok());
    let exit = exit.filter(|code| *code <= 255);
    let says = SAYS.captures(sentence);
    let text = says.as_ref().and_then(|found| found.get(1).or(found.get(2)));
    let text = text.map(|said| said.as_str().to_owned());
    let mut spans = sentence.split('`').enumerate().filter(|(place, _)| place % 2 == 1).map(|(_, span)| span);
    let command = spans.find(|span| is_command(span) && text.as_deref() != Some(span))?;
    if exit.is_none() && text.is_none() {
        return None;
    }
    let on_stderr = says.is_some_and(|found| found.get(3).is_some());
    let (stdout, stderr) = if on_stderr { (None, text) } else { (text, None) };
    Some(Run { command: command.to_owned(), exit: exit.unwrap_or(0), stdout, stderr, ..Run::default() })
}

/// Whether it can be started as it stands: words for one program, nothing a shell would act on.
pub fn is_command(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let program = first.rsplit('/').next().unwrap_or_default();
    let plain = first.chars().all(|c| c.is_ascii_alphanumeric() || "._/+-".contains(c));
    let starts = first.starts_with(|c: char| c.is_ascii_lowercase() || c == '.' || c == '/');
    plain
        && starts
        && !text.contains(['|', '&', ';', '<', '>', '$', '(', ')', '{', '}', '*', '\n', '`', '…'])
        && !NOT_FOR_A_CHECK.contains(&program)
        && shlex::split(text).is_some_and(|words| !words.is_empty())
}

/// One command of a console transcript: `$ command` and the lines below it.
pub struct Shown<'t> {
    pub command: &'t str,
    pub output: &'t str,
}

/// The commands of a transcript; `None` where it does not begin with one.
pub fn transcript(text: &str) -> Option<Vec<Shown<'_>>> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    first.trim_start().strip_prefix("$ ")?;
    let mut shown: Vec<Shown> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let place = at..at + line.len();
        at = place.end;
        if let Some(command) = line.trim_start().strip_prefix("$ ") {
            shown.push(Shown { command: command.trim(), output: &text[at..at] });
        } else if let Some(last) = shown.last_mut() {
            let begin = last.output.as_ptr() as usize - text.as_ptr() as usize;
            last.output = &text[begin..place.end];
        }
    }
    Some(shown)
}

/// The check a transcript's command makes; `None` where nothing it answers is stated.
pub fn replayed(shown: &Shown) -> Option<Run> {
    let output = shown.output.trim_matches('\n').trim_end();
    let elided = output.lines().any(|line| matches!(line.trim(), "..." | "…" | "[...]"));
    if output.is_empty() || elided || !is_command(shown.command) {
        return None;
    }
    Some(Run { command: shown.command.to_owned(), stdout: Some(output.to_owned()), ..Run::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_what_it_answers_becomes_a_check() {
        let run = stated("`csv2json broken.csv` exits with code 2 and prints \"line 3\" on stderr.").unwrap();
        assert_eq!((run.command.as_str(), run.exit), ("csv2json broken.csv", 2));
        assert_eq!((run.stdout, run.stderr.as_deref()), (None, Some("line 3")));
        let run = stated("`tool --version` prints `tool 1`.").unwrap();
        assert_eq!((run.exit, run.stdout.as_deref()), (0, Some("tool 1")));
    }

    #[test]
    fn what_states_nothing_or_needs_a_shell_does_not() {
        assert!(stated("Use `cargo build` first.").is_none());
        assert!(stated("`a | b` exits with 1.").is_none());
        assert!(stated("`rm -rf x` exits with 0.").is_none());
        assert!(stated("`/bin/sh -c x` exits with 0.").is_none());
        assert!(stated("`env sh -c x` exits with 0.").is_none());
        assert!(stated("`/usr/bin/python3 -c x` exits with 0.").is_none());
        assert!(stated("It exits with 1.").is_none());
        assert!(stated("`tool` exits with 999.").is_none());
    }

    #[test]
    fn a_transcript_gives_each_command_its_lines() {
        let shown = transcript("$ a b\none\ntwo\n$ c\n").unwrap();
        assert_eq!((shown[0].command, shown[0].output), ("a b", "one\ntwo\n"));
        assert_eq!((shown[1].command, shown[1].output), ("c", ""));
        assert_eq!(replayed(&shown[0]).unwrap().stdout.as_deref(), Some("one\ntwo"));
        assert!(replayed(&shown[1]).is_none());
        assert!(transcript("a\n$ b\n").is_none());
    }
}
