//! An attached file made fit to be kept: its name without folders, its text redacted.

use anyhow::Result;

use super::{Certain, refuse};
use crate::operations::redacting::is_utf16;
use crate::operations::redacting::{Clean, Found, Redactor, kinds};
use crate::storage::evidence::MAX_BYTES;
use crate::storage::packed::{self, Inside};
use crate::types::hint::Hinted;
use crate::types::id::sha256_hex;

/// How far git looks for a NUL byte to call a file binary.
const LOOKED_AT: usize = 8000;

/// So much of a compressed file is unpacked and looked through.
pub const MOST_UNPACKED_BYTES: usize = 32 * 1024 * 1024;

/// A file as it was given, or recorded.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    pub bytes: Vec<u8>,
    /// What was recorded is read and not run: replacing bytes breaks nothing, whatever it holds.
    recorded: bool,
}

impl Attachment {
    /// A file that a person named.
    pub fn given(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes, recorded: false }
    }

    /// Output or a log that one of the tools recorded.
    pub fn recorded(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { recorded: true, ..Self::given(name, bytes) }
    }
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

/// Redact a file. A binary one is kept as it is, or not at all: replaced bytes would break it. A
/// compressed one is kept as it is where nothing is found in it, and unpacked where something is.
///
/// # Errors
/// Over the limit; with [`Certain::Refuse`] a file that certainly holds a secret, or one that cannot be
/// looked into.
pub fn prepare(redactor: &Redactor, attached: &Attachment, certain: Certain) -> Result<Prepared> {
    let name = clean_name(redactor, &attached.name);
    small_enough(&name, attached.bytes.len())?;
    match packed::inside(&attached.bytes, MOST_UNPACKED_BYTES) {
        Inside::Plain => plain(redactor, name, &attached.bytes, attached.recorded, certain),
        Inside::Closed(why) => closed(redactor, name, &why, certain),
        Inside::Unpacked(inner) => {
            let unpacked = plain(redactor, unpacked_name(&name), &inner, attached.recorded, certain)?;
            let kept_whole = unpacked.bytes.get() == &inner;
            if kept_whole {
                let bytes = Clean::looked_through(attached.bytes.clone(), &unpacked.bytes);
                return Ok(Prepared { name, digest: sha256_hex(bytes.get()), bytes, ..unpacked });
            }
            small_enough(&unpacked.name, unpacked.bytes.get().len())?;
            let remark = format!("{name} is kept unpacked, since something in it was replaced");
            Ok(Prepared { remark: Some(remark), ..unpacked })
        }
    }
}

fn small_enough(name: &str, size: usize) -> Result<()> {
    if size <= MAX_BYTES {
        return Ok(());
    }
    Err(Hinted::usage(format!("{name} has {size} bytes; the limit is {MAX_BYTES} (10 MB)"))
        .hint("attach an excerpt: tail -c 1000000 FILE > excerpt")
        .into())
}

fn plain(
    redactor: &Redactor,
    name: String,
    file: &[u8],
    recorded: bool,
    certain: Certain,
) -> Result<Prepared> {
    let redacted = redactor.bytes(file);
    refuse(certain, redacted.found(), &name)?;
    let zero = file.iter().take(LOOKED_AT).any(|byte| *byte == 0);
    let keep = zero && !recorded && !is_utf16(file) && !redacted.is_certain();
    let remark = (keep && !redacted.found().is_empty()).then(|| {
        format!("{name} is binary and kept as it is, though it may hold: {}", kinds(redacted.found()))
    });
    let bytes = if keep { Clean::binary(redactor, file) } else { redacted };
    let found = bytes.found().to_vec();
    Ok(Prepared { name, digest: sha256_hex(bytes.get()), bytes, found, remark })
}

/// What cannot be looked into is not kept: pushed once it could not be taken back.
fn closed(redactor: &Redactor, name: String, why: &str, certain: Certain) -> Result<Prepared> {
    if certain == Certain::Refuse {
        return Err(Hinted::usage(format!("{name} cannot be looked through for secrets: it is {why}"))
            .hint("unpack it and attach the file that matters")
            .into());
    }
    let told = format!("not kept, since it cannot be looked through for secrets: it is {why}\n");
    let remark = Some(format!("{name} is {}", told.trim_end()));
    Ok(Prepared { remark, ..Prepared::text(&format!("{name}.txt"), redactor.bytes(told.as_bytes())) })
}

/// The name without what compressing put behind it.
fn unpacked_name(name: &str) -> String {
    let bare = [".gz", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end));
    match bare.filter(|bare| !bare.is_empty()) {
        Some(bare) => bare.to_owned(),
        None => name.strip_suffix(".tgz").map_or_else(|| name.to_owned(), |bare| format!("{bare}.tar")),
    }
}

/// The name of a file, redacted before and after it loses what no name may hold.
fn clean_name(redactor: &Redactor, path: &str) -> String {
    const PLACEHOLDER: &str = "<redacted:";
    let redacted = redactor.redact(last_part(path)).text;
    let pieces: Vec<String> = redacted.split(PLACEHOLDER).map(without_signs).collect();
    redactor.redact(&bare_name(&pieces.join("<redacted")).replace("<redacted", PLACEHOLDER)).text
}

fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default()
}

fn without_signs(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && *c != ':').take(100).collect()
}

/// The last part of a path, without what a file system or a terminal would act on.
fn bare_name(path: &str) -> String {
    let clean = without_signs(last_part(path));
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
    fn a_secret_in_a_name_is_found_before_and_after_the_name_loses_signs() {
        let of = |path: &str| clean_name(&Redactor::default(), path);
        assert_eq!(
            of("/x/Authorization: Bearer swordfish7"),
            "Authorization Bearer <redacted:authorization>"
        );
        assert_eq!(of("pass\u{7}word=swordfish"), "password=<redacted:password>");
        assert_eq!(of("jane@mail.example.txt"), "<redacted:e-mail>");
    }

    #[test]
    fn a_binary_file_is_kept_as_it_is_or_not_at_all() {
        let file = |bytes: &[u8]| Attachment::given("core", bytes.to_vec());
        let redactor = Redactor::new(&["hunter2-hunter2".to_owned()], &[]).unwrap();
        let kept = prepare(&redactor, &file(b"\0\x01 mail a@example.org"), Certain::Refuse).unwrap();
        assert_eq!(kept.bytes.get(), b"\0\x01 mail a@example.org");
        assert!(kept.remark.unwrap().contains("e-mail"));
        assert!(prepare(&redactor, &file(b"\0 hunter2-hunter2"), Certain::Refuse).is_err());
        let replaced = prepare(&redactor, &file(b"\0 hunter2-hunter2"), Certain::Redact).unwrap();
        assert_eq!(replaced.bytes.get(), b"\0 <redacted:own-secret>");
    }

    #[test]
    fn a_compressed_file_is_opened_and_kept_unpacked_where_something_is_replaced() {
        let gzip = |text: &[u8]| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut gzip, text).unwrap();
            gzip.finish().unwrap()
        };
        let file = |bytes: &[u8]| Attachment::given("app.log.gz", bytes.to_vec());
        let redactor = Redactor::new(&["hunter2-hunter2".to_owned()], &[]).unwrap();
        let clean = gzip(b"nothing in here");
        let kept = prepare(&redactor, &file(&clean), Certain::Refuse).unwrap();
        assert_eq!((kept.name.as_str(), kept.bytes.get(), &kept.remark), ("app.log.gz", &clean, &None));
        let mail = prepare(&redactor, &file(&gzip(b"mail a@example.org")), Certain::Refuse).unwrap();
        assert_eq!(
            (mail.name.as_str(), mail.bytes.get().as_slice()),
            ("app.log", &b"mail <redacted:e-mail>"[..])
        );
        assert!(mail.remark.unwrap().contains("unpacked"));
        let secret = file(&gzip(b"it is hunter2-hunter2"));
        assert!(prepare(&redactor, &secret, Certain::Refuse).is_err());
        let replaced = prepare(&redactor, &secret, Certain::Redact).unwrap();
        assert_eq!(replaced.bytes.get(), b"it is <redacted:own-secret>");
    }

    #[test]
    fn what_cannot_be_looked_into_is_not_kept() {
        let zip = Attachment::given("all.zip", b"PK\x03\x04 hunter2".to_vec());
        let refused = prepare(&Redactor::default(), &zip, Certain::Refuse).unwrap_err();
        assert!(refused.to_string().contains("a zip archive"), "{refused}");
        let told = prepare(&Redactor::default(), &zip, Certain::Redact).unwrap();
        assert_eq!(told.name, "all.zip.txt");
        assert!(String::from_utf8_lossy(told.bytes.get()).starts_with("not kept"));
    }

    #[test]
    fn a_file_over_the_limit_is_refused() {
        let big = Attachment::given("big", vec![b'a'; MAX_BYTES + 1]);
        let error = prepare(&Redactor::default(), &big, Certain::Redact).unwrap_err();
        assert!(error.to_string().contains("10 MB"));
    }
}
