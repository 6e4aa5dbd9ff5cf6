//! Tests of one tool; one module per command.

mod accept;
mod build;
mod check;
mod check_cargo;
mod lesson;
mod list;
mod new;
mod reject;
mod review;
mod shallow;
mod show;
mod terminal;
mod tour;
mod work;
