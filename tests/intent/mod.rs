//! Tests of one tool; one module per command.

mod accept;
mod build;
mod check;
mod check_cargo;
mod list;
mod new;
mod prove;
mod reject;
mod review;
mod show;
mod terminal;
mod tour;
mod work;
