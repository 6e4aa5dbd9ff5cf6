//! Signatures by the key the person signs commits with: made and verified by ssh-keygen and gpg.
//!
//! The settings are git's own: `gpg.format`, `user.signingKey`, `gpg.ssh.defaultKeyCommand`,
//! `gpg.program`, `gpg.ssh.program`, `gpg.ssh.allowedSignersFile`, `gpg.ssh.revocationFile`,
//! `gpg.minTrustLevel` (git-config(1), gitformat-signature(5)). The namespace is ours.

mod gpg;
mod key;
mod ssh;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result};

pub use key::Key;
pub use ssh::new_key;

use super::repo::Repo;
use crate::types::hint::Hinted;
use crate::types::id::sha256_hex;
use crate::types::standing::{Unverifiable, Verdict};

/// How to get a key that signs, for hints.
pub const TO_SIGN: &str =
    "git config gpg.format ssh && git config user.signingKey ~/.ssh/id_ed25519.pub, then the same again";

/// What a signature is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub verdict: Verdict,
    /// Seconds since 1970 until which that can be believed, where a key expires.
    pub until_s: Option<i64>,
}

impl From<Verdict> for Judged {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, until_s: None }
    }
}

/// Verifies signatures as one repository's settings have it; what the settings name is read once.
pub struct Verifier {
    ssh: ssh::Allowed,
    gpg: gpg::Keyring,
    /// SHA-256 of all that says who is allowed, for each of the two.
    trust: [OnceLock<String>; 2],
}

impl Verifier {
    /// # Errors
    /// A setting that cannot be read.
    pub fn of(repo: &Repo) -> Result<Self> {
        Ok(Self { ssh: ssh::Allowed::of(repo)?, gpg: gpg::Keyring::of(repo)?, trust: Default::default() })
    }

    /// All that the verdict of a signature hangs on beside itself: SHA-256 of who is allowed.
    pub fn trust(&self, armour: &str) -> &str {
        let [ssh, gpg] = &self.trust;
        match is_openpgp(armour) {
            true => gpg.get_or_init(|| sha256_hex(&self.gpg.fingerprint())),
            false => ssh.get_or_init(|| sha256_hex(&self.ssh.fingerprint())),
        }
    }

    /// What the signature of `payload`, made at `t` (RFC 3339), is worth. `likely` is tried first as
    /// the person who signed.
    ///
    /// # Errors
    /// A program that can be started and then not be talked to.
    pub fn verify(&self, payload: &[u8], armour: &str, t: &str, likely: Option<&str>) -> Result<Judged> {
        if is_openpgp(armour) {
            self.gpg.verify(payload, armour)
        } else if armour.starts_with("-----BEGIN SSH SIGNATURE-----") {
            self.ssh.verify(payload, armour, t, likely).map(Judged::from)
        } else {
            Ok(Verdict::Tampered("it has no signature in a format known here".to_owned()).into())
        }
    }
}

fn is_openpgp(armour: &str) -> bool {
    armour.starts_with("-----BEGIN PGP ")
}

/// Run to the end with these bytes as standard input. Our process group and terminal are the
/// program's too, since it may ask for a passphrase.
fn ask(command: &mut Command, input: &[u8]) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that refuses its key closes its input early; it says why in its own words.
        let _ = stdin.write_all(input);
    }
    child.wait_with_output()
}

/// Have a program sign; whether it did is the caller's to see. It works where git would start it.
fn signed(repo: &Repo, program: &str, command: &mut Command, payload: &[u8]) -> Result<Output> {
    if let Ok(root) = repo.root() {
        command.current_dir(root);
    }
    ask(command, payload).map_err(|error| {
        anyhow::Error::from(error)
            .context(Hinted::outside(format!("{program} could not be started")).hint(install(program)))
    })
}

/// Have a program verify. One that a signal ended, as Ctrl-C in the terminal is one, answered nothing.
fn verified(program: &str, command: &mut Command, payload: &[u8]) -> Result<Output, Unverifiable> {
    match ask(command, payload) {
        Ok(output) if output.status.code().is_none() => Err(no_answer(program, &output)),
        answered => answered.map_err(|error| cannot_start(program, &error)),
    }
}

/// A file that is gone when dropped.
fn temporary(bytes: &[u8]) -> Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    file.write_all(bytes).context("cannot write a temporary file")?;
    Ok(file)
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ")
}

fn cannot_start(program: &str, error: &std::io::Error) -> Unverifiable {
    Unverifiable { why: format!("{program} could not be started: {error}"), mend: install(program) }
}

/// What it ended with says nothing about the signature, so nothing is remembered of it.
fn no_answer(program: &str, output: &Output) -> Unverifiable {
    let said = said(output);
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    Unverifiable {
        why: format!("{program} could not verify it ({}){said}", output.status),
        mend: format!("the same again; else {}", install(program)),
    }
}

fn install(program: &str) -> String {
    match program {
        "ssh-keygen" => "install ssh-keygen; OpenSSH has it".to_owned(),
        "gpg" => "install gpg; GnuPG has it".to_owned(),
        other => format!("install {other}, which git's settings name"),
    }
}

/// The program a setting names, or the usual one.
fn program(repo: &Repo, settings: &[&str], usual: &str) -> Result<String> {
    for setting in settings {
        // Found on PATH where it is no path; `~/` is the home folder.
        let Some(named) = repo.setting(setting) else { continue };
        if !named.contains('/') {
            return Ok(named);
        }
        let path: Option<PathBuf> = repo.path_setting(setting)?;
        let path = path.map(|path| path.to_string_lossy().into_owned());
        return Ok(path.unwrap_or(named));
    }
    Ok(usual.to_owned())
}

fn cannot_sign(program: &str, why: &str, hint: &str) -> anyhow::Error {
    Hinted::outside(format!("{program} did not sign: {why}")).hint(hint).into()
}
