//! gpg: detached OpenPGP signatures, and its status lines (GnuPG, doc/DETAILS).

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{ask, cannot_sign, cannot_start, install, no_answer, program, said, temporary};
use crate::storage::repo::Repo;
use crate::types::hint::Hinted;
use crate::types::standing::Verdict;

pub fn sign(repo: &Repo, program: &str, name: &str, payload: &[u8]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["--status-fd=2", "-bsau", name]);
    if let Ok(root) = repo.root() {
        command.current_dir(root);
    }
    let output = ask(&mut command, payload).map_err(|error| {
        anyhow::Error::from(error)
            .context(Hinted::outside(format!("{program} could not be started")).hint(install(program)))
    })?;
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
}

/// From least to most, as `TRUST_*` and `gpg.minTrustLevel` have them.
const LEVELS: [&str; 5] = ["UNDEFINED", "NEVER", "MARGINAL", "FULLY", "ULTIMATE"];

impl Keyring {
    pub fn of(repo: &Repo) -> Result<Self> {
        let program = program(repo, &["gpg.openpgp.program", "gpg.program"], "gpg")?;
        Ok(Self::with(&program, repo.setting("gpg.minTrustLevel").as_deref()))
    }

    pub(super) fn with(program: &str, least_trust: Option<&str>) -> Self {
        Self { program: program.to_owned(), least_trust: least_trust.map(str::to_uppercase) }
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
        format!("gpg\0{:?}\0{:?}\0{state:?}", self.program, self.least_trust).into_bytes()
    }

    pub fn verify(&self, payload: &[u8], armour: &str) -> Result<Verdict> {
        let signature = temporary(armour.as_bytes())?;
        let mut command = Command::new(&self.program);
        command
            .args(["--batch", "--no-auto-key-retrieve", "--keyid-format=long", "--status-fd=1", "--verify"])
            .arg(signature.path())
            .arg("-");
        Ok(match ask(&mut command, payload) {
            Ok(output) => match self.judge(&String::from_utf8_lossy(&output.stdout)) {
                Some(verdict) => verdict,
                None => Verdict::CannotVerify(no_answer(&self.program, &output)),
            },
            Err(error) => Verdict::CannotVerify(cannot_start(&self.program, &error)),
        })
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
