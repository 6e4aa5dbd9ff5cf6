//! The edge, driven through its control socket: slots, canaries, what is killed under it, what clients do to it.

mod control;
mod crashes;
mod driver;
mod hostile;
mod judged;
mod load;
mod plans;
mod protocols;
mod serving;
mod smuggling;
mod sticky;
