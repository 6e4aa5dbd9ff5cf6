//! Tests of one tool; one module per command.

mod accept;
mod build;
mod reject;
mod review;
mod tour;
mod work;
mod check;
mod list;
mod new;
mod show;
