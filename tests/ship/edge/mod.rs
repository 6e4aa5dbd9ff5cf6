//! The edge, driven through its control socket: slots, canaries, what is killed under it, what clients do to it.

mod beside;
mod control;
mod crashes;
mod driver;
mod half_closed;
mod halting;
mod hostile;
mod judged;
mod load;
mod loading;
mod plans;
mod protocols;
mod services;
mod serving;
mod skewed;
mod smuggled;
mod smuggling;
mod sticky;
mod verifying;
