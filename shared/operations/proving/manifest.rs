//! A base's `Cargo.toml` with a test target of today and what tests may depend on.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// A manifest made for the base.
#[derive(Debug, PartialEq)]
pub struct Made {
    pub text: String,
    /// It depends on more than the base did.
    pub grew: bool,
    /// Folders that what it depends on now lies in, relative to the package.
    pub folders: Vec<String>,
}

/// The base's manifest with `target` (whose root file is `root`, relative to the package) and today's
/// dependencies as dev-dependencies where the base lacks them or has others; and whether any are new.
///
/// # Errors
/// A manifest that is no TOML, in the parser's words.
pub fn with_target(base: &str, today: &str, target: &str, root: &str) -> Result<Made, String> {
    let read = |text: &str| text.parse::<DocumentMut>().map_err(|error| error.message().to_owned());
    let (mut base, today) = (read(base)?, read(today)?);
    let wanted = dependencies(&mut base, &today);
    let entry = named(&today, target).cloned().unwrap_or_else(|| {
        let mut table = Table::new();
        table.insert("name", toml_edit::value(target));
        table
    });
    let mut entry = entry;
    if !entry.contains_key("path") {
        entry.insert("path", toml_edit::value(root));
    }
    let discovered = named(&today, target).is_none()
        && named(&base, target).is_none()
        && root == format!("tests/{target}.rs")
        && base.get("package").and_then(|p| p.get("autotests")).and_then(Item::as_bool) != Some(false);
    if !discovered {
        let tests = base.entry("test").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        if let Some(tests) = tests.as_array_of_tables_mut() {
            tests.retain(|table| table.get("name").and_then(Item::as_str) != Some(target));
            tests.push(entry);
        }
    }
    let folders =
        wanted.iter().filter_map(|(_, item)| Some(item.get("path")?.as_str()?.to_owned())).collect();
    Ok(Made { text: base.to_string(), grew: !wanted.is_empty(), folders })
}

/// Today's `[workspace.dependencies]` where the base's root manifest lacks them.
///
/// # Errors
/// A manifest that is no TOML, in the parser's words.
pub fn with_workspace(base: &str, today: &str) -> Result<String, String> {
    let read = |text: &str| text.parse::<DocumentMut>().map_err(|error| error.message().to_owned());
    let (mut base, today) = (read(base)?, read(today)?);
    let today = today.get("workspace").and_then(|w| w.get("dependencies")).and_then(Item::as_table_like);
    if let (Some(today), Some(workspace)) =
        (today, base.get_mut("workspace").and_then(Item::as_table_like_mut))
    {
        let there = workspace.entry("dependencies").or_insert(Item::Table(Table::new()));
        if let Some(there) = there.as_table_like_mut() {
            add_missing(there, today);
        }
    }
    Ok(base.to_string())
}

fn named<'d>(document: &'d DocumentMut, target: &str) -> Option<&'d Table> {
    let tests = document.get("test")?.as_array_of_tables()?;
    tests.iter().find(|table| table.get("name").and_then(Item::as_str) == Some(target))
}

/// Put what tests may use today into the base's dev-dependencies; what was new of it.
fn dependencies(base: &mut DocumentMut, today: &DocumentMut) -> Table {
    let table =
        |document: &DocumentMut, key: &str| document.get(key).and_then(Item::as_table_like).map(copied);
    let known = table(base, "dependencies").unwrap_or_default();
    let mut wanted = Table::new();
    for (name, item) in table(today, "dependencies").unwrap_or_default().iter() {
        // Tests may use what the library uses; the base's own choice stands.
        if !known.contains_key(name) {
            wanted.insert(name, not_optional(item));
        }
    }
    for (name, item) in table(today, "dev-dependencies").unwrap_or_default().iter() {
        wanted.insert(name, item.clone());
    }
    let had = table(base, "dev-dependencies").unwrap_or_default();
    let same = |(name, item): (&str, &Item)| had.get(name).is_some_and(|old| text(old) == text(item));
    if wanted.iter().all(same) {
        return Table::new();
    }
    let there = base.entry("dev-dependencies").or_insert(Item::Table(Table::new()));
    if let Some(there) = there.as_table_like_mut() {
        for (name, item) in wanted.iter() {
            there.insert(name, item.clone());
        }
    }
    wanted
}

fn copied(table: &dyn TableLike) -> Table {
    let mut copy = Table::new();
    table.iter().for_each(|(name, item)| drop(copy.insert(name, item.clone())));
    copy
}

fn add_missing(there: &mut dyn TableLike, more: &dyn TableLike) {
    for (name, item) in more.iter() {
        if !there.contains_key(name) {
            there.insert(name, item.clone());
        }
    }
}

/// A dev-dependency cannot be optional.
fn not_optional(item: &Item) -> Item {
    let mut item = item.clone();
    if let Some(table) = item.as_table_like_mut() {
        table.remove("optional");
    }
    item
}

/// An item's text without layout.
fn text(item: &Item) -> String {
    fn plain(value: &Value) -> String {
        match value {
            Value::InlineTable(table) => keyed(table),
            Value::Array(array) => listed(array),
            Value::String(text) => format!("{:?}", text.value()),
            other => other.clone().decorated("", "").to_string(),
        }
    }
    fn keyed(table: &InlineTable) -> String {
        let mut pairs: Vec<String> =
            table.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
        pairs.sort();
        pairs.join(",")
    }
    fn listed(array: &Array) -> String {
        array.iter().map(plain).collect::<Vec<_>>().join(";")
    }
    match item.clone().into_value() {
        Ok(value) => plain(&value),
        Err(item) => item.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "[package]\nname = \"tiny\"\n[dependencies]\na = \"1\"\n[dev-dependencies]\nx = { version = \"1\", features = [\"f\"] }\n";

    #[test]
    fn what_is_discovered_and_depends_on_nothing_new_leaves_the_manifest_alone() {
        let today = "[package]\nname = \"tiny\"\n[dependencies]\na = \"2\"\n[dev-dependencies.x]\nversion = '1'\nfeatures = ['f']\n";
        assert_eq!(
            with_target(BASE, today, "t", "tests/t.rs"),
            Ok(Made { text: BASE.to_owned(), grew: false, folders: Vec::new() })
        );
    }

    #[test]
    fn new_dependencies_come_along_and_a_named_target_is_named() {
        let today = "[package]\nname = \"tiny\"\n[dependencies]\nb = { version = \"3\", optional = true }\n[dev-dependencies]\ny = \"2\"\nz = { path = \"../z\" }\n[[test]]\nname = \"t\"\nharness = false\n";
        let Made { text, grew, folders } = with_target(BASE, today, "t", "tests/t.rs").unwrap();
        assert_eq!(folders, ["../z"]);
        assert!(grew && text.contains("y = \"2\"") && text.contains("b = { version = \"3\""), "{text}");
        assert!(!text.contains("optional") && text.contains("a = \"1\""), "{text}");
        assert!(text.contains("harness = false") && text.contains("path = \"tests/t.rs\""), "{text}");
        assert!(with_target("[package", today, "t", "tests/t.rs").is_err());
    }

    #[test]
    fn a_workspace_gets_the_dependencies_it_lacks() {
        let base = "[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\nx = \"1\"\n";
        let today = "[workspace]\n[workspace.dependencies]\nx = \"2\"\ny = \"3\"\n";
        let text = with_workspace(base, today).unwrap();
        assert!(text.contains("x = \"1\"") && text.contains("y = \"3\""), "{text}");
        assert_eq!(with_workspace(BASE, today).unwrap(), BASE);
    }
}
