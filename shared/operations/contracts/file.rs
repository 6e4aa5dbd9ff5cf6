//! `file`: it is there, and no link leads out of the repository. Its bytes are the digest's to hold.

use super::{Answer, Ground};

pub fn answer(ground: &Ground, path: &str) -> Answer {
    match ground.inside.look(path) {
        Ok(()) => Answer::holds(),
        Err(refused) => Answer::of_refused(path, refused),
    }
}
