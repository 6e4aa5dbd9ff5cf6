//! The shared core of the three tools: this file is the map.
//!
//! Layers, each using only those above it (held by `tests/tidy.rs`):
//!
//! 1. [`types`]: what things are. No input or output.
//! 2. [`storage`]: one file for each thing outside the process.
//! 3. [`operations`]: work that two tools or more share.
//! 4. [`terminal`]: exit codes, hints and output. The only layer that prints.

pub mod types;

pub mod storage;

pub mod operations;

pub mod terminal;
