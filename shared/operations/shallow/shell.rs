//! What a shell script ends with whatever its commands do, where that can be told from its words.
//!
//! A small part of the POSIX shell's grammar (IEEE 1003.1, 2.9 and 2.10): lists, and-or lists,
//! pipelines and simple commands with quotes. Whatever lies outside it is not judged.

use super::command::{Fate, fate};

/// Words that begin or end what is not judged here, or change what follows.
const NOT_JUDGED: [&str; 33] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function",
    "select", "[[", "{", "}", "set", "trap", "exec", "return", "kill", "source", ".", "eval", "alias",
    "shopt", "unset", "export", "readonly", "shift", "break", "continue",
];

/// What joins a pipeline to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

/// A word; `plain` where the shell gives it on as it stands here.
#[derive(Clone, Debug, Default)]
struct Word {
    text: String,
    plain: bool,
    quoted: bool,
}

#[derive(Clone, Debug, Default)]
struct Command {
    words: Vec<Word>,
    redirected: bool,
    /// It writes or reads a file, which may fail.
    by_file: bool,
}

/// Pipelines joined by `&&` and `||`; the first one's join says nothing.
type Statement = Vec<(Join, Vec<Command>)>;

/// How the script ends whatever its commands do; `None` where that is open. `strict`: a failing
/// command may end it (`-e`, `-o pipefail`).
pub fn end(script: &str, strict: bool) -> Option<Fate> {
    let statements = parse(script)?;
    let Some((last, earlier)) = statements.split_last() else { return Some(Fate::silent(0)) };
    for statement in earlier {
        let exits = statement.iter().flat_map(|(_, pipeline)| pipeline).any(is_exit);
        if exits {
            // Alone on its way it ends the script here; behind a condition anything may follow.
            let [(_, pipeline)] = &statement[..] else { return None };
            let [command] = &pipeline[..] else { return None };
            return Some(Fate { stdout: None, ..of_command(command)? });
        }
        if strict && of_statement(statement, strict).is_none_or(|fate| fate.exit != 0) {
            return None;
        }
    }
    let fate = of_statement(last, strict)?;
    Some(if earlier.is_empty() { fate } else { Fate { stdout: None, ..fate } })
}

fn of_statement(statement: &Statement, strict: bool) -> Option<Fate> {
    let before_the_last = &statement[..statement.len().saturating_sub(1)];
    if before_the_last.iter().flat_map(|(_, pipeline)| pipeline).any(is_exit) {
        return None;
    }
    let mut known: Option<Fate> = None;
    for (at, (join, pipeline)) in statement.iter().enumerate() {
        let next = of_pipeline(pipeline, strict);
        known = match (at, join, known) {
            (0, _, _) => next,
            (_, Join::And, Some(before)) if before.exit == 0 => next,
            (_, Join::Or, Some(before)) if before.exit != 0 => next,
            (_, _, Some(before)) => Some(before),
            // Whether it runs is open; where it could only end with 0 the list ends with 0 either way.
            (_, Join::Or, None) => next.filter(|fate| fate.exit == 0),
            (_, Join::And, None) => None,
        };
    }
    Some(if statement.len() == 1 { known? } else { Fate { stdout: None, ..known? } })
}

fn of_pipeline(pipeline: &[Command], strict: bool) -> Option<Fate> {
    let last = pipeline.last()?;
    if pipeline.len() == 1 {
        return of_command(last);
    }
    let passes_on = last.words.len() == 1 && last.words[0].text == "cat" && !last.by_file;
    match strict {
        true => None,
        false if passes_on => Some(Fate { exit: 0, stdout: None }),
        false => Some(Fate { stdout: None, ..of_command(last)? }),
    }
}

fn of_command(command: &Command) -> Option<Fate> {
    if command.by_file {
        return None;
    }
    let words = &command.words;
    let first = words.iter().position(|word| !is_assignment(word)).unwrap_or(words.len());
    let (assigned, words) = words.split_at(first);
    let Some((name, arguments)) = words.split_first() else {
        return (!assigned.is_empty()).then(|| Fate::silent(0));
    };
    if name.text == "!" && !name.quoted {
        let inner = Command { words: arguments.to_vec(), ..command.clone() };
        return of_command(&inner).map(|fate| Fate { exit: i32::from(fate.exit == 0), ..fate });
    }
    if name.text == "exit" {
        let code = arguments.first().filter(|word| word.plain)?.text.parse().ok()?;
        return Some(Fate { exit: code, stdout: None });
    }
    let plain = words.iter().all(|word| word.plain);
    // What these are given does not change how they end.
    let ends_the_same = name.plain && ["true", ":", "false", "echo"].contains(&name.text.as_str());
    if !(plain || ends_the_same) {
        return None;
    }
    let texts: Vec<String> = words.iter().map(|word| word.text.clone()).collect();
    let fate = fate(&texts)?;
    Some(if plain && !command.redirected { fate } else { Fate { stdout: None, ..fate } })
}

fn is_exit(command: &Command) -> bool {
    command.words.iter().any(|word| word.text == "exit" && !word.quoted)
}

fn is_assignment(word: &Word) -> bool {
    let name = word.text.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// The script's statements; `None` where it holds what is not judged here.
fn parse(script: &str) -> Option<Vec<Statement>> {
    let mut reader = Reader { rest: script.chars().peekable() };
    let mut statements = Vec::new();
    let mut statement: Statement = vec![(Join::And, vec![Command::default()])];
    loop {
        match reader.token()? {
            Token::Word(word) => {
                let command = statement.last_mut()?.1.last_mut()?;
                let begins = command.words.iter().all(|word| is_assignment(word) || word.text == "!");
                if begins && !word.quoted && NOT_JUDGED.contains(&word.text.as_str()) {
                    return None;
                }
                command.words.push(word);
            }
            Token::Redirect { harmless } => {
                let command = statement.last_mut()?.1.last_mut()?;
                command.redirected = true;
                command.by_file |= !harmless;
            }
            Token::Pipe => statement.last_mut()?.1.push(Command::default()),
            Token::And => statement.push((Join::And, vec![Command::default()])),
            Token::Or => statement.push((Join::Or, vec![Command::default()])),
            token @ (Token::Next | Token::End) => {
                let whole = std::mem::replace(&mut statement, vec![(Join::And, vec![Command::default()])]);
                let commands = || whole.iter().flat_map(|(_, pipeline)| pipeline);
                let empty = |command: &Command| command.words.is_empty() && !command.redirected;
                match commands().filter(|command| empty(command)).count() {
                    0 => statements.push(whole),
                    1 if commands().count() == 1 => {}
                    _ => return None,
                }
                if matches!(token, Token::End) {
                    return Some(statements);
                }
            }
        }
    }
}

enum Token {
    Word(Word),
    Redirect { harmless: bool },
    Pipe,
    And,
    Or,
    Next,
    End,
}

struct Reader<'s> {
    rest: std::iter::Peekable<std::str::Chars<'s>>,
}

impl Reader<'_> {
    fn token(&mut self) -> Option<Token> {
        while self.rest.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        let Some(&first) = self.rest.peek() else { return Some(Token::End) };
        match first {
            '#' => {
                while self.rest.next_if(|c| *c != '\n').is_some() {}
                self.token()
            }
            ';' | '\n' => {
                self.rest.next();
                // `;;` belongs to `case`.
                (self.rest.peek() != Some(&';')).then_some(Token::Next)
            }
            '&' | '|' => {
                self.rest.next();
                let double = self.rest.next_if_eq(&first).is_some();
                match (first, double) {
                    ('&', true) => Some(Token::And),
                    ('|', true) => Some(Token::Or),
                    ('|', false) => Some(Token::Pipe),
                    _ => None,
                }
            }
            '>' | '<' => self.redirect(),
            '(' | ')' | '`' => None,
            _ => {
                let word = self.word()?;
                let digits = !word.quoted && word.text.chars().all(|c| c.is_ascii_digit());
                match self.rest.peek() {
                    Some('>' | '<') if digits && !word.text.is_empty() => self.redirect(),
                    _ => Some(Token::Word(word)),
                }
            }
        }
    }

    fn redirect(&mut self) -> Option<Token> {
        let first = self.rest.next()?;
        if self.rest.next_if_eq(&first).is_some() && first == '<' {
            return None;
        }
        let doubled = self.rest.next_if_eq(&'&').is_some();
        while self.rest.next_if_eq(&' ').is_some() {}
        let target = self.word()?;
        Some(Token::Redirect { harmless: doubled || target.text == "/dev/null" })
    }

    fn word(&mut self) -> Option<Word> {
        let mut word = Word { plain: true, ..Word::default() };
        while let Some(&c) = self.rest.peek() {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' => break,
                '(' | ')' | '`' => return None,
                _ => {}
            }
            self.rest.next();
            match c {
                '\'' => {
                    word.quoted = true;
                    loop {
                        match self.rest.next()? {
                            '\'' => break,
                            inner => word.text.push(inner),
                        }
                    }
                }
                '"' => self.double_quoted(&mut word)?,
                '\\' => {
                    word.plain = false;
                    word.text.extend(self.rest.next());
                }
                '$' => {
                    if matches!(self.rest.peek(), Some('(' | '{')) {
                        return None;
                    }
                    word.plain = false;
                    word.text.push(c);
                }
                '*' | '?' | '[' | '~' => {
                    word.plain = false;
                    word.text.push(c);
                }
                c => word.text.push(c),
            }
        }
        Some(word)
    }

    fn double_quoted(&mut self, word: &mut Word) -> Option<()> {
        word.quoted = true;
        loop {
            match self.rest.next()? {
                '"' => return Some(()),
                '`' => return None,
                '\\' => {
                    word.plain = false;
                    word.text.push(self.rest.next()?);
                }
                '$' => {
                    if matches!(self.rest.peek(), Some('(' | '{')) {
                        return None;
                    }
                    word.plain = false;
                    word.text.push('$');
                }
                c => word.text.push(c),
            }
        }
    }
}
