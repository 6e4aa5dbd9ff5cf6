//! As much of the library as the request path uses: its types, without what reads and writes.

#[path = "../../shared/types/mod.rs"]
pub mod types;
