//! Frames of a Rust backtrace: names without hashes, addresses, generics and closures.

/// One function on the stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// As printed.
    pub function: String,
    /// As printed; `None` without debug information.
    pub file: Option<String>,
    pub line: u32,
    /// Of the program itself, not of Rust, the system or a dependency.
    pub in_app: bool,
}

impl Frame {
    /// The function's path, the same for every build of it.
    pub fn name(&self) -> String {
        normal(&self.function)
    }
}

/// Frames as `RUST_BACKTRACE=1` and `full` print them; other lines are passed over.
pub fn read(lines: &[&str]) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in lines {
        let text = line.trim();
        if let Some(at) = text.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                let (file, line, _) = place(at);
                frame.in_app &= is_own_file(&file);
                (frame.file, frame.line) = (Some(file), line);
            }
        } else if let Some(function) = numbered(text) {
            let in_app = is_own(&normal(function));
            frames.push(Frame { function: function.to_owned(), in_app, ..Frame::default() });
        }
    }
    frames
}

/// `12:     0x5613 - name` and `12: name`.
fn numbered(text: &str) -> Option<&str> {
    let (number, name) = text.split_once(": ")?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let name = name.trim_start();
    Some(match name.split_once(" - ") {
        Some((address, name)) if address.starts_with("0x") => name,
        _ => name,
    })
}

/// `src/a.rs:3:17` as file, line and column; what is missing is 0.
pub fn place(text: &str) -> (String, u32, u32) {
    let mut parts = text.trim().rsplitn(3, ':');
    let (last, middle, first) = (parts.next().unwrap_or(""), parts.next(), parts.next());
    let number = |text: &str| text.parse::<u32>().ok();
    match (first, middle.and_then(number), number(last)) {
        (Some(file), Some(line), Some(column)) => (file.to_owned(), line, column),
        (None, _, Some(line)) => (middle.unwrap_or("").to_owned(), line, 0),
        (Some(drive), None, Some(line)) => (format!("{drive}:{}", middle.unwrap_or("")), line, 0),
        _ => (text.trim().to_owned(), 0, 0),
    }
}

/// The path from the folder of sources on, whatever the build's folder was; of a dependency, its name
/// without the version first.
pub fn own_path(file: &str) -> String {
    let file = file.replace('\\', "/");
    let parts: Vec<&str> = file.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let sources = ["src", "tests", "examples", "benches"];
    let from = parts.iter().rposition(|part| sources.contains(part)).unwrap_or(parts.len().saturating_sub(1));
    let rest = parts[from..].join("/");
    if is_own_file(&file) {
        return rest;
    }
    let package = from.checked_sub(1).map_or("", |at| parts[at]);
    let name = package.rsplit_once('-').map_or(package, |(name, _)| name);
    format!("{name}/{rest}")
}

pub fn is_own_file(file: &str) -> bool {
    const FOREIGN: [&str; 8] = [
        "/rustc/",
        "/.cargo/registry/",
        "/.cargo/git/",
        "/registry/src/",
        "/lib/rustlib/",
        "/csu/",
        "/vendor/",
        "/sysdeps/",
    ];
    let file = file.replace('\\', "/");
    let library = file.starts_with("library/") || file.starts_with("vendor/");
    !library && !FOREIGN.iter().any(|part| file.contains(part))
}

/// Whether a function, as printed, is of the program itself, as far as its name tells.
pub fn is_own_function(function: &str) -> bool {
    is_own(&normal(function))
}

/// The crate of a normal name is none of Rust's and none that runs other people's code.
fn is_own(name: &str) -> bool {
    const FOREIGN: [&str; 35] = [
        "std",
        "core",
        "alloc",
        "test",
        "proc_macro",
        "__rustc",
        "rustc",
        "backtrace",
        "backtrace_rs",
        "hashbrown",
        "gimli",
        "addr2line",
        "tokio",
        "futures",
        "futures_util",
        "futures_core",
        "futures_executor",
        "hyper",
        "hyper_util",
        "rayon",
        "rayon_core",
        "tower",
        "axum",
        "tracing",
        "tracing_core",
        "opentelemetry",
        "sentry",
        "sentry_core",
        "sentry_panic",
        "sentry_backtrace",
        "sentry_anyhow",
        "eyre",
        "anyhow",
        "serde",
        "serde_json",
    ];
    name.split_once("::").is_some_and(|(root, _)| !FOREIGN.contains(&root) && !root.starts_with('_'))
}

/// A function's path without hash, disambiguators, generics, closures and shims; a method of a trait is
/// named after the type that has it, or after the trait where the type is Rust's own.
pub fn normal(function: &str) -> String {
    let bare = without_brackets(function.trim());
    let named = path(&bare);
    let mut parts: Vec<&str> = Vec::new();
    for part in named.split("::").map(str::trim).filter(|part| !part.is_empty()) {
        let hash = part.len() == 17
            && part.starts_with('h')
            && part[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
        // What is inside a closure is part of the function around it.
        if hash || part.starts_with('{') {
            break;
        }
        parts.push(part);
    }
    parts.join("::")
}

/// `core[c1f1a4ba060b9bfa]` of the newer mangling loses what is in brackets.
fn without_brackets(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('[') {
        let length = rest[at + 1..].bytes().take_while(u8::is_ascii_hexdigit).count();
        let hash = length >= 8 && rest[at + 1 + length..].starts_with(']');
        let end = if hash { at + length + 2 } else { at + 1 };
        out.push_str(&rest[..if hash { at } else { end }]);
        rest = &rest[end..];
    }
    out + rest
}

/// The path with `<T as Trait>` resolved and generic arguments dropped.
fn path(name: &str) -> String {
    let name = name.trim_start_matches(['&', '*']).trim_start_matches("mut ").trim_start_matches("dyn ");
    let Some(open) = name.find('<') else { return name.to_owned() };
    let Some(length) = closing(&name[open..]) else { return name[..open].to_owned() };
    let (before, inner, after) = (&name[..open], &name[open + 1..open + length], &name[open + length + 1..]);
    if !before.is_empty() {
        // `a::<impl Trait for a::Type>::f`, or arguments.
        let imp = inner.strip_prefix("impl ").map(|imp| imp.rsplit_once(" for ").map_or(imp, |(_, on)| on));
        let base = imp
            .map(path)
            .filter(|base| is_own(base))
            .unwrap_or_else(|| before.trim_end_matches("::").to_owned());
        return format!("{base}{}", path_after(after));
    }
    let base = match split_as(inner) {
        Some((on, of)) if !is_own(&path(on)) => path(of),
        Some((on, _)) => path(on),
        None => path(inner),
    };
    format!("{base}{}", path_after(after))
}

/// What follows a group of brackets, itself without groups.
fn path_after(rest: &str) -> String {
    let Some(open) = rest.find('<') else { return rest.to_owned() };
    let length = closing(&rest[open..]).unwrap_or(rest.len() - open - 1);
    format!("{}{}", rest[..open].trim_end_matches("::"), path_after(&rest[open + length + 1..]))
}

/// Where the bracket that opens the text is closed.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// `Type as Trait` outside of inner brackets.
fn split_as(inner: &str) -> Option<(&str, &str)> {
    let mut depth = 0i32;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if !inner[..at].ends_with('-') => depth -= 1,
            b' ' if depth == 0 && inner[at..].starts_with(" as ") => {
                return Some((&inner[..at], &inner[at + 4..]));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
