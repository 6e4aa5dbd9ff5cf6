//! What a program prints, held against the text the repository keeps of it; or kept anew.

use anyhow::Result;

use super::{Answer, Ground, difference};
use crate::storage::inside::Refused;

/// Hold `now` against the file at `path`; with `update` the file is written where it differs.
///
/// # Errors
/// Only where the file could not be written.
pub fn against(ground: &Ground, path: &str, now: &str, update: bool) -> Result<Answer> {
    let kept = match ground.inside.read(path, super::MOST_BYTES) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Some(difference::tidied(&text)),
            Err(_) if update => None,
            Err(_) => return Ok(Answer::drift(format!("{path} is not UTF-8, what is printed is"))),
        },
        Err(Refused::Gone) if update => None,
        Err(refused) => return Ok(Answer::of_refused(path, refused)),
    };
    if kept.as_deref() == Some(now) {
        return Ok(Answer::holds());
    }
    if update {
        ground.inside.write(path, now.as_bytes())?;
        return Ok(Answer::Holds(format!("{path} is written anew; look at it with: git diff -- {path}")));
    }
    let kept = kept.unwrap_or_default();
    let detail = difference::of_lines(&kept, now, path, "what it is now");
    Ok(Answer::drift(format!("{path} says something else")).detail(detail))
}
