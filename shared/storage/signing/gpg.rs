//! gpg: detached OpenPGP signatures, and its status lines (GnuPG, doc/DETAILS).

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::{Judged, cannot_sign, no_answer, program, said, signed, temporary, verified};
use crate::storage::repo::Repo;
use crate::types::standing::Verdict;

pub fn sign(repo: &Repo, program: &str, name: &str, payload: &[u8]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["--status-fd=2", "-bsau", name]);
    let output = signed(repo, program, &mut command, payload)?;
    let created = String::from_utf8_lossy(&output.stderr).contains("[GNUPG:] SIG_CREATED ");
    if output.status.success() && created {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let all = said(&output);
    let words: Vec<&str> = all.split("; ").filter(|line| !line.starts_with("[GNUPG:]")).collect();
    let hint = if all.contains("NO_SECKEY") || all.contains("INV_SGNR") || all.contains("No secret key") {
        "gpg --list-secret-keys, then: git config user.signingKey KEY"
    } else {
        "export GPG_TTY=$(tty), then the same again"
    };
    Err(cannot_sign(program, &words.join("; "), hint))
}

/// The person's public keys.
pub struct Keyring {
    program: String,
    least_trust: Option<String>,
    /// When keys expire, by the fingerprint of the signing key.
    expiries: Mutex<HashMap<String, Option<i64>>>,
}

/// From least to most, as `TRUST_*` and `gpg.minTrustLevel` have them.
const LEVELS: [&str; 5] = ["UNDEFINED", "NEVER", "MARGINAL", "FULLY", "ULTIMATE"];

impl Keyring {
    pub fn of(repo: &Repo) -> Result<Self> {
        let program = program(repo, &["gpg.openpgp.program", "gpg.program"], "gpg")?;
        Ok(Self::with(&program, repo.setting("gpg.minTrustLevel").as_deref()))
    }

    pub(super) fn with(program: &str, least_trust: Option<&str>) -> Self {
        let least_trust = least_trust.map(str::to_uppercase);
        Self { program: program.to_owned(), least_trust, expiries: Mutex::default() }
    }

    /// Changes with the keys and the trust in them.
    pub fn fingerprint(&self) -> Vec<u8> {
        let home = std::env::var_os("GNUPGHOME").map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".gnupg"))).unwrap_or_default();
        let files = ["pubring.kbx", "pubring.gpg", "public-keys.d/pubring.db", "trustdb.gpg"];
        let state = files.map(|file| {
            let found = std::fs::metadata(home.join(file)).ok();
            found.map(|found| (found.len(), found.modified().ok()))
        });
        format!("gpg 2\0{:?}\0{:?}\0{state:?}", self.program, self.least_trust).into_bytes()
    }

    pub fn verify(&self, payload: &[u8], armour: &str) -> Result<Judged> {
        let signature = temporary(armour.as_bytes())?;
        let mut command = Command::new(&self.program);
        command
            .args(["--batch", "--no-auto-key-retrieve", "--keyid-format=long", "--status-fd=1", "--verify"])
            .arg(signature.path())
            .arg("-");
        let output = match verified(&self.program, &mut command, payload) {
            Ok(output) => output,
            Err(missing) => return Ok(Verdict::CannotVerify(missing).into()),
        };
        let status = String::from_utf8_lossy(&output.stdout);
        let verdict = self.judge(&status);
        let until_s = matches!(verdict, Some(Verdict::Signed(_))).then(|| self.until(&status)).flatten();
        let verdict = verdict.unwrap_or_else(|| Verdict::CannotVerify(no_answer(&self.program, &output)));
        Ok(Judged { verdict, until_s })
    }

    /// When a good signature stops being one: it expires, or its key does. A key that cannot be looked
    /// up is asked about anew each time.
    fn until(&self, status: &str) -> Option<i64> {
        let valid = status.lines().find_map(|line| line.strip_prefix("[GNUPG:] VALIDSIG "))?;
        let fields: Vec<&str> = valid.split(' ').collect();
        let signing = *fields.first()?;
        let of_signature = fields.get(3).and_then(|time| time.parse().ok()).filter(|time| *time > 0);
        let mut known = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = *known.entry(signing.to_owned()).or_insert_with(|| {
            let mut command = Command::new(&self.program);
            command.args(["--batch", "--with-colons", "--list-keys", fields.get(9).unwrap_or(&signing)]);
            match verified(&self.program, &mut command, b"") {
                Ok(listed) if listed.status.success() => {
                    expiry(&String::from_utf8_lossy(&listed.stdout), signing)
                }
                _ => Some(0),
            }
        });
        of_signature.into_iter().chain(of_key).min()
    }

    /// What gpg's status lines come to; `None` where they say nothing about the signature.
    pub(super) fn judge(&self, status: &str) -> Option<Verdict> {
        let lines = || status.lines().filter_map(|line| line.strip_prefix("[GNUPG:] "));
        let after = |word: &str| {
            let found = lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
            // The key's id, then the name of its owner.
            found.map(|rest| rest.split_once(' ').map_or(rest, |(_, name)| name).to_owned())
        };
        let not =
            |word: &str, what: &str| after(word).map(|who| Verdict::UnknownSigner(format!("{what} {who}")));
        if after("BADSIG").is_some() {
            return Some(Verdict::Tampered("its signature does not fit what it says".to_owned()));
        }
        let expired = || not("EXPKEYSIG", "signed with an expired key of");
        let stale = || not("EXPSIG", "the signature has expired, of");
        let revoked = || not("REVKEYSIG", "signed with a revoked key of");
        if let Some(verdict) = expired().or_else(stale).or_else(revoked) {
            return Some(verdict);
        }
        // One signature, and a good one: several in one armour could hide what signed.
        let signatures = lines().filter(|line| line.starts_with("NEWSIG")).count();
        match after("GOODSIG").filter(|_| signatures <= 1) {
            Some(who) if self.trusts(lines()) => Some(Verdict::Signed(who)),
            Some(who) => Some(Verdict::UnknownSigner(format!(
                "the key of {who} is trusted less than gpg.minTrustLevel asks"
            ))),
            None if signatures > 1 => Some(Verdict::Tampered("it holds several signatures".to_owned())),
            None if lines().any(|line| line.starts_with("NODATA")) => {
                Some(Verdict::Tampered("gpg finds no signature in it".to_owned()))
            }
            None => lines().find_map(|line| line.strip_prefix("NO_PUBKEY ")).map(|key| {
                Verdict::UnknownSigner(format!("signed by {key}, whose public key gpg does not have"))
            }),
        }
    }

    fn trusts<'l>(&self, mut lines: impl Iterator<Item = &'l str>) -> bool {
        let Some(least) = &self.least_trust else { return true };
        let place = |word: &str| LEVELS.iter().position(|level| *level == word);
        let found = lines.find_map(|line| line.strip_prefix("TRUST_")?.split(' ').next());
        // A level nobody knows is never reached.
        found.and_then(place).zip(place(least)).is_some_and(|(found, least)| found >= least)
    }
}

/// When a key or the part of it that signs expires, in seconds since 1970, of what `--with-colons` lists
/// (GnuPG, doc/DETAILS: the id is field 5, the expiry field 7).
pub(super) fn expiry(listing: &str, signing: &str) -> Option<i64> {
    let rows = listing.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let counts = |row: &Vec<&str>| match row[0] {
        "pub" => true,
        "sub" => row.get(4).is_some_and(|id| !id.is_empty() && signing.ends_with(id)),
        _ => false,
    };
    rows.filter(counts).filter_map(|row| row.get(6)?.parse().ok()).min()
}
