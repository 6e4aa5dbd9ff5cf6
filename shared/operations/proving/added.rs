//! What the change adds to the sources, and whether an error of the compiler names it.

use std::collections::BTreeSet;

use anyhow::Result;
use proc_macro2::{TokenStream, TokenTree};
use syn::{ImplItem, Item, TraitItem};

use super::ground::Ground;
use super::strip::leaves;
use crate::operations::digest::bounded;
use crate::storage::cargo::{Diagnostic, Project};
use crate::storage::repo::TreeFile;

/// Errors that say that a name is not there
/// (<https://doc.rust-lang.org/error_codes/error-index.html>).
const NAMELESS: [&str; 25] = [
    "E0026", "E0220", "E0405", "E0407", "E0412", "E0422", "E0423", "E0424", "E0425", "E0426", "E0432",
    "E0433", "E0437", "E0438", "E0531", "E0532", "E0533", "E0559", "E0560", "E0574", "E0575", "E0576",
    "E0599", "E0609", "E0610",
];

/// "This type does not have that trait": the name is there, its `impl` is what may be new.
const TRAITLESS: [&str; 2] = ["E0277", "E0369"];

/// Names that today's sources have and the base's do not.
pub struct Added {
    /// Where it is (module, type, trait; `crate` at the root), and its name.
    pairs: BTreeSet<(String, String)>,
    /// Identifiers that the base's sources never use.
    idents: BTreeSet<String>,
    /// Libraries and binaries.
    targets: BTreeSet<String>,
}

impl Added {
    /// Compare the sources of the base with today's, tests and benches aside.
    pub fn between(ground: &Ground) -> Result<Self> {
        let (mut before, mut now) = (Defined::default(), Defined::default());
        let repo = ground.question.repo;
        for file in ground.files.iter().filter(is_source) {
            now.read(&file.path, &repo.read_blob(file.oid)?);
        }
        for file in repo.files_under(ground.base, "")?.iter().filter(is_source) {
            before.read(&file.path, &repo.read_blob(file.oid)?);
        }
        let base = ground.project.as_ref().ok().and_then(Option::as_ref);
        let had = base.map(targets).unwrap_or_default();
        let has = ground.today.as_ref().map(targets).unwrap_or_default();
        Ok(Self {
            pairs: now.pairs.difference(&before.pairs).cloned().collect(),
            idents: now.idents.difference(&before.idents).cloned().collect(),
            targets: has.difference(&had).cloned().collect(),
        })
    }

    /// The added name that an error is about.
    pub fn named_by(&self, error: &Diagnostic) -> Option<String> {
        let code = error.code.as_deref().unwrap_or_default();
        let of_macro = code.is_empty() && error.message.starts_with("cannot find ");
        let of_program = error.message.contains("CARGO_BIN_EXE_");
        let of_trait = TRAITLESS.contains(&code);
        if !(NAMELESS.contains(&code) || of_macro || of_program || of_trait) {
            return None;
        }
        let labels = error.places.iter().map(|place| place.label.as_str());
        let told: Vec<String> =
            std::iter::once(error.message.as_str()).chain(labels).flat_map(quoted).collect();
        let pointed = error.places.iter().flat_map(|place| words(&place.text));
        let all: BTreeSet<String> = told.into_iter().chain(pointed.map(str::to_owned)).collect();
        let simple = all
            .iter()
            .find(|name| self.targets.contains(*name) || (!of_trait && self.idents.contains(*name)));
        let pair = || {
            let there = |(place, name): &&(String, String)| {
                all.contains(name) && (all.contains(place) || (place == "crate" && !of_trait))
            };
            self.pairs.iter().find(there).map(|(place, name)| match place.as_str() {
                "crate" => name.clone(),
                place => format!("{place}::{name}"),
            })
        };
        simple.cloned().or_else(pair)
    }
}

fn is_source(file: &&TreeFile) -> bool {
    let beside = ["tests", "benches", "examples"];
    file.path.ends_with(".rs") && !file.path.split('/').any(|part| beside.contains(&part))
}

/// Libraries by the name a `use` knows them by, binaries as tests find them.
fn targets(project: &Project) -> BTreeSet<String> {
    let libraries = project.packages.iter().filter(|package| package.has_lib);
    let libraries = libraries.map(|package| package.name.replace('-', "_"));
    libraries.chain(project.bins().map(|bin| format!("CARGO_BIN_EXE_{bin}"))).collect()
}

/// Words between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).flat_map(words).map(str::to_owned).collect()
}

/// Identifiers, and names of programs with their hyphens.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let programs = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
    let idents = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    idents.chain(programs).filter(|word| !word.is_empty())
}

#[derive(Default)]
struct Defined {
    pairs: BTreeSet<(String, String)>,
    idents: BTreeSet<String>,
}

impl Defined {
    fn read(&mut self, path: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        bounded::deeply(text.len(), || {
            // A file that is no Rust defines nothing.
            let Some(stream) = bounded::stream(text) else { return };
            idents(stream.clone(), &mut self.idents);
            if let Ok(file) = syn::parse2::<syn::File>(stream) {
                let module = module_of(path);
                file.items.iter().for_each(|item| self.item(&module, item));
            }
        });
    }

    fn add(&mut self, place: &str, name: impl ToString) {
        self.pairs.insert((place.to_owned(), name.to_string()));
    }

    fn item(&mut self, place: &str, item: &Item) {
        match item {
            Item::Fn(item) => self.add(place, &item.sig.ident),
            Item::Const(item) => self.add(place, &item.ident),
            Item::Static(item) => self.add(place, &item.ident),
            Item::Type(item) => self.add(place, &item.ident),
            Item::Union(item) => self.add(place, &item.ident),
            Item::Macro(item) => item.ident.iter().for_each(|name| self.add(place, name)),
            Item::Mod(item) => {
                self.add(place, &item.ident);
                let inside = item.content.iter().flat_map(|(_, items)| items);
                inside.for_each(|inner| self.item(&item.ident.to_string(), inner));
            }
            Item::Struct(item) => {
                self.add(place, &item.ident);
                self.fields(&item.ident.to_string(), &item.fields);
                self.derives(&item.ident.to_string(), &item.attrs);
            }
            Item::Enum(item) => {
                self.add(place, &item.ident);
                self.derives(&item.ident.to_string(), &item.attrs);
                for variant in &item.variants {
                    self.add(&item.ident.to_string(), &variant.ident);
                    self.fields(&variant.ident.to_string(), &variant.fields);
                }
            }
            Item::Trait(item) => {
                self.add(place, &item.ident);
                let name = item.ident.to_string();
                for inner in &item.items {
                    match inner {
                        TraitItem::Fn(inner) => self.add(&name, &inner.sig.ident),
                        TraitItem::Const(inner) => self.add(&name, &inner.ident),
                        TraitItem::Type(inner) => self.add(&name, &inner.ident),
                        _ => {}
                    }
                }
            }
            Item::Impl(item) => self.implementation(item),
            Item::Use(item) if !matches!(item.vis, syn::Visibility::Inherited) => {
                leaves(&item.tree).into_iter().for_each(|leaf| self.add(place, leaf.name));
            }
            _ => {}
        }
    }

    fn implementation(&mut self, item: &syn::ItemImpl) {
        let syn::Type::Path(of) = &*item.self_ty else { return };
        let Some(of) = of.path.segments.last().map(|segment| segment.ident.to_string()) else { return };
        if let Some(name) = item.trait_.iter().find_map(|(path, _)| path.segments.last()) {
            self.add(&of, &name.ident);
        }
        for inner in &item.items {
            match inner {
                ImplItem::Fn(inner) => self.add(&of, &inner.sig.ident),
                ImplItem::Const(inner) => self.add(&of, &inner.ident),
                ImplItem::Type(inner) => self.add(&of, &inner.ident),
                _ => {}
            }
        }
    }

    fn fields(&mut self, of: &str, fields: &syn::Fields) {
        fields.iter().filter_map(|field| field.ident.as_ref()).for_each(|name| self.add(of, name));
    }

    fn derives(&mut self, of: &str, attributes: &[syn::Attribute]) {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let mut names = BTreeSet::new();
            if let syn::Meta::List(list) = &attribute.meta {
                idents(list.tokens.clone(), &mut names);
            }
            names.iter().for_each(|name| self.add(of, name));
        }
    }
}

/// All identifiers of a text, at any depth.
pub fn idents(stream: TokenStream, into: &mut BTreeSet<String>) {
    for tree in stream {
        match tree {
            TokenTree::Ident(name) => drop(into.insert(name.to_string())),
            TokenTree::Group(group) => idents(group.stream(), into),
            _ => {}
        }
    }
}

/// What a `use` calls the module of this file.
fn module_of(path: &str) -> String {
    let mut parts = path.trim_end_matches(".rs").rsplit('/');
    match parts.next().unwrap_or_default() {
        "lib" | "main" => "crate".to_owned(),
        "mod" => parts.next().unwrap_or("crate").to_owned(),
        stem => stem.to_owned(),
    }
}
