//! One file for each thing outside the process.

pub mod boundary;
pub mod cargo;
pub mod config;
pub mod editor;
pub mod evidence;
pub mod files;
pub mod fs;
pub mod http;
pub mod inside;
pub mod intents;
pub mod interrupt;
pub mod journal;
pub mod lessons;
pub mod notes;
pub mod packed;
pub mod passing;
pub mod places;
pub mod process;
pub mod recover;
pub mod remembered;
pub mod repo;
pub mod signing;
pub mod sync;
pub mod tree;
pub mod voice;
