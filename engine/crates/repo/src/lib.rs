//! An open repository: keys, locks, index, packs and blobs.
//!
//! Nothing here walks file systems or shows anything to people.

mod failure;
pub mod index;
pub mod keys;
pub mod lock;
pub mod machine;
mod opening;
pub(crate) mod parallel;
mod reader;
pub mod repository;
pub mod snapshots;
pub mod trees;
pub mod walk;
pub mod writer;

pub use index::{Index, Place};
pub use lock::{Lock, LockKind};
pub use reader::{BlobReader, in_pack};
pub use repository::{CacheOptions, InitOptions, OpenOptions, Repository};
pub use snapshots::SnapshotFilter;
pub use writer::{Added, BlobWriter, Writer, WriterOptions};

#[cfg(test)]
mod tests;
