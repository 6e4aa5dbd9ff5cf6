//! The edge beside a service: a supervisor that owns the slots' processes and runs the canary's plan,
//! and a replaceable worker that holds the traffic.

pub mod client;
pub mod descriptors;
pub mod link;
pub mod place;
pub mod plan;
pub mod processes;
pub mod protocol;
pub mod rows;
pub mod supervisor;
pub mod worker;
