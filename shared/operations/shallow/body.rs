//! Whether the body of a bound test asserts anything.
//!
//! What counts: a macro that asserts or panics, one of a snapshot or property library, `unwrap` and its
//! kin, `?`, `should_panic`, a value returned to the harness, a call of a helper of the same target
//! that has one of these. `assert!(true)` and a literal held against itself do not. Whatever cannot be
//! looked into (an unknown macro, an unknown attribute, a foreign function whose name says that it
//! checks) counts as asserting: naming an honest test would be worse than missing a shallow one.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use crate::operations::digest::bounded;

mod literals;
mod trivial;
mod words;

use trivial::{is_trivial, only_trivial};

/// What a test's body comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    Asserts,
    /// It calls something and looks at nothing.
    NoAssertion,
    /// It calls nothing that could fail.
    CannotFail,
}

/// The functions and macros of a target, by name; several of one name are taken together.
#[derive(Debug, Default)]
pub struct Helpers {
    functions: BTreeMap<String, Seen>,
    /// Whether one of them may assert.
    macros: BTreeMap<String, bool>,
}

/// What a piece of code does.
#[derive(Clone, Debug, Default)]
struct Seen {
    asserts: bool,
    /// Last names of the functions and methods it calls.
    calls: BTreeSet<String>,
    /// Last names of whatever else it names: a function may be handed on to be called.
    named: BTreeSet<String>,
    macros: BTreeSet<String>,
}

/// Judge the test with this text. `helpers` is asked only where the body itself does not tell.
///
/// # Errors
/// Those of `helpers`.
pub fn judge<E>(source: &str, helpers: impl FnOnce() -> Result<std::rc::Rc<Helpers>, E>) -> Result<Body, E> {
    let seen = match bounded::deeply(source.len(), || look(source)) {
        Ok(seen) => seen,
        Err(body) => return Ok(body),
    };
    let asserts = seen.asserts || helpers()?.assert_in(&seen);
    Ok(if asserts { Body::Asserts } else { Body::NoAssertion })
}

/// What the body does, or the judgement where that is told without it.
fn look(source: &str) -> Result<Seen, Body> {
    // What is no plain function cannot be looked into.
    let read = bounded::stream(source).and_then(|stream| syn::parse2::<syn::ItemFn>(stream).ok());
    let Some(test) = read else { return Err(Body::Asserts) };
    if test.attrs.iter().any(may_assert) || returns_a_value(&test) {
        return Err(Body::Asserts);
    }
    if only_trivial(&test.block) {
        return Err(Body::CannotFail);
    }
    let mut seen = Seen::default();
    seen.visit_block(&test.block);
    Ok(seen)
}

/// Attributes known to assert nothing are few; any other may.
fn may_assert(attribute: &syn::Attribute) -> bool {
    let last = attribute.path().segments.last().map(|segment| segment.ident.to_string());
    let harmless = ["test", "ignore", "doc", "allow", "expect", "warn", "deny", "cfg", "serial", "inline"];
    !last.is_some_and(|last| harmless.contains(&last.as_str()))
}

/// Whether what it returns tells the harness something: a `Result` that is not always `Ok`.
fn returns_a_value(test: &syn::ItemFn) -> bool {
    let syn::ReturnType::Type(_, returned) = &test.sig.output else { return false };
    let unit = matches!(&**returned, syn::Type::Tuple(tuple) if tuple.elems.is_empty());
    let always_ok = match test.block.stmts.last() {
        Some(syn::Stmt::Expr(syn::Expr::Call(call), None)) => path_ends_with(&call.func, "Ok"),
        _ => false,
    };
    !unit && !always_ok
}

fn path_ends_with(expression: &syn::Expr, name: &str) -> bool {
    let syn::Expr::Path(path) = expression else { return false };
    path.path.segments.last().is_some_and(|segment| segment.ident == name)
}

impl Helpers {
    /// Read them from the texts of a target's files.
    pub fn read(texts: &[String]) -> Self {
        bounded::deeply(texts.iter().map(String::len).sum(), || {
            let mut helpers = Self::default();
            let streams = texts.iter().filter_map(|text| bounded::stream(text));
            for file in streams.filter_map(|stream| syn::parse2(stream).ok()) {
                Collector(&mut helpers).visit_file(&file);
            }
            helpers
        })
    }

    fn assert_in(&self, seen: &Seen) -> bool {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut waiting = vec![seen];
        while let Some(seen) = waiting.pop() {
            if seen.asserts || seen.macros.iter().any(|name| self.macros.get(name).copied().unwrap_or(true)) {
                return true;
            }
            for name in seen.calls.iter().chain(&seen.named) {
                match self.functions.get(name) {
                    Some(inner) if known.insert(name) => waiting.push(inner),
                    Some(_) => {}
                    None if seen.calls.contains(name) && words::says_that_it_checks(name) => return true,
                    None => {}
                }
            }
        }
        false
    }

    fn add(&mut self, name: String, block: &syn::Block) {
        let seen = self.functions.entry(name).or_default();
        seen.visit_block(block);
    }
}

struct Collector<'h>(&'h mut Helpers);

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.0.add(item.sig.ident.to_string(), &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.0.add(item.sig.ident.to_string(), &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.0.add(item.sig.ident.to_string(), block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if let Some(name) = &item.ident {
            let asserts = words::asserts_in_tokens(&item.mac.tokens.to_string());
            *self.0.macros.entry(name.to_string()).or_default() |= asserts;
        }
    }
}

impl<'ast> Visit<'ast> for Seen {
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let path: Vec<String> = item.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if is_trivial(item) {
            return;
        }
        match words::of_macro(&path) {
            words::Of::Asserts => self.asserts = true,
            words::Of::Nothing => {
                // Printing what was unwrapped does assert.
                let arguments = item.parse_body_with(
                    syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated,
                );
                match arguments {
                    Ok(arguments) => arguments.iter().for_each(|argument| self.visit_expr(argument)),
                    Err(_) => self.asserts |= words::asserts_in_tokens(&item.tokens.to_string()),
                }
            }
            words::Of::Unknown => drop(self.macros.insert(path.last().cloned().unwrap_or_default())),
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let name = call.method.to_string();
        if words::is_asserting_method(&name) {
            self.asserts = true;
        }
        self.calls.insert(name);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func {
            self.calls.extend(path.path.segments.last().map(|segment| segment.ident.to_string()));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_try(&mut self, _: &'ast syn::ExprTry) {
        self.asserts = true;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.iter().any(|segment| words::LIBRARIES.contains(&segment.as_str())) {
            self.asserts = true;
        }
        self.named.extend(segments.last().cloned());
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
