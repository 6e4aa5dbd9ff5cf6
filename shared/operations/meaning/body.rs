//! Whether the body of a bound test became weaker, from its tokens alone.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Strength;
use crate::operations::digest::bounded;

const ASSERTIONS: [&str; 6] =
    ["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"];

/// The file in a key `item/FILE/N`.
pub fn file_of(key: &str) -> Option<&str> {
    key.strip_prefix("item/")?.rsplit_once('/').map(|(file, _)| file)
}

/// What follows of two bodies of one test; `None` where nothing does.
pub fn strength(before: &str, after: &str) -> Option<(Strength, &'static str)> {
    let (old, new) = (Test::of(before)?, Test::of(after)?);
    match (old.ignored, new.ignored) {
        (false, true) => return Some((Strength::Weaker, "it is ignored now")),
        (true, false) => return Some((Strength::Stronger, "it is no longer ignored")),
        _ => {}
    }
    // A test that should panic demands more the less it asserts.
    if old.head != new.head || old.head.contains("should_panic") {
        return None;
    }
    if new.statements.is_empty() && !old.statements.is_empty() {
        return Some((Strength::Weaker, "an empty body always passes"));
    }
    if new.statements.is_empty() || old.statements.is_empty() {
        return None;
    }
    if only_assertions_left_out(&old.statements, &new.statements) {
        return Some((Strength::Weaker, "an assertion is gone"));
    }
    only_assertions_left_out(&new.statements, &old.statements)
        .then_some((Strength::Stronger, "an assertion came"))
}

struct Test {
    /// Attributes and signature, without `#[ignore]`.
    head: String,
    ignored: bool,
    statements: Vec<Vec<TokenTree>>,
}

impl Test {
    fn of(tokens: &str) -> Option<Self> {
        let mut trees: Vec<TokenTree> = bounded::stream(tokens)?.into_iter().collect();
        let Some(TokenTree::Group(body)) = trees.pop() else { return None };
        if body.delimiter() != Delimiter::Brace {
            return None;
        }
        let ignore = trees.windows(2).position(|pair| is_ignore(&pair[1]) && pair[0].to_string() == "#");
        if let Some(at) = ignore {
            trees.drain(at..at + 2);
        }
        let head = trees.into_iter().collect::<TokenStream>().to_string();
        Some(Self { head, ignored: ignore.is_some(), statements: statements(body.stream()) })
    }
}

/// `[ignore]` and `[ignore = "why"]`, but not what is only ignored under a condition.
fn is_ignore(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket && first.is_some_and(|token| token.to_string() == "ignore")
}

/// The body cut at its semicolons.
fn statements(body: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut all = vec![Vec::new()];
    for tree in body {
        let ends = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ';');
        if ends {
            all.push(Vec::new());
        } else if let Some(last) = all.last_mut() {
            last.push(tree);
        }
    }
    all.retain(|statement| !statement.is_empty());
    all
}

/// Whether `new` is `old` without some assertions, and nothing that stayed can depend on them: what an
/// assertion calls may have had an effect on what comes after it.
fn only_assertions_left_out(old: &[Vec<TokenTree>], new: &[Vec<TokenTree>]) -> bool {
    let mut left = new.iter().peekable();
    let mut may_have_acted = false;
    let mut any = false;
    for statement in old {
        if left.peek().is_some_and(|next| text(next) == text(statement)) {
            left.next();
            if may_have_acted && !cannot_notice(statement) {
                return false;
            }
        } else if is_assertion(statement) {
            any = true;
            may_have_acted |= !calls_nothing(&statement[2..]);
        } else {
            return false;
        }
    }
    any && left.next().is_none()
}

fn text(statement: &[TokenTree]) -> String {
    statement.iter().cloned().collect::<TokenStream>().to_string()
}

fn is_assertion(statement: &[TokenTree]) -> bool {
    match statement {
        [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(_)] => {
            bang.as_char() == '!' && ASSERTIONS.contains(&name.to_string().as_str())
        }
        _ => false,
    }
}

/// Only names, literals, operators and indexing: nothing that could do anything.
fn calls_nothing(trees: &[TokenTree]) -> bool {
    fn quiet(stream: TokenStream) -> bool {
        stream.into_iter().all(|tree| match tree {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Bracket && quiet(group.stream()),
            TokenTree::Ident(name) => name != "await",
            _ => true,
        })
    }
    trees.iter().all(|tree| match tree {
        TokenTree::Group(group) => quiet(group.stream()),
        _ => true,
    })
}

/// `Ok(())` at the end; anything else may look at what was changed.
fn cannot_notice(statement: &[TokenTree]) -> bool {
    text(statement).replace(' ', "") == "Ok(())"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: &str, after: &str) -> Option<Strength> {
        let test = |body: &str| format!("# [ test ] fn a ( ) {{ {body} }} ");
        strength(&test(before), &test(after)).map(|(strength, _)| strength)
    }

    #[test]
    fn a_body_is_weaker_only_where_nothing_can_depend_on_what_went() {
        let weaker = Some(Strength::Weaker);
        assert_eq!(of("f(); assert!(a == 1); g();", "f(); g();"), weaker);
        assert_eq!(of("f(); assert!(g());", "f();"), weaker, "nothing comes after it");
        assert_eq!(of("assert_eq!(g(), 2); Ok(())", "Ok(())"), weaker);
        assert_eq!(of("f(); assert!(a);", ""), weaker);
        assert_eq!(of("f();", "f(); assert!(a);"), Some(Strength::Stronger));
        assert_eq!(of("assert!(s.insert(1)); assert!(s.has(1));", "assert!(s.has(1));"), None);
        assert_eq!(of("f(); assert!(a);", "assert!(a);"), None, "no assertion went");
        assert_eq!(of("assert!(a == 1);", "assert!(a == 2);"), None);
        assert_eq!(of("f(); assert!(a);", "f(); f();"), None);
        assert_eq!(of("if x { } assert!(a);", "if x { }"), None);
    }

    #[test]
    fn attributes_decide_first() {
        let plain = "# [ test ] fn a ( ) { assert ! ( b ( ) ) ; } ";
        let ignored = "# [ test ] # [ ignore = \"slow\" ] fn a ( ) { assert ! ( b ( ) ) ; } ";
        assert_eq!(strength(plain, ignored).map(|found| found.0), Some(Strength::Weaker));
        assert_eq!(strength(ignored, plain).map(|found| found.0), Some(Strength::Stronger));
        let conditional = "# [ cfg_attr ( x , ignore ) ] # [ test ] fn a ( ) { assert ! ( b ( ) ) ; } ";
        assert_eq!(strength(plain, conditional), None);
        let panics = "# [ test ] # [ should_panic ] fn a ( ) { assert ! ( b ( ) ) ; } ";
        let empty = "# [ test ] # [ should_panic ] fn a ( ) { } ";
        assert_eq!(strength(panics, empty), None);
    }
}
