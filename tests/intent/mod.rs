//! Tests of one tool; one module per command.

mod accept;
mod approve;
mod approve_doubt;
mod build;
mod check;
mod check_cargo;
mod contracts;
mod lesson;
mod list;
mod new;
mod next;
mod reject;
mod review;
mod scaffold;
mod schema;
mod shallow;
mod show;
mod terminal;
mod tour;
mod work;
