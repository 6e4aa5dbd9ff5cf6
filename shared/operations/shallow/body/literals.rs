//! Literals written out, so that two of them can be held against each other.

use syn::{Expr, Lit};

/// A literal, or a reference, tuple or array of literals; `None` for anything else.
pub fn literal_words(expression: &Expr) -> Option<String> {
    let all = |mark: &str, parts: &mut dyn Iterator<Item = &Expr>| {
        let words: Option<Vec<String>> = parts.map(literal_words).collect();
        Some(format!("{mark}({})", words?.join(",")))
    };
    match expression {
        Expr::Lit(literal) => words_of(&literal.lit),
        Expr::Paren(inner) => literal_words(&inner.expr),
        Expr::Reference(inner) => Some(format!("&{}", literal_words(&inner.expr)?)),
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            Some(format!("-{}", literal_words(&unary.expr)?))
        }
        Expr::Tuple(tuple) => all("tuple", &mut tuple.elems.iter()),
        Expr::Array(array) => all("array", &mut array.elems.iter()),
        _ => None,
    }
}

fn words_of(literal: &Lit) -> Option<String> {
    Some(match literal {
        Lit::Str(text) => format!("{:?}", text.value()),
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        Lit::Bool(value) => value.value.to_string(),
        Lit::Char(value) => format!("{:?}", value.value()),
        Lit::Byte(value) => format!("b{}", value.value()),
        Lit::ByteStr(value) => format!("b{:?}", value.value()),
        _ => return None,
    })
}
