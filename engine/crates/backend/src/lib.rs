//! Where the files of a repository lie: one contract, one module a kind of store, and layers around any of them.
//!
//! Knows names and bytes, nothing of what they mean.

use std::fmt;

use holdfast_format::{FileType, Id, Result};

pub mod cache;
pub mod cancel;
mod durable;
pub mod failure;
pub mod fault;
mod http;
mod layout;
pub mod limit;
pub mod local;
pub mod location;
pub mod memory;
pub mod opening;
pub mod options;
mod passing;
pub mod rest;
pub mod retry;
pub mod s3;
pub mod spill;

pub use cancel::Cancel;
pub use location::Location;
pub use opening::{BackendOptions, Notices, create, open};
pub use spill::Spill;

/// Names one file of a repository.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Handle {
    /// Its kind.
    pub kind: FileType,
    /// Its name; all zero for `config`.
    pub id: Id,
    /// A pack that holds trees, worth caching. Never part of the name.
    pub tree_pack: bool,
}

impl Handle {
    /// A file of a kind.
    pub fn new(kind: FileType, id: Id) -> Self {
        Self { kind, id, tree_pack: false }
    }
    /// The one `config`.
    pub fn config() -> Self {
        Self::new(FileType::Config, Id::default())
    }
    /// A pack with trees in it.
    pub fn tree_pack(id: Id) -> Self {
        Self { kind: FileType::Pack, id, tree_pack: true }
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FileType::Config => f.write_str("config"),
            kind => write!(f, "{kind} {}", self.id),
        }
    }
}

/// A file that a listing found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its name.
    pub id: Id,
    /// Bytes.
    pub size: u64,
}

/// What a spill holds.
fn spilled(spill: &Spill) -> Result<Vec<u8>> {
    spill.bytes().map_err(|why| failure::failed("read", "a temporary file", why))
}

/// Who gets the pieces of a stream.
pub type Take<'a> = dyn FnMut(&[u8]) -> Result<()> + 'a;

/// A store of write-once files. Every method may be called from any thread, several at once.
pub trait Backend: Send + Sync + fmt::Debug {
    /// For people; without secrets.
    fn location(&self) -> String;
    /// How many operations it likes at the same time.
    fn connections(&self) -> usize;
    /// Makes the folders of a new repository; fine when they exist. Never writes `config`.
    fn create(&self) -> Result<()>;
    /// Size in bytes; `Missing` when it is not there.
    fn stat(&self, file: &Handle) -> Result<u64>;
    /// Replaces `out` with `length` bytes from `offset` (`None`: to the end). `Missing` when it is not there, `Damaged`
    /// when it ends before.
    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()>;
    /// Hands `length` bytes from `offset` to `take`, in order and piece by piece as they come, so that a long range needs
    /// little memory; errors are those of `read`. An error of `take` ends it and comes back; what was handed out is not
    /// taken back. `take` must not use the store: it may hold the only connection.
    fn stream(&self, file: &Handle, offset: u64, length: usize, take: &mut Take<'_>) -> Result<()> {
        let mut bytes = Vec::new();
        self.read(file, offset, Some(length), &mut bytes)?;
        take(&bytes)
    }
    /// Stores a file whole and durably, or not at all; an existing one of that name is an error,
    /// `config` included. S3 writes other files over, which have the same contents when they have the same name.
    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()>;
    /// The same for what waits on disk; a store that cannot send it piece by piece has it in memory meanwhile.
    fn write_spilled(&self, file: &Handle, spill: &Spill) -> Result<()> {
        self.write(file, &spilled(spill)?)
    }
    /// Every file of a kind (not `Config`) whose name is an id, in no order; other names are left out.
    fn list(&self, kind: FileType) -> Result<Vec<Listed>>;
    /// Removes; `Missing` when it is not there, if the store can tell: S3 and rest-server cannot.
    fn remove(&self, file: &Handle) -> Result<()>;
    /// The folder on this machine, if it is one.
    fn folder(&self) -> Option<&std::path::Path> {
        None
    }
    /// Drops a copy that a cache keeps of a file, because it turned out to be damaged: the next read asks the store.
    fn forget(&self, _file: &Handle) {}
}
