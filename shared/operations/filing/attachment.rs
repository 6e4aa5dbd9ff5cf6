//! An attached file made fit to be kept: its name without folders, its text redacted.

use anyhow::Result;

use super::{Certain, refuse};
use crate::operations::redacting::is_utf16;
use crate::operations::redacting::{Clean, Found, Redactor, kinds};
use crate::storage::evidence::MAX_BYTES;
use crate::types::hint::Hinted;
use crate::types::id::sha256_hex;

/// How far git looks for a NUL byte to call a file binary.
const LOOKED_AT: usize = 8000;

/// A file as it was given.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A file as it will be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    pub name: String,
    pub digest: String,
    pub bytes: Clean<Vec<u8>>,
    pub found: Vec<Found>,
    pub remark: Option<String>,
}

impl Prepared {
    /// A text that is redacted already.
    pub fn text(name: &str, bytes: Clean<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            digest: sha256_hex(bytes.get()),
            bytes,
            found: Vec::new(),
            remark: None,
        }
    }
}

/// Redact a file. A binary one is kept as it is, or not at all: replaced bytes would break it.
///
/// # Errors
/// Over the limit; with [`Certain::Refuse`] a file that certainly holds a secret.
pub fn prepare(redactor: &Redactor, attached: &Attachment, certain: Certain) -> Result<Prepared> {
    let name = redactor.redact(&bare_name(&attached.name)).text;
    let size = attached.bytes.len();
    if size > MAX_BYTES {
        return Err(Hinted::usage(format!("{name} has {size} bytes; the limit is {MAX_BYTES} (10 MB)"))
            .hint("attach an excerpt: tail -c 1000000 FILE > excerpt")
            .into());
    }
    let redacted = redactor.bytes(&attached.bytes);
    refuse(certain, redacted.found(), &name)?;
    let zero = attached.bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0);
    let keep = zero && !is_utf16(&attached.bytes) && !redacted.is_certain();
    let remark = (keep && !redacted.found().is_empty()).then(|| {
        format!("{name} is binary and kept as it is, though it may hold: {}", kinds(redacted.found()))
    });
    let bytes = if keep { Clean::binary(redactor, &attached.bytes) } else { redacted };
    let found = bytes.found().to_vec();
    Ok(Prepared { name, digest: sha256_hex(bytes.get()), bytes, found, remark })
}

/// The last part of a path, without what a file system or a terminal would act on.
pub fn bare_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && *c != ':').take(100).collect();
    match clean.trim() {
        "" | "." | ".." => "attachment".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_folders() {
        assert_eq!(bare_name("../../.ssh/id"), "id");
        assert_eq!(bare_name("C:\\x\\y.txt"), "y.txt");
        assert_eq!(bare_name("/"), "attachment");
        assert_eq!(bare_name(".."), "attachment");
        assert_eq!(bare_name("a\u{1b}[2Jb"), "a[2Jb");
    }

    #[test]
    fn a_binary_file_is_kept_as_it_is_or_not_at_all() {
        let file = |bytes: &[u8]| Attachment { name: "core".into(), bytes: bytes.to_vec() };
        let redactor = Redactor::new(&["hunter2-hunter2".to_owned()], &[]).unwrap();
        let kept = prepare(&redactor, &file(b"\0\x01 mail a@example.org"), Certain::Refuse).unwrap();
        assert_eq!(kept.bytes.get(), b"\0\x01 mail a@example.org");
        assert!(kept.remark.unwrap().contains("e-mail"));
        assert!(prepare(&redactor, &file(b"\0 hunter2-hunter2"), Certain::Refuse).is_err());
        let replaced = prepare(&redactor, &file(b"\0 hunter2-hunter2"), Certain::Redact).unwrap();
        assert_eq!(replaced.bytes.get(), b"\0 <redacted:own-secret>");
    }

    #[test]
    fn a_file_over_the_limit_is_refused() {
        let big = Attachment { name: "big".into(), bytes: vec![b'a'; MAX_BYTES + 1] };
        let error = prepare(&Redactor::default(), &big, Certain::Redact).unwrap_err();
        assert!(error.to_string().contains("10 MB"));
    }
}
