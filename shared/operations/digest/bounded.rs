//! Rust text of anybody's making, read within bounds: code that nests without end is refused by name
//! and never exhausts the stack of whoever reads it.

use std::cell::Cell;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Brackets within brackets; hand-written code stays below a quarter of it.
const MOST_DEPTH: usize = 200;

/// Tokens, on the way from the outermost bracket in, that one expression or type may have before it.
/// Operators nest what follows them too: `!!x`, `A<A<u8>>`, `if … else if …`.
const MOST_WEIGHT: usize = 10_000;

/// What parsing takes at these bounds, without optimisation, several times over. Only what is used of
/// it is ever taken from the system.
const STACK_BYTES: usize = 512 << 20;

/// A text of so few bytes is within any stack.
const SHORT_BYTES: usize = 200;

/// The tokens of a text; `None` where it is no Rust, or nests deeper than is read.
pub fn stream(text: &str) -> Option<TokenStream> {
    // Reading tokens and dropping them takes no stack; whatever is done with them may.
    TokenStream::from_str(text).ok().filter(is_bounded)
}

/// Whether a text is Rust that nests deeper than is read.
pub fn is_too_deep(text: &str) -> bool {
    let brackets = memchr::memchr3_iter(b'(', b'[', b'{', text.as_bytes()).count();
    (brackets > MOST_DEPTH || text.len() > MOST_WEIGHT)
        && TokenStream::from_str(text).is_ok_and(|stream| !is_bounded(&stream))
}

thread_local! {
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Work on texts of so many bytes, on a stack that nothing [`stream`] lets through exhausts.
pub fn deeply<T: Send>(size_bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    if size_bytes <= SHORT_BYTES || IS_DEEP.get() {
        return work();
    }
    let mut work = Some(work);
    let done = std::thread::scope(|scope| {
        let run = || {
            IS_DEEP.set(true);
            work.take().map(|work| work())
        };
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, run).ok()?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    // Where the system gives no such stack, ordinary code is still read.
    done.or_else(|| work.map(|work| work())).expect("the work was done, or is still here")
}

/// How far tokens were gone through, of one group.
struct Level {
    trees: std::iter::Peekable<proc_macro2::token_stream::IntoIter>,
    /// Tokens before and around it that what stands here may be nested in.
    weight: usize,
    own: usize,
    /// Whether a comma may stand inside something that goes on.
    is_open: bool,
}

impl Level {
    fn of(stream: TokenStream, weight: usize) -> Self {
        Self { trees: stream.into_iter().peekable(), weight, own: 0, is_open: false }
    }

    /// Whether what stood before this token is over with it.
    fn ends(&mut self, tree: &TokenTree, before: char) -> bool {
        match tree {
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' => true,
                ',' => !self.is_open,
                '>' => before == '=',
                _ => false,
            },
            // A body, after which another item or statement begins.
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => match self.trees.peek() {
                Some(TokenTree::Ident(name)) => name != "else" && name != "as",
                Some(TokenTree::Punct(punct)) => punct.as_char() == '#',
                _ => false,
            },
            _ => false,
        }
    }
}

fn is_bounded(stream: &TokenStream) -> bool {
    let mut levels = vec![Level::of(stream.clone(), 0)];
    let mut before = ' ';
    while let Some(level) = levels.last_mut() {
        let Some(tree) = level.trees.next() else {
            levels.pop();
            continue;
        };
        let character = match &tree {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        level.own += 1;
        level.is_open |= matches!(character, '<' | '|');
        let weight = level.weight + level.own;
        if level.ends(&tree, before) {
            (level.own, level.is_open) = (0, false);
        }
        before = character;
        if weight > MOST_WEIGHT {
            return false;
        }
        if let TokenTree::Group(group) = tree {
            levels.push(Level::of(group.stream(), weight));
            if levels.len() > MOST_DEPTH + 1 {
                return false;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::{nodes, tokens};
    use super::*;

    /// Ways to nest, each `times` over.
    fn nested(times: usize) -> Vec<String> {
        let around = |open: &str, inner: &str, close: &str| {
            format!("{}{inner}{}", open.repeat(times), close.repeat(times))
        };
        let body = |expression: String| format!("fn a() {{ {expression}; }}");
        vec![
            body(around("!", "x", "")),
            body(around("-", "1", "")),
            body(around("1+", "1", "")),
            body(around("x=", "1", "")),
            body(around("x={}=", "1", "")),
            body(around("|a,b|", "1", "")),
            body(around("x as A<u8,", "u8", ">")),
            body(around("", "x", ".a()")),
            body(around("if x {} else ", "{}", "")),
            format!("type T = {};", around("A<u8,", "u8", ">")),
            format!("type T = {};", around("&", "u8", "")),
            format!("use {};", around("a::", "b", "")),
        ]
    }

    #[test]
    fn code_that_nests_without_end_is_refused_and_never_exhausts_the_stack() {
        let brackets = |times: usize| format!("fn a() {{ {}1{}; }}", "(".repeat(times), ")".repeat(times));
        assert!(nodes(&brackets(MOST_DEPTH - 2)).is_some());
        for times in [1_000, 60_000] {
            assert!(is_too_deep(&brackets(times)));
            assert_eq!((nodes(&brackets(times)).is_some(), tokens(&brackets(times))), (false, None));
        }
        for (at, without_end) in nested(12_000).iter().enumerate() {
            let shown = &without_end[..40];
            assert!(is_too_deep(without_end) && nodes(without_end).is_none(), "{shown}");
            // As much as is let through: whatever the parser makes of it, it comes back.
            let read = [9_900, 4_900, 3_200, 1_200].map(|times| nested(times).swap_remove(at));
            let most = read.iter().find(|text| !is_too_deep(text)).unwrap();
            assert!(tokens(most).is_some(), "{shown}");
            let _ = nodes(most);
        }
    }

    #[test]
    fn long_code_that_does_not_nest_is_read() {
        let rows = "(1, \"a\", |x| x + 1), ".repeat(3_000);
        let arms = "'a' | 'b' => f::<u8>(), 'c' => { g() } ".repeat(3_000);
        let calls = "f(1); if x { g() } else { h() } ".repeat(3_000);
        let items = "#[test] fn a<T>() {} struct S<T> { a: T } const A: u8 = 1; ".repeat(3_000);
        let text = format!("fn a() {{ [{rows}]; match x {{ {arms} }} {calls} }} {items}");
        assert!(!is_too_deep(&text));
    }
}
