//! The restic format: bytes to values and back. No repository, no network, no state.
//!
//! The machine is asked for little: random bytes, the time and its zone, and cores to derive a key.
//!
//! What readers and writers must agree on is here and only here; where a rule comes from restic's sources, the item says so.

pub mod compression;
pub mod config;
pub mod crypto;
pub mod duration;
pub mod error;
pub mod id;
pub mod index;
pub mod json;
pub mod keyfile;
pub mod kinds;
pub mod lock;
pub mod node;
pub mod pack;
pub mod polynomial;
pub mod quote;
mod random;
mod read;
pub mod snapshot;
pub mod time;
pub mod tree;
pub mod unpacked;

pub use error::{Error, Result};
pub use id::Id;
pub use kinds::{BlobType, FileType, Version};
