//! Work that two tools or more share; operations take and return values and never print.

pub mod approving;
pub mod asking;
pub mod checking;
pub mod contracts;
pub mod digest;
pub mod effect;
pub mod filing;
pub mod fingerprint;
pub mod lessons;
pub mod meaning;
pub mod outgoing;
pub mod proving;
mod queue;
pub mod recording;
pub mod recovering;
pub mod redacting;
pub mod releases;
pub mod returning;
pub mod shallow;
pub mod survey;
