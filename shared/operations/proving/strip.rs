//! A test target cut down to one test, so that what other tests need does not redden it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Item, UseTree};

use super::added::idents;
use crate::operations::digest::{Kind, Node, bounded, nodes, tokens, without};

/// A file without its other tests: what has exactly the tokens of `bound` stays.
pub fn only(text: &str, bound: &str) -> String {
    fn others(text: &str, nodes: &[Node], bound: &str, ranges: &mut Vec<Range<usize>>) {
        for node in nodes {
            match &node.kind {
                Kind::Function { is_test: true, .. }
                    if tokens(&text[node.range.clone()]).as_deref() != Some(bound) =>
                {
                    ranges.push(node.range.clone());
                }
                Kind::Module { inside: Some(inside), .. } => others(text, inside, bound, ranges),
                _ => {}
            }
        }
    }
    let mut ranges = Vec::new();
    others(text, &nodes(text).unwrap_or_default(), bound, &mut ranges);
    without(text, &ranges)
}

/// A name an import brings.
pub struct Leaf {
    pub name: String,
    /// The name with what it was called where it comes from.
    idents: BTreeSet<String>,
}

/// The names an import brings; none of a glob.
pub fn leaves(tree: &UseTree) -> Vec<Leaf> {
    match tree {
        UseTree::Path(path) => {
            let mut found = leaves(&path.tree);
            for leaf in found.iter_mut().filter(|leaf| leaf.name == "self") {
                leaf.name = path.ident.to_string();
            }
            found
        }
        UseTree::Name(name) => vec![leaf(name.ident.to_string(), None)],
        UseTree::Rename(renamed) => {
            vec![leaf(renamed.rename.to_string(), Some(renamed.ident.to_string()))]
        }
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}

fn leaf(name: String, from: Option<String>) -> Leaf {
    Leaf { idents: from.into_iter().chain([name.clone()]).collect(), name }
}

fn has_glob(tree: &UseTree) -> bool {
    match tree {
        UseTree::Path(path) => has_glob(&path.tree),
        UseTree::Group(group) => group.items.iter().any(has_glob),
        UseTree::Glob(_) => true,
        _ => false,
    }
}

/// An item that may be left out if nothing the test reaches bears its name.
struct Unit {
    range: Range<usize>,
    names: BTreeSet<String>,
    idents: BTreeSet<String>,
    import: Option<UseTree>,
}

fn units(text: &str) -> Vec<Unit> {
    let parsed = bounded::stream(text).and_then(|stream| syn::parse2::<syn::File>(stream).ok());
    let mut found = Vec::new();
    parsed.iter().flat_map(|file| &file.items).for_each(|item| collect(text, item, &mut found));
    found
}

fn collect(text: &str, item: &Item, found: &mut Vec<Unit>) {
    let name = |name: &syn::Ident| BTreeSet::from([name.to_string()]);
    let (names, import) = match item {
        Item::Mod(module) => {
            let inside = module.content.iter().flat_map(|(_, items)| items);
            return inside.for_each(|item| collect(text, item, found));
        }
        Item::Use(import) => {
            (leaves(&import.tree).into_iter().map(|leaf| leaf.name).collect(), Some(import.tree.clone()))
        }
        Item::Fn(item) => (name(&item.sig.ident), None),
        Item::Struct(item) => (name(&item.ident), None),
        Item::Enum(item) => (name(&item.ident), None),
        Item::Const(item) => (name(&item.ident), None),
        Item::Static(item) => (name(&item.ident), None),
        Item::Type(item) => (name(&item.ident), None),
        Item::Trait(item) => (name(&item.ident), None),
        Item::Impl(item) => {
            let mut of = BTreeSet::new();
            if let syn::Type::Path(path) = &*item.self_ty {
                of.extend(path.path.segments.last().map(|segment| segment.ident.to_string()));
            }
            (of, None)
        }
        // Whatever else there is may be needed without being named.
        _ => return,
    };
    let range = item.span().byte_range();
    let mut inside = BTreeSet::new();
    if import.is_none()
        && let Some(stream) = bounded::stream(&text[range.clone()])
    {
        idents(stream, &mut inside);
    }
    found.push(Unit { range, names, idents: inside, import });
}

/// Names the bound test reaches, by name alone: rather too many than too few.
fn needed(units: &[&Unit], bound: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(stream) = bounded::stream(bound) {
        idents(stream, &mut names);
    }
    loop {
        let before = names.len();
        for unit in units {
            match &unit.import {
                Some(tree) => {
                    let used = leaves(tree).into_iter().filter(|leaf| names.contains(&leaf.name));
                    let more: Vec<String> = used.flat_map(|leaf| leaf.idents).collect();
                    names.extend(more);
                }
                None if !unit.names.is_disjoint(&names) => names.extend(unit.idents.iter().cloned()),
                None => {}
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

/// Leave out of `files` what errors point at and the test does not reach. Whether anything was.
pub fn leave_out(
    files: &mut BTreeMap<String, String>,
    bound: &str,
    errors: &[(String, Range<usize>)],
) -> bool {
    let size_bytes = files.values().map(String::len).sum();
    bounded::deeply(size_bytes, || leave_out_here(files, bound, errors))
}

fn leave_out_here(
    files: &mut BTreeMap<String, String>,
    bound: &str,
    errors: &[(String, Range<usize>)],
) -> bool {
    let all: BTreeMap<&String, Vec<Unit>> = files.iter().map(|(path, text)| (path, units(text))).collect();
    let needed = needed(&all.values().flatten().collect::<Vec<_>>(), bound);
    let mut gone: BTreeMap<String, Vec<Range<usize>>> = BTreeMap::new();
    for (path, at) in errors {
        let Some(unit) = all.get(path).and_then(|units| units.iter().find(|u| u.range.contains(&at.start)))
        else {
            continue;
        };
        let spare = unit.names.is_disjoint(&needed);
        let ranges = match &unit.import {
            Some(tree) if spare && !has_glob(tree) => vec![unit.range.clone()],
            Some(tree) => {
                cut(tree, at.start, &needed).into_iter().map(|r| with_comma(&files[path], r)).collect()
            }
            None if spare => vec![unit.range.clone()],
            None => Vec::new(),
        };
        gone.entry(path.clone()).or_default().extend(ranges);
    }
    gone.retain(|_, ranges| !ranges.is_empty());
    for (path, ranges) in &gone {
        if let Some(text) = files.get_mut(path) {
            *text = without(text, ranges);
        }
    }
    !gone.is_empty()
}

/// The outermost part of an import at this byte that brings nothing needed.
fn cut(tree: &UseTree, at: usize, needed: &BTreeSet<String>) -> Option<Range<usize>> {
    let UseTree::Group(group) = tree else {
        return match tree {
            UseTree::Path(path) => cut(&path.tree, at, needed),
            _ => None,
        };
    };
    let part = group.items.iter().find(|part| part.span().byte_range().contains(&at))?;
    let spare = !has_glob(part) && leaves(part).iter().all(|leaf| !needed.contains(&leaf.name));
    if spare { Some(part.span().byte_range()) } else { cut(part, at, needed) }
}

fn with_comma(text: &str, range: Range<usize>) -> Range<usize> {
    let rest = &text[range.end..];
    let space = rest.len() - rest.trim_start().len();
    let end = if rest.trim_start().starts_with(',') { range.end + space + 1 } else { range.end };
    range.start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "use tiny::{old, fresh, inner::{more, self}};\nuse std::io::Write;\nfn helper() -> u8 { old() }\nfn spare() { fresh() }\nmod accept { use super::*;\n#[test] fn a() { helper(); }\n#[test] fn b() { fresh(); }\n}\n";

    fn squeezed(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_the_bound_test_stays() {
        let bound = tokens("#[test] fn a() { helper(); }").unwrap();
        let text = only(TEXT, &bound);
        assert!(text.contains("fn a()") && !text.contains("fn b()") && text.contains("fn spare()"), "{text}");
        assert_eq!(text.len(), TEXT.len(), "places stay where they were");
    }

    #[test]
    fn what_the_test_does_not_reach_is_left_out_where_it_is_in_the_way() {
        let bound = "# [ test ] fn a ( ) { helper ( ) ; } ";
        let mut files = BTreeMap::from([("t".to_owned(), only(TEXT, bound))]);
        let at = |what: &str| ("t".to_owned(), TEXT.find(what).map(|at| at..at + 1).unwrap());
        assert!(leave_out(&mut files, bound, &[at("fresh, "), at("more"), at("fresh() }")]));
        let left = squeezed(&files["t"]);
        assert!(
            left.starts_with("use tiny::{old, inner::{ self}};") || left.starts_with("use tiny::{old, }"),
            "{left}"
        );
        assert!(left.contains("fn helper()") && !left.contains("fn spare()"), "{left}");
        let mut same = files.clone();
        assert!(!leave_out(&mut same, bound, &[at("old, "), at("helper() ->")]), "needed: {}", same["t"]);
    }
}
