//! Rust text as its tokens, and the items of a file with the bytes they stand at.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;

use super::bounded;

/// The tokens of a text without doc comments, each followed by one space; `None` where the text is
/// no Rust, or nests deeper than is read.
pub fn tokens(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    write_tokens(bounded::stream(text)?, &mut out);
    Some(out)
}

fn write_tokens(stream: TokenStream, out: &mut String) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        if let Some(length) = doc_comment(&trees[at..]) {
            at += length;
            continue;
        }
        match &trees[at] {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("( ", ") "),
                    Delimiter::Brace => ("{ ", "} "),
                    Delimiter::Bracket => ("[ ", "] "),
                    Delimiter::None => ("", ""),
                };
                out.push_str(open);
                write_tokens(group.stream(), out);
                out.push_str(close);
            }
            other => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{other} ");
            }
        }
        at += 1;
    }
}

/// How many trees `#[doc = …]` or `#![doc = …]` takes, where one begins here.
fn doc_comment(trees: &[TokenTree]) -> Option<usize> {
    let punctuation =
        |at: usize, c: char| matches!(trees.get(at), Some(TokenTree::Punct(p)) if p.as_char() == c);
    if !punctuation(0, '#') {
        return None;
    }
    let at = if punctuation(1, '!') { 2 } else { 1 };
    let Some(TokenTree::Group(group)) = trees.get(at) else { return None };
    let mut inner = group.stream().into_iter();
    let doc = matches!(inner.next(), Some(TokenTree::Ident(name)) if name == "doc");
    let assigned = matches!(inner.next(), Some(TokenTree::Punct(p)) if p.as_char() == '=');
    (group.delimiter() == Delimiter::Bracket && doc && assigned).then_some(at + 1)
}

/// An item of a file, with the bytes it stands at.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    pub range: Range<usize>,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Function {
        name: String,
        is_test: bool,
    },
    /// `inside` is `None` for a module in a file of its own.
    Module {
        name: String,
        path: Option<String>,
        inside: Option<Vec<Node>>,
        /// Its outer attributes but `#[path]`.
        attributes: Vec<Range<usize>>,
    },
    /// An import only this module sees.
    PrivateUse,
    /// A macro's call or definition, which may make tests.
    Macro,
    Other,
}

/// The items of a file; `None` where it is no Rust, or nests deeper than is read.
pub fn nodes(text: &str) -> Option<Vec<Node>> {
    bounded::deeply(text.len(), || {
        let file: syn::File = syn::parse2(bounded::stream(text)?).ok()?;
        Some(file.items.iter().map(node).collect())
    })
}

fn node(item: &syn::Item) -> Node {
    let kind = match item {
        syn::Item::Fn(function) => Kind::Function {
            name: function.sig.ident.to_string(),
            is_test: function.attrs.iter().any(is_test),
        },
        syn::Item::Mod(module) => Kind::Module {
            name: module.ident.to_string(),
            path: module.attrs.iter().find_map(path_attribute),
            inside: module.content.as_ref().map(|(_, items)| items.iter().map(node).collect()),
            attributes: outer(&module.attrs).map(|attribute| attribute.span().byte_range()).collect(),
        },
        syn::Item::Use(import) if matches!(import.vis, syn::Visibility::Inherited) => Kind::PrivateUse,
        syn::Item::Macro(_) => Kind::Macro,
        _ => Kind::Other,
    };
    Node { kind, range: item.span().byte_range() }
}

/// `#[test]`, and what other crates call theirs: `#[tokio::test]`.
fn is_test(attribute: &syn::Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
}

fn outer(attributes: &[syn::Attribute]) -> impl Iterator<Item = &syn::Attribute> {
    let is_outer = |a: &&syn::Attribute| matches!(a.style, syn::AttrStyle::Outer);
    attributes.iter().filter(is_outer).filter(|attribute| !attribute.path().is_ident("path"))
}

fn path_attribute(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &pair.value else { return None };
    pair.path.is_ident("path").then(|| path.value())
}

/// What of a file does not bear on a bound test: tests whose name is not among those `called`,
/// declarations of modules in files of their own, and, unless the test is in this very file, inline
/// modules of nothing but tests and their imports.
pub fn left_out(nodes: &[Node], own_file: bool, called: &BTreeSet<String>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for node in nodes {
        match &node.kind {
            Kind::Function { is_test: true, name } if !called.contains(name) => {
                ranges.push(node.range.clone());
            }
            Kind::Module { inside: None, .. } => ranges.push(node.range.clone()),
            Kind::Module { inside: Some(inside), .. } => {
                let inner = left_out(inside, own_file, called);
                let nothing_left = inside.iter().all(|node| inner.contains(&node.range));
                if nothing_left || (!own_file && only_tests(inside, called)) {
                    ranges.push(node.range.clone());
                } else {
                    ranges.extend(inner);
                }
            }
            _ => {}
        }
    }
    ranges
}

fn only_tests(nodes: &[Node], called: &BTreeSet<String>) -> bool {
    nodes.iter().all(|node| match &node.kind {
        Kind::Function { is_test, name } => *is_test && !called.contains(name),
        Kind::Module { inside, .. } => inside.as_ref().is_some_and(|inside| only_tests(inside, called)),
        Kind::PrivateUse => true,
        Kind::Macro | Kind::Other => false,
    })
}

/// The imports at the top of a file that only the file and what is below it see.
pub fn private_uses(nodes: &[Node]) -> Vec<Range<usize>> {
    let private = nodes.iter().filter(|node| matches!(node.kind, Kind::PrivateUse));
    private.map(|node| node.range.clone()).collect()
}

/// Names that tokens mention, but for those they define and for methods.
pub fn mentioned(tokens: &str, names: &mut BTreeSet<String>) {
    let Some(stream) = bounded::stream(tokens) else { return };
    collect_names(stream, names);
}

fn collect_names(stream: TokenStream, names: &mut BTreeSet<String>) {
    let mut before = String::new();
    for tree in stream {
        match &tree {
            TokenTree::Group(group) => collect_names(group.stream(), names),
            TokenTree::Ident(name) if before != "fn" && before != "." => {
                names.insert(name.to_string());
            }
            _ => {}
        }
        before = match &tree {
            TokenTree::Group(_) => String::new(),
            other => other.to_string(),
        };
    }
}

/// The text with these bytes blanked.
pub fn without(text: &str, ranges: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_owned();
    for range in ranges {
        bytes[range.clone()].fill(b' ');
    }
    // Items begin and end between characters, so what is left is whole.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_layout_are_no_tokens() {
        let loose = "/// Says hello.\n#[test]\nfn a() { // why\n    assert!(b(1) == \"x\"); }";
        let tight = "#[test]fn a(){assert!(b(1)==\"x\");}";
        assert_eq!(tokens(loose), tokens(tight));
        assert_eq!(tokens(tight).unwrap(), "# [ test ] fn a ( ) { assert ! ( b ( 1 ) = = \"x\" ) ; } ");
    }

    #[test]
    fn only_doc_comments_are_left_out() {
        assert_eq!(
            tokens("#[doc = \"a\"] #![doc = \"b\"] /** c */ #[doc(hidden)] fn x();"),
            tokens("#[doc(hidden)] fn x();")
        );
        assert_ne!(tokens("#[ignore] fn x();"), tokens("fn x();"));
        assert_eq!(tokens("fn ("), None);
    }

    #[test]
    fn a_function_begins_with_its_attributes_wherever_it_stands() {
        let text = "// größe\nmod inner { #[test] #[ignore] fn a() { 1; } fn b() {} }";
        let ranges = left_out(&nodes(text).unwrap(), true, &BTreeSet::new());
        assert_eq!(&text[ranges[0].clone()], "#[test] #[ignore] fn a() { 1; }");
        assert_eq!(tokens(&without(text, &ranges)), tokens("mod inner { fn b() {} }"));
    }
}
