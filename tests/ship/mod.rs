//! Tests of `cargo ship`; one module for each part.

mod command;
mod edge;
mod filed;
mod interrupted;
mod killed;
mod layout;
mod missing;
mod project;
mod safety;
mod service;
mod watched;
