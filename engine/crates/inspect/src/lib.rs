//! Looking into snapshots: lists, searches, differences and statistics, as data. Who shows them is elsewhere.
//!
//! Everything here only reads; the index must be loaded. Trees are read ahead by several threads, and nothing keeps more
//! than what its answer needs.

pub mod diff;
pub mod find;
pub mod ls;
pub mod objects;
mod same;
pub mod stats;
#[cfg(test)]
mod tests;
