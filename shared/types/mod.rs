//! What things are: plain values, parsers and folds, without input or output.

pub mod age;
pub mod approval;
pub mod change;
pub mod check;
pub mod config;
pub mod duration;
pub mod event;
pub mod hint;
pub mod id;
pub mod intent;
pub mod item;
pub mod lesson;
pub mod problem;
pub mod proof;
pub mod release;
pub mod standing;
pub mod toml;
