//! What an intent names and its commit does not hold: the person should know before they say yes.

use factory::operations::digest::Entries;
use factory::terminal::safe;

/// One line for each test and file that is not there.
pub fn lines(entries: &Entries) -> Vec<String> {
    let missing = entries.iter().filter(|(_, value)| value.kind == "missing");
    missing.map(|(path, _)| line(path)).collect()
}

/// Of the path of an entry: `acceptance/bom/item`, `contract/orders/file`, `acceptance/get/schema-file`.
fn line(path: &str) -> String {
    let mut parts = path.splitn(3, '/');
    let (part, id, key) = (parts.next().unwrap_or(path), parts.next(), parts.next());
    let id = safe::line(id.unwrap_or_default());
    match (part, key) {
        ("acceptance", Some("item")) => format!("missing: check {id} names a test that is not there yet"),
        ("contract", _) => format!("missing: the file of contract {id} is not there yet"),
        (_, key) => {
            format!("missing: the {} of check {id} is not there yet", safe::line(key.unwrap_or("file")))
        }
    }
}
