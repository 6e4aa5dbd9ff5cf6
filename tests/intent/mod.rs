//! Tests of one tool; one module per command.

mod accept;
mod approve;
mod approve_doubt;
mod build;
mod capture;
mod check;
mod check_cargo;
mod contracts;
mod diff;
mod doctor;
mod list;
mod log;
mod new;
mod next;
mod prove;
mod reject;
mod review;
mod scaffold;
mod schema;
mod setup;
mod show;
mod terminal;
mod tour;
mod voice;
mod work;
