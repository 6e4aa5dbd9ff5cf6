//! Tokens of a test as lines a person can compare: the digest keeps no layout of its own.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::operations::digest::bounded;

/// Operators of several characters, and the beginnings of those of three.
const JOINED: [&str; 25] = [
    "==", "!=", "<=", ">=", "&&", "||", "->", "=>", "::", "..", "..=", "+=", "-=", "*=", "/=", "%=", "^=",
    "|=", "&=", "<<", ">>", "<<=", ">>=", "<-", "...",
];

/// The tokens laid out: a line for each statement, indented by block.
pub fn readable(tokens: &str) -> String {
    let Some(stream) = bounded::stream(tokens) else { return tokens.to_owned() };
    let mut lines = Lines::default();
    lines.write(stream);
    lines.end();
    lines.done.join("\n")
}

#[derive(Default)]
struct Lines {
    done: Vec<String>,
    line: String,
    depth: usize,
    /// No space before the next token.
    glued: bool,
}

impl Lines {
    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.done.push(format!("{}{line}", "    ".repeat(self.depth)));
        }
        self.glued = false;
    }

    fn push(&mut self, text: &str, glued: bool) {
        let last = self.line.chars().next_back();
        if last.is_some_and(|c| c != ' ') && !glued && !self.glued {
            self.line.push(' ');
        }
        self.line.push_str(text);
        self.glued = false;
    }

    fn write(&mut self, stream: TokenStream) {
        let mut trees = stream.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Group(group) => self.group(group.delimiter(), group.stream()),
                TokenTree::Punct(punct) => {
                    // The digest parts `==` into two tokens; side by side they were one.
                    let mut operator = punct.as_char().to_string();
                    while let Some(TokenTree::Punct(next)) = trees.peek()
                        && JOINED.contains(&format!("{operator}{next}").as_str())
                    {
                        operator.push(next.as_char());
                        trees.next();
                    }
                    self.operator(&operator, matches!(trees.peek(), Some(TokenTree::Group(_))));
                }
                other => self.push(&other.to_string(), false),
            }
        }
    }

    fn group(&mut self, delimiter: Delimiter, stream: TokenStream) {
        let (open, close) = match delimiter {
            Delimiter::Brace => return self.block(stream),
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        let attribute = self.line == "#";
        let called = self.line.ends_with(|c: char| c.is_alphanumeric() || "_!>)]#".contains(c));
        self.push(open, called);
        self.glued = true;
        self.write(stream);
        self.push(close, true);
        if attribute {
            self.end();
        }
    }

    fn block(&mut self, stream: TokenStream) {
        if stream.is_empty() {
            self.push("{}", false);
            return self.end();
        }
        self.push("{", false);
        self.end();
        self.depth += 1;
        self.write(stream);
        self.end();
        self.depth -= 1;
        self.push("}", false);
        self.end();
    }

    fn operator(&mut self, operator: &str, before_group: bool) {
        let after_value = self.line.ends_with(|c: char| c.is_alphanumeric() || "_)]\"?".contains(c));
        let macro_call = operator == "!" && after_value && before_group;
        let (before, after) = match operator {
            "," | ";" | ":" | "?" => (true, false),
            "." | ".." | "..=" | "::" => (true, true),
            "#" | "'" => (false, true),
            "!" => (macro_call, true),
            "&" | "&&" | "*" | "-" | "|" => (false, !after_value),
            _ => (false, false),
        };
        self.push(operator, before || self.line.is_empty());
        self.glued = after;
        if operator == ";" {
            self.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_reads_as_one_would_write_it() {
        let tokens = "# [ test ] fn bom ( ) { let a = one ( & [ 1 ] ) ; assert_eq ! ( a . b ( ) , crate : : two ( ) , ) ; if a = = - 1 { } } ";
        let wanted = "#[test]\nfn bom() {\n    let a = one(&[1]);\n    assert_eq!(a.b(), crate::two(),);\n    if a == -1 {}\n}";
        assert_eq!(readable(tokens), wanted);
        assert_eq!(readable("fn ("), "fn (");
    }
}
