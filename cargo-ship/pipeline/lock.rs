//! One ship for each environment at a time: a lock file on the machine that acts, its owner named.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};

use anyhow::{Context as _, Result};
use factory::storage::fs;
use factory::types::hint::Hinted;

use crate::context::Context;

/// Held until dropped; the kernel lets go of it whatever ends the process.
#[derive(Debug)]
pub struct EnvironmentLock(#[allow(dead_code, reason = "held, not read")] File);

/// Take the environment's lock.
///
/// # Errors
/// Exit code 4, naming who holds it.
pub fn take(context: &Context) -> Result<EnvironmentLock> {
    try_take(context)?.map_err(|owner| {
        let what = format!("another ship to {} is under way: {owner}", context.environment);
        Hinted::busy(what).hint("cargo ship status, or wait for it to end").into()
    })
}

/// Take the environment's lock; `None` where somebody holds it.
pub fn take_if_free(context: &Context) -> Result<Option<EnvironmentLock>> {
    Ok(try_take(context)?.ok())
}

/// The lock, or who holds it.
fn try_take(context: &Context) -> Result<std::result::Result<EnvironmentLock, String>> {
    let folder = context.folder();
    fs::create_dir_all(&folder)?;
    let path = folder.join("lock");
    let name = || path.display().to_string();
    let mut file =
        File::options().create(true).read(true).write(true).truncate(false).open(&path).with_context(name)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            file.read_to_string(&mut owner).with_context(name)?;
            return Ok(Err(owner.trim().to_owned()));
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(name),
    }
    let command: Vec<String> = std::env::args().skip(1).collect();
    let owner = format!("process {}, cargo ship {}\n", std::process::id(), command.join(" "));
    // The name is a courtesy: on a full disk a rollback must still be possible.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(owner.as_bytes()));
    Ok(Ok(EnvironmentLock(file)))
}
