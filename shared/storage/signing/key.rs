//! Which key signs: what git would sign a commit with.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{cannot_sign, gpg, program, ssh};
use crate::storage::repo::Repo;
use crate::types::hint::Hinted;

/// The person's signing key.
#[derive(Clone, Debug)]
pub enum Key {
    Ssh {
        program: String,
        key: SshKey,
    },
    OpenPgp {
        program: String,
        /// What gpg finds it by.
        name: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum SshKey {
    /// A file with the private key, or the public one of a key that the agent holds.
    File(String),
    /// A public key, whose private one the agent holds.
    Literal(String),
}

impl Key {
    /// The key git's settings name; `None` where they name none.
    ///
    /// # Errors
    /// A format or a key that cannot be used.
    pub fn of(repo: &Repo) -> Result<Option<Self>> {
        match repo.setting("gpg.format").as_deref() {
            Some("ssh") => {
                let program = program(repo, &["gpg.ssh.program"], "ssh-keygen")?;
                Ok(ssh_key(repo)?.map(|key| Self::Ssh { program, key }))
            }
            None | Some("openpgp") => {
                let program = program(repo, &["gpg.openpgp.program", "gpg.program"], "gpg")?;
                Ok(openpgp_name(repo).map(|name| Self::OpenPgp { program, name }))
            }
            Some(other) => bail!(
                Hinted::usage(format!(
                    "approvals cannot be signed in git's format {other:?} (gpg.format): they are signed with ssh \
                     or openpgp, and commits of this repository then are too"
                ))
                .hint("git config gpg.format ssh && git config user.signingKey ~/.ssh/id_ed25519.pub")
            ),
        }
    }

    /// Sign; the armoured signature. The program may ask for a passphrase on the terminal.
    ///
    /// # Errors
    /// A program that is missing or refuses, in its own words, with what mends it.
    pub fn sign(&self, repo: &Repo, payload: &[u8]) -> Result<String> {
        match self {
            Self::Ssh { program, key } => ssh::sign(repo, program, key, payload),
            Self::OpenPgp { program, name } => gpg::sign(repo, program, name, payload),
        }
    }

    /// What it is called in messages.
    pub fn shown(&self) -> String {
        match self {
            Self::Ssh { key: SshKey::File(path), .. } => path.clone(),
            Self::Ssh { key: SshKey::Literal(key), .. } => {
                key.split_whitespace().nth(2).unwrap_or("a key of the agent").to_owned()
            }
            Self::OpenPgp { name, .. } => format!("the OpenPGP key {name}"),
        }
    }
}

fn ssh_key(repo: &Repo) -> Result<Option<SshKey>> {
    if let Some(named) = repo.setting("user.signingKey") {
        if let Some(literal) = literal(&named) {
            return Ok(Some(literal));
        }
        let path = repo.path_setting("user.signingKey")?;
        return Ok(path.map(|path| SshKey::File(path.to_string_lossy().into_owned())));
    }
    repo.setting("gpg.ssh.defaultKeyCommand").map(|line| from_command(repo, &line)).transpose()
}

/// `key::ssh-ed25519 AAAA…`, or the older form without the prefix.
pub(super) fn literal(text: &str) -> Option<SshKey> {
    match text.strip_prefix("key::") {
        Some(key) => Some(SshKey::Literal(key.to_owned())),
        None => text.starts_with("ssh-").then(|| SshKey::Literal(text.to_owned())),
    }
}

/// The first key that the command prints.
fn from_command(repo: &Repo, line: &str) -> Result<SshKey> {
    let words = shlex::split(line).filter(|words| !words.is_empty());
    let words =
        words.ok_or_else(|| Hinted::usage(format!("gpg.ssh.defaultKeyCommand is no command: {line:?}")))?;
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null());
    if let Ok(root) = repo.root() {
        command.current_dir(root);
    }
    let output = command.output().with_context(|| {
        Hinted::outside(format!("gpg.ssh.defaultKeyCommand: {} could not be started", words[0]))
            .hint("git config gpg.ssh.defaultKeyCommand \"ssh-add -L\"")
    })?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next().and_then(literal) {
        Some(key) if output.status.success() => Ok(key),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().or(text.lines().next()).unwrap_or("it says nothing");
            Err(cannot_sign(line, &format!("it names no key: {said}"), "ssh-add ~/.ssh/id_ed25519"))
        }
    }
}

/// A key is wanted where one is named, or where the person asked for signatures at all: without a
/// name gpg looks for that of the committer, as git has it do.
fn openpgp_name(repo: &Repo) -> Option<String> {
    if let Some(name) = repo.setting("user.signingKey") {
        return Some(name);
    }
    let asked = repo.setting("gpg.format").is_some() || repo.flag("commit.gpgSign");
    asked.then(|| repo.committer()).flatten()
}
