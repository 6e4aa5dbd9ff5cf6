//! Where a test's name leads: targets, their modules, and the item itself.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use anyhow::Result;

use super::sources::Sources;
use super::tokens::{Kind, Node, nodes, tokens};

mod around;
mod targets;

use targets::{Target, targets};

/// An item that a test's name finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestItem {
    /// Path of its file.
    pub file: String,
    pub tokens: String,
    /// Its text as written.
    pub source: String,
    /// Root file of the target it is compiled into.
    pub target: String,
    /// The target's name.
    pub target_name: String,
    /// Folder of its package; empty at the top.
    pub package: String,
    /// Whether the target is a test program of its own, outside the library and the binaries.
    pub apart: bool,
}

/// How a test may stand in a file.
#[derive(Clone, Copy)]
enum Written {
    Plainly,
    ByMacro,
}

impl Written {
    fn is(self, node: &Node, test: &str, file: &File) -> bool {
        match (self, &node.kind) {
            (Self::Plainly, Kind::Function { name, .. }) => name == test,
            (Self::ByMacro, Kind::Macro) => tokens(&file.text[node.range.clone()])
                .is_some_and(|tokens| tokens.split(' ').any(|token| token == test)),
            _ => false,
        }
    }
}

/// Finds test items; every file is read and parsed once.
pub struct TestItems<'s> {
    sources: &'s dyn Sources,
    targets: OnceCell<Vec<Target>>,
    files: RefCell<HashMap<String, Option<Rc<File>>>>,
    /// By the root file of a target.
    around: RefCell<HashMap<String, Rc<around::Target>>>,
}

struct File {
    text: String,
    nodes: Vec<Node>,
}

/// A file as a module: where it lies, and where modules it declares are looked for.
struct Place {
    file: String,
    folder: String,
}

impl<'s> TestItems<'s> {
    pub fn new(sources: &'s dyn Sources) -> Self {
        Self { sources, targets: OnceCell::new(), files: RefCell::default(), around: RefCell::default() }
    }

    /// Every item of this name. A name that no target has may begin with a target's own name.
    pub fn find(&self, name: &str) -> Result<Vec<TestItem>> {
        self.find_as(name, Written::Plainly)
    }

    /// Every macro that mentions this name where its function would stand: it may make the test, as
    /// `proptest!` does.
    pub fn find_made(&self, name: &str) -> Result<Vec<TestItem>> {
        self.find_as(name, Written::ByMacro)
    }

    fn find_as(&self, name: &str, written: Written) -> Result<Vec<TestItem>> {
        let segments: Vec<&str> = name.split("::").collect();
        let mut found = self.find_in(&segments, written, |_| true)?;
        if found.is_empty() && segments.len() > 1 {
            found = self.find_in(&segments[1..], written, |target| target.name == segments[0])?;
        }
        Ok(found)
    }

    fn find_in(
        &self,
        segments: &[&str],
        written: Written,
        wanted: impl Fn(&Target) -> bool,
    ) -> Result<Vec<TestItem>> {
        let mut found = Vec::new();
        for target in self.targets()?.iter().filter(|target| wanted(target)) {
            let Some(file) = self.file(&target.root)? else { continue };
            let place = root_place(&target.root);
            self.walk(&place, &file, &file.nodes, (segments, "", written), target, &mut found)?;
        }
        // A function without an attribute is no test, unless a macro around it makes it one: where there
        // is a better one of the name, code that happens to be called the same does not count.
        let bare = |item: &TestItem| tokens(&item.source).is_some_and(|tokens| !tokens.starts_with('#'));
        if !found.iter().all(bare) {
            found.retain(|item| !bare(item));
        }
        found.sort_by(|a: &TestItem, b| (&a.file, &a.tokens).cmp(&(&b.file, &b.tokens)));
        found.dedup_by(|a, b| a.file == b.file && a.tokens == b.tokens);
        Ok(found)
    }

    /// `around`: tokens of the attributes of the modules gone through.
    fn walk(
        &self,
        place: &Place,
        file: &File,
        nodes: &[Node],
        (segments, around, written): (&[&str], &str, Written),
        target: &Target,
        found: &mut Vec<TestItem>,
    ) -> Result<()> {
        let Some((first, rest)) = segments.split_first() else { return Ok(()) };
        for node in nodes {
            let is_it = rest.is_empty() && written.is(node, first, file);
            match &node.kind {
                _ if is_it => {
                    let source = file.text[node.range.clone()].to_owned();
                    found.push(TestItem {
                        file: place.file.clone(),
                        tokens: format!("{around}{}", tokens(&source).unwrap_or_default()),
                        source,
                        target: target.root.clone(),
                        target_name: target.name.clone(),
                        package: target.package.clone(),
                        apart: target.apart,
                    });
                }
                Kind::Module { name, path, inside, attributes } if name == first => {
                    let own = attributes.iter().filter_map(|range| tokens(&file.text[range.clone()]));
                    let around = format!("{around}{}", own.collect::<String>());
                    if let Some(inside) = inside {
                        let inner = Place { file: place.file.clone(), folder: join(&place.folder, name) };
                        self.walk(&inner, file, inside, (rest, &around, written), target, found)?;
                    } else if let Some((inner, file)) = self.module(place, name, path.as_deref())? {
                        self.walk(&inner, &file, &file.nodes, (rest, &around, written), target, found)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The file of `mod name;`.
    fn module(&self, place: &Place, name: &str, path: Option<&str>) -> Result<Option<(Place, Rc<File>)>> {
        if let Some(path) = path {
            let beside = place.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            let path = join(beside, path);
            return Ok(self.file(&path)?.map(|file| (root_place(&path), file)));
        }
        let name = name.trim_start_matches("r#");
        for (path, folder) in [
            (join(&place.folder, &format!("{name}.rs")), join(&place.folder, name)),
            (join(&place.folder, &format!("{name}/mod.rs")), join(&place.folder, name)),
        ] {
            if let Some(file) = self.file(&path)? {
                return Ok(Some((Place { file: path, folder }, file)));
            }
        }
        Ok(None)
    }

    /// Whether a target has this name: the program a command calls may be the project's own.
    pub fn has_target(&self, name: &str) -> Result<bool> {
        Ok(self.targets()?.iter().any(|target| target.name == name))
    }

    fn targets(&self) -> Result<&[Target]> {
        if let Some(targets) = self.targets.get() {
            return Ok(targets);
        }
        let found = targets(self.sources)?;
        Ok(self.targets.get_or_init(|| found))
    }

    /// A Rust file; `None` where it is missing or cannot be read as Rust.
    fn file(&self, path: &str) -> Result<Option<Rc<File>>> {
        if let Some(known) = self.files.borrow().get(path) {
            return Ok(known.clone());
        }
        let read = self.sources.read(path)?.and_then(|bytes| String::from_utf8(bytes).ok());
        let file = read.and_then(|text| {
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
            let nodes = nodes(&text)?;
            Some(Rc::new(File { text, nodes }))
        });
        self.files.borrow_mut().insert(path.to_owned(), file.clone());
        Ok(file)
    }
}

/// A root file, or one named by `#[path]`: its modules lie beside it.
fn root_place(path: &str) -> Place {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Place { file: path.to_owned(), folder: folder.to_owned() }
}

/// A path within the repository, `.` and `..` resolved.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let ends_open = path.ends_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if ends_open { format!("{joined}/") } else { joined }
}
