//! What lies around a bound test and bears on it: the modules of its target outside `src`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use anyhow::Result;

use super::{File, Place, TestItem, TestItems, join, root_place};
use crate::operations::digest::tokens::{Kind, Node, left_out, mentioned, private_uses, tokens, without};

/// A file of the target, and the one that declares it.
struct Module {
    path: String,
    file: Rc<File>,
    parent: Option<usize>,
    /// Its tokens where no test of it is called and the bound one lies elsewhere.
    tokens: String,
    /// Whether those are more than private imports.
    weighs: bool,
}

/// The modules of one target outside `src`, children after their parents.
pub struct Target {
    modules: Vec<Module>,
    /// Names of all their tests.
    tests: BTreeSet<String>,
    /// Whether some of them mention a test of theirs by name.
    calls_tests: bool,
}

impl TestItems<'_> {
    /// Path and tokens of the modules of the item's target outside `src`, as far as they bear on it.
    pub fn modules(&self, item: &TestItem) -> Result<BTreeMap<String, String>> {
        let target = self.target(&item.target)?;
        let called = called(&target, item);
        let own = |module: &Module| module.path == item.file;
        let is_plain = |module: &Module| called.is_empty() && !own(module);
        let weighs = |m: &Module| if is_plain(m) { m.weighs } else { own(m) || weighs(&m.file, &called) };
        let mut bears: Vec<bool> = target.modules.iter().map(weighs).collect();
        // What a module sees from above bears on it too.
        for at in (0..bears.len()).rev() {
            if let (true, Some(parent)) = (bears[at], target.modules[at].parent) {
                bears[parent] = true;
            }
        }
        let kept = target.modules.iter().zip(bears).filter(|(_, bears)| *bears).map(|(module, _)| module);
        let text = |m: &Module| {
            if is_plain(m) { m.tokens.clone() } else { kept_tokens(&m.file, own(m), &called) }
        };
        let texts = kept.map(|module| (module.path.clone(), text(module)));
        Ok(texts.filter(|(_, text)| !text.is_empty()).collect())
    }

    /// The text of every file of the item's target.
    pub fn texts(&self, item: &TestItem) -> Result<Vec<String>> {
        let mut modules = Vec::new();
        if let Some(file) = self.file(&item.target)? {
            self.collect(&root_place(&item.target), &file, None, &mut modules)?;
        }
        Ok(modules.iter().map(|module| module.file.text.clone()).collect())
    }

    /// Paths of all files outside `src` that are compiled into the item's target.
    pub fn files(&self, item: &TestItem) -> Result<Vec<String>> {
        let target = self.target(&item.target)?;
        let src = join(&item.package, "src/");
        let outside = target.modules.iter().filter(|module| !module.path.starts_with(&src));
        Ok(outside.map(|module| module.path.clone()).collect())
    }

    fn target(&self, root: &str) -> Result<Rc<Target>> {
        if let Some(known) = self.around.borrow().get(root) {
            return Ok(Rc::clone(known));
        }
        let mut modules = Vec::new();
        if let Some(file) = self.file(root)? {
            self.collect(&root_place(root), &file, None, &mut modules)?;
        }
        let sources: BTreeSet<String> =
            self.targets()?.iter().map(|target| join(&target.package, "src/")).collect();
        let none = BTreeSet::new();
        let (mut tests, mut names) = (BTreeSet::new(), BTreeSet::new());
        for module in &mut modules {
            if sources.iter().any(|source| module.path.starts_with(source)) {
                // It stays in the list, since others name it as their parent.
                module.file = Rc::new(File { text: String::new(), nodes: Vec::new() });
            }
            module.tokens = kept_tokens(&module.file, false, &none);
            module.weighs = weighs(&module.file, &none);
            mentioned(&module.tokens, &mut names);
            test_names(&module.file.nodes, &mut tests);
        }
        let calls_tests = !tests.is_disjoint(&names);
        let target = Rc::new(Target { modules, tests, calls_tests });
        self.around.borrow_mut().insert(root.to_owned(), Rc::clone(&target));
        Ok(target)
    }

    fn collect(
        &self,
        place: &Place,
        file: &Rc<File>,
        parent: Option<usize>,
        all: &mut Vec<Module>,
    ) -> Result<()> {
        if all.iter().any(|module| module.path == place.file) {
            return Ok(());
        }
        let (path, file) = (place.file.clone(), Rc::clone(file));
        all.push(Module { path, file: Rc::clone(&file), parent, tokens: String::new(), weighs: false });
        self.collect_below(place, &file.nodes, all.len() - 1, all)
    }

    fn collect_below(&self, place: &Place, nodes: &[Node], at: usize, all: &mut Vec<Module>) -> Result<()> {
        for node in nodes {
            let Kind::Module { name, path, inside, .. } = &node.kind else { continue };
            if let Some(inside) = inside {
                let inner = Place { file: place.file.clone(), folder: join(&place.folder, name) };
                self.collect_below(&inner, inside, at, all)?;
            } else if let Some((inner, file)) = self.module(place, name, path.as_deref())? {
                self.collect(&inner, &file, Some(at), all)?;
            }
        }
        Ok(())
    }
}

fn test_names(nodes: &[Node], names: &mut BTreeSet<String>) {
    for node in nodes {
        match &node.kind {
            Kind::Function { name, is_test: true } => drop(names.insert(name.clone())),
            Kind::Module { inside: Some(inside), .. } => test_names(inside, names),
            _ => {}
        }
    }
}

/// The tests that the item, or what counts beside it, mentions by name: they count too.
fn called(target: &Target, item: &TestItem) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    mentioned(&item.tokens, &mut names);
    let own = target.modules.iter().find(|module| module.path == item.file);
    if let Some(own) = own {
        mentioned(&kept_tokens(&own.file, true, &BTreeSet::new()), &mut names);
    }
    if !target.calls_tests && target.tests.is_disjoint(&names) {
        return BTreeSet::new();
    }
    loop {
        let before = names.len();
        for module in &target.modules {
            let text = kept_tokens(&module.file, module.path == item.file, &names);
            mentioned(&text, &mut names);
        }
        if names.len() == before {
            return target.tests.intersection(&names).cloned().collect();
        }
    }
}

fn kept_tokens(file: &File, own_file: bool, called: &BTreeSet<String>) -> String {
    tokens(&without(&file.text, &left_out(&file.nodes, own_file, called))).unwrap_or_default()
}

/// Whether more than private imports is left of a file.
fn weighs(file: &File, called: &BTreeSet<String>) -> bool {
    let mut ranges = left_out(&file.nodes, false, called);
    ranges.extend(private_uses(&file.nodes));
    !tokens(&without(&file.text, &ranges)).unwrap_or_default().is_empty()
}
