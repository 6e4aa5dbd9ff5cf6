//! JSON values of bytes, and why there are none.

use std::fmt;

use serde_json::Value;

/// Why bytes were not read as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRead {
    NotJson(String),
    /// A limit of ours, and not the file's fault.
    TooDeep,
}

impl fmt::Display for NotRead {
    /// What follows the path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "is not JSON: {why}"),
            Self::TooDeep => write!(f, "is nested deeper than the 127 levels this tool reads"),
        }
    }
}

/// A byte-order mark before it is not part of it.
pub fn read(bytes: &[u8]) -> Result<Value, NotRead> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        let why = error.to_string();
        // The crate tells this error from others by its words alone.
        if why.starts_with("recursion limit exceeded") { NotRead::TooDeep } else { NotRead::NotJson(why) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_is_told_from_what_is_no_json() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(nested(127).as_bytes()).is_ok());
        assert_eq!(read(nested(128).as_bytes()), Err(NotRead::TooDeep));
        assert!(matches!(read(b"[recursion limit exceeded"), Err(NotRead::NotJson(_))));
        assert_eq!(read(b"\xef\xbb\xbf1"), Ok(1.into()));
    }
}
