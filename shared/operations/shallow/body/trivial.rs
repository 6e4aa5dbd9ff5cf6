//! Code that cannot fail: literals, and assertions about nothing but literals.

use syn::punctuated::Punctuated;
use syn::{Expr, Lit, Macro, Stmt, Token};

use super::literals::literal_words;

/// Whether a block holds nothing that could fail.
pub fn only_trivial(block: &syn::Block) -> bool {
    block.stmts.iter().all(|statement| match statement {
        Stmt::Local(local) => local.init.as_ref().is_none_or(|init| is_literal(&init.expr)),
        Stmt::Macro(statement) => is_trivial(&statement.mac) || prints_literals(&statement.mac),
        Stmt::Expr(Expr::Macro(expression), _) => {
            is_trivial(&expression.mac) || prints_literals(&expression.mac)
        }
        Stmt::Expr(Expr::Call(call), _) => {
            super::path_ends_with(&call.func, "Ok") && call.args.iter().all(is_literal)
        }
        Stmt::Expr(Expr::Block(inner), _) => only_trivial(&inner.block),
        Stmt::Expr(expression, _) => is_literal(expression),
        Stmt::Item(item) => matches!(item, syn::Item::Use(_) | syn::Item::Const(_)),
    })
}

/// An assertion that holds whatever the project does.
pub fn is_trivial(item: &Macro) -> bool {
    let Some(name) = item.path.segments.last().map(|segment| segment.ident.to_string()) else { return false };
    let Ok(arguments) = item.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) else {
        return false;
    };
    let literals = |same: bool| {
        let (Some(left), Some(right)) = (arguments.first(), arguments.iter().nth(1)) else { return false };
        let (left, right) = (literal_words(left), literal_words(right));
        left.is_some() && right.is_some() && (left == right) == same
    };
    match name.trim_start_matches("debug_") {
        "assert" => arguments.first().is_some_and(always_true),
        "assert_eq" => literals(true),
        "assert_ne" => literals(false),
        _ => false,
    }
}

fn always_true(expression: &Expr) -> bool {
    match expression {
        Expr::Lit(literal) => matches!(&literal.lit, Lit::Bool(value) if value.value),
        Expr::Paren(inner) => always_true(&inner.expr),
        Expr::Unary(unary) => {
            matches!(unary.op, syn::UnOp::Not(_))
                && matches!(&*unary.expr, Expr::Lit(literal)
                    if matches!(&literal.lit, Lit::Bool(value) if !value.value))
        }
        Expr::Binary(binary) => {
            let (left, right) = (literal_words(&binary.left), literal_words(&binary.right));
            let equal = left.is_some() && left == right;
            let differ = left.is_some() && right.is_some() && left != right;
            matches!(binary.op, syn::BinOp::Eq(_)) && equal
                || matches!(binary.op, syn::BinOp::Ne(_)) && differ
        }
        _ => false,
    }
}

fn is_literal(expression: &Expr) -> bool {
    literal_words(expression).is_some()
}

fn prints_literals(item: &Macro) -> bool {
    let name = item.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    let prints = ["println", "eprintln", "print", "eprint"].contains(&name.as_str());
    let arguments = item.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
    prints && arguments.is_ok_and(|arguments| arguments.iter().all(is_literal))
}
