//! An open repository: keys, locks, index, packs and blobs.
//!
//! Nothing here walks file systems or shows anything to people.

pub mod index;
pub mod keys;
pub mod lock;
pub mod repository;
pub mod snapshots;
pub mod trees;
pub mod writer;

pub use index::{Index, Place};
pub use lock::{Lock, LockKind};
pub use repository::{CacheOptions, InitOptions, OpenOptions, Repository};
pub use snapshots::SnapshotFilter;
pub use writer::{Added, BlobWriter, Writer, WriterOptions};
