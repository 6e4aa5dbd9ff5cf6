//! ssh-keygen: SSHSIG signatures (OpenSSH, PROTOCOL.sshsig) and files of allowed signers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result};

use super::key::{SshKey, literal};
use super::{TO_SIGN, cannot_sign, no_answer, program, said, signed, temporary, verified};
use crate::storage::fs;
use crate::storage::process::on_path;
use crate::storage::repo::Repo;
use crate::types::approval::NAMESPACE;
use crate::types::hint::Hinted;
use crate::types::standing::{Unverifiable, Verdict};

pub fn sign(repo: &Repo, program: &str, key: &SshKey, payload: &[u8]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["-Y", "sign", "-n", NAMESPACE]);
    // Held until the end; its private half is the agent's.
    let mut _literal = None;
    match key {
        SshKey::File(path) => {
            if !Path::new(path).exists() {
                return Err(Hinted::outside(format!(
                    "user.signingKey names {path}, and there is no such file"
                ))
                .hint(TO_SIGN)
                .into());
            }
            command.arg("-f").arg(path);
        }
        SshKey::Literal(text) => {
            let file = temporary(format!("{text}\n").as_bytes())?;
            command.arg("-U").arg("-f").arg(file.path());
            _literal = Some(file);
        }
    }
    let output = signed(repo, program, &mut command, payload)?;
    let armour = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() && armour.starts_with("-----BEGIN SSH SIGNATURE-----") {
        return Ok(armour);
    }
    let said = said(&output).replace("Signing data on standard input; ", "");
    let hint = match key {
        SshKey::File(path) => format!("ssh-add {}, then the same again", path.trim_end_matches(".pub")),
        SshKey::Literal(_) => "start the agent and give it the key: ssh-add, then the same again".to_owned(),
    };
    Err(cannot_sign(program, &said, &hint))
}

/// Who may sign, as git's settings say.
pub struct Allowed {
    program: String,
    /// The file and its bytes; no bytes where there is no such file.
    signers: Option<(PathBuf, Option<Vec<u8>>)>,
    revoked: Option<(PathBuf, Option<Vec<u8>>)>,
    /// A command that prints the person's own public key.
    own_key: String,
}

impl Allowed {
    pub fn of(repo: &Repo) -> Result<Self> {
        let file = |key: &str| -> Result<Option<(PathBuf, Option<Vec<u8>>)>> {
            let path = repo.path_setting(key)?;
            path.map(|path| Ok((path.clone(), fs::read_if_there(&path)?))).transpose()
        };
        Ok(Self {
            program: program(repo, &["gpg.ssh.program"], "ssh-keygen")?,
            signers: file("gpg.ssh.allowedSignersFile")?,
            revoked: file("gpg.ssh.revocationFile")?,
            own_key: own_key(repo)?,
        })
    }

    pub fn fingerprint(&self) -> Vec<u8> {
        let mut all = b"ssh\0".to_vec();
        for file in [&self.signers, &self.revoked] {
            match file {
                Some((_, Some(bytes))) => {
                    all.extend_from_slice(format!("{}\0", bytes.len()).as_bytes());
                    all.extend_from_slice(bytes);
                }
                _ => all.extend_from_slice(b"none\0"),
            }
        }
        all
    }

    /// As git verifies a commit: the key must be allowed for one of its principals at the time of
    /// signing. A good signature by a key that is not is told apart from one that does not fit.
    pub fn verify(&self, payload: &[u8], armour: &str, t: &str, likely: Option<&str>) -> Result<Verdict> {
        let signature = temporary(armour.as_bytes())?;
        let ran = |args: &[&str]| -> Result<Output, Unverifiable> {
            let mut command = Command::new(&self.program);
            command.arg("-Y").args(args).arg("-s").arg(signature.path());
            if let Some((path, Some(_))) = &self.signers
                && args[0] != "check-novalidate"
            {
                command.arg("-f").arg(path);
            }
            if let Some((path, Some(_))) = &self.revoked
                && args[0] == "verify"
            {
                command.arg("-r").arg(path);
            }
            verified(&self.program, &mut command, payload)
        };
        // A time nobody can read is not one of ours, and now stands in for it.
        let time = local_time(t).unwrap_or_else(|| local_time_of(jiff::Timestamp::now()));
        let at = format!("-Overify-time={time}");
        let verify = |who: &str| ran(&["verify", &at, "-n", NAMESPACE, "-I", who]);
        let mut why = "no line of the allowed-signers file has its key".to_owned();
        if let Some((_, Some(_))) = &self.signers {
            if let Some(who) = likely {
                match verify(who) {
                    Ok(output) if output.status.success() => return Ok(Verdict::Signed(who.to_owned())),
                    Ok(_) => {}
                    Err(missing) => return Ok(Verdict::CannotVerify(missing)),
                }
            }
            let found = match ran(&["find-principals", &at]) {
                Ok(found) => found,
                Err(missing) => return Ok(Verdict::CannotVerify(missing)),
            };
            why = reason(&found).unwrap_or(why);
            for who in String::from_utf8_lossy(&found.stdout).lines() {
                let Ok(output) = verify(who) else { continue };
                if output.status.success() {
                    return Ok(Verdict::Signed(who.to_owned()));
                }
                why = reason(&output).unwrap_or_else(|| "the key is revoked".to_owned());
            }
        }
        let fits = match ran(&["check-novalidate", "-n", NAMESPACE]) {
            Ok(output) => output,
            Err(missing) => return Ok(Verdict::CannotVerify(missing)),
        };
        if !fits.status.success() {
            // Said of the signature, and not of an option that an older program does not know.
            if !String::from_utf8_lossy(&fits.stdout).contains("Could not verify signature") {
                return Ok(Verdict::CannotVerify(no_answer(&self.program, &fits)));
            }
            return Ok(Verdict::Tampered("its signature does not fit what it says".to_owned()));
        }
        let key = String::from_utf8_lossy(&fits.stdout);
        let key = key.split_whitespace().last().unwrap_or("a key").to_owned();
        Ok(match &self.signers {
            Some((_, Some(_))) => Verdict::UnknownSigner(format!("signed by {key}: {why}")),
            Some((path, None)) => Verdict::CannotVerify(self.no_signers(&format!(
                "gpg.ssh.allowedSignersFile names {}, and there is no such file",
                path.display()
            ))),
            None => Verdict::CannotVerify(self.no_signers("git's settings name no file of allowed signers")),
        })
    }

    fn no_signers(&self, why: &str) -> Unverifiable {
        let mend = format!(
            "echo \"$(git config user.email) namespaces=\\\"git,factory\\\" $({})\" \
             >> ~/.ssh/allowed_signers && git config gpg.ssh.allowedSignersFile ~/.ssh/allowed_signers",
            self.own_key
        );
        Unverifiable { why: why.to_owned(), mend }
    }
}

/// A shell command that prints the public half of the key git signs with.
fn own_key(repo: &Repo) -> Result<String> {
    let Some(named) = repo.setting("user.signingKey") else {
        return Ok("cat ~/.ssh/id_ed25519.pub".to_owned());
    };
    if literal(&named).is_some() {
        return Ok("git config user.signingKey | sed s/^key:://".to_owned());
    }
    let path = repo.path_setting("user.signingKey")?.unwrap_or_else(|| named.into());
    let path = path.to_string_lossy().into_owned();
    let public = if path.ends_with(".pub") { path } else { format!("{path}.pub") };
    // A path with a NUL, which cannot be quoted, git would not have taken.
    Ok(format!("cat {}", shlex::try_quote(&public).unwrap_or_default()))
}

/// What is wrong with a line of the file, without its place: `key has expired: …`.
fn reason(output: &Output) -> Option<String> {
    let said = said(output);
    let line = said.split("; ").find(|line| line.contains(": key "))?;
    let (_, what) = line.split_once(": key ")?;
    Some(format!("the key {what}").replace("key is not permitted", "line of the key does not permit it"))
}

/// `YYYYMMDDHHMMSS` in this machine's time zone, which is how ssh-keygen reads it.
fn local_time(t: &str) -> Option<String> {
    t.parse().ok().map(local_time_of)
}

fn local_time_of(time: jiff::Timestamp) -> String {
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y%m%d%H%M%S").to_string()
}

/// A new key without a passphrase in `private`, and a file of allowed signers with it alone;
/// `false` where ssh-keygen is missing.
pub fn new_key(private: &Path, principal: &str, allowed_signers: &Path) -> Result<bool> {
    if on_path("ssh-keygen").is_none() {
        return Ok(false);
    }
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", principal, "-f"])
        .arg(private)
        .stdin(Stdio::null())
        .output()
        .context("ssh-keygen")?;
    if !made.status.success() {
        return Err(Hinted::outside(format!("ssh-keygen made no key: {}", said(&made))).into());
    }
    let public = fs::read_to_string(&private.with_extension("pub"))?;
    fs::write(allowed_signers, format!("{principal} namespaces=\"git,{NAMESPACE}\" {public}"))?;
    Ok(true)
}
