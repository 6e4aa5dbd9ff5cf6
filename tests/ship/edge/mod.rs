//! The edge, driven through its control socket: slots, canaries, what is killed under it, what clients do to it.

mod beside;
mod control;
mod crashes;
mod driver;
mod hostile;
mod judged;
mod load;
mod plans;
mod protocols;
mod services;
mod serving;
mod smuggling;
mod sticky;
