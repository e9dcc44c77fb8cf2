//! Opening, initialising and reading.

use std::path::PathBuf;
use std::sync::Arc;

use holdfast_backend::{Backend, Cancel};
use holdfast_format::config::Config;
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::keyfile::Scrypt;
use holdfast_format::node::Node;
use holdfast_format::{BlobType, FileType, Id, Result, Version};

use crate::index::Index;

/// Where copies of index, snapshot and tree files may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheOptions {
    /// Nowhere.
    Off,
    /// restic's folder (`RESTIC_CACHE_DIR`, `XDG_CACHE_HOME/restic`, `~/.cache/restic`).
    Standard,
    /// Here.
    Folder(PathBuf),
}

/// How a repository is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Key to try first: a prefix of its id.
    pub key_hint: Option<String>,
    /// Local repositories are not cached whatever it says.
    pub cache: CacheOptions,
    /// Stops waiting and retrying.
    pub cancel: Cancel,
}

/// How a repository is made.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Of the format.
    pub version: Version,
    /// From another repository (`--copy-chunker-params`).
    pub polynomial: Option<u64>,
    /// `None`: measured on this machine.
    pub scrypt: Option<Scrypt>,
    /// `(user, host)` in the key file; `None`: of this machine.
    pub owner: Option<(String, String)>,
}

/// A repository whose master key is known. Refuses to work in a forked child (`Forked`).
pub struct Repository {}

impl Repository {
    /// Makes one; refuses when `config`, keys or snapshots are there.
    pub fn init(_backend: Arc<dyn Backend>, _password: &[u8], _options: &InitOptions) -> Result<Self> {
        todo!()
    }
    /// Opens one: `NoRepository`, `WrongPassword`; at most 20 keys are tried.
    pub fn open(_backend: Arc<dyn Backend>, _password: &[u8], _options: &OpenOptions) -> Result<Self> {
        todo!()
    }
    /// What `config` says.
    pub fn config(&self) -> &Config {
        todo!()
    }
    /// The key file that opened it.
    pub fn key_id(&self) -> Id {
        todo!()
    }
    /// The key of everything.
    pub fn master(&self) -> &EnvelopeKey {
        todo!()
    }
    /// The store, cache included.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        todo!()
    }
    /// `Forked` in a child of the process that opened it.
    pub fn check_process(&self) -> Result<()> {
        todo!()
    }
    /// The stored bytes of a file, their SHA-256 compared with the name (read again once, past the cache, when it differs; then `Damaged`).
    pub fn load_raw(&self, _kind: FileType, _id: &Id) -> Result<Vec<u8>> {
        todo!()
    }
    /// The JSON of an index, snapshot or lock file (`Config` too), authenticated.
    pub fn load_unpacked(&self, _kind: FileType, _id: &Id) -> Result<Vec<u8>> {
        todo!()
    }
    /// Stores JSON as such a file.
    pub fn save_unpacked(&self, _kind: FileType, _json: &[u8]) -> Result<Id> {
        todo!()
    }
    /// Loads all index files, several at once. `progress(done, all)`.
    pub fn load_index(&self, _cancel: &Cancel, _progress: &(dyn Fn(u64, u64) + Sync)) -> Result<()> {
        todo!()
    }
    /// The index as loaded (empty before).
    pub fn index(&self) -> Arc<Index> {
        todo!()
    }
    /// Plain bytes of a blob, every check made; tries every place that the index knows.
    pub fn load_blob(&self, _kind: BlobType, _id: &Id) -> Result<Vec<u8>> {
        todo!()
    }
    /// A folder.
    pub fn load_tree(&self, _id: &Id) -> Result<Vec<Node>> {
        todo!()
    }
}

/// Decodes stored blobs: buffers and zstd contexts that are kept, one a thread.
pub struct BlobReader {}

impl BlobReader {
    /// For one thread.
    pub fn new(_repository: &Repository) -> Self {
        todo!()
    }
    /// Replaces `out` with the plain bytes of an envelope as it lies in a pack: MAC, zstd, length and SHA-256 checked.
    /// `what` names the blob and its pack in errors.
    pub fn decode(
        &mut self,
        _sealed: &[u8],
        _id: &Id,
        _uncompressed: Option<u32>,
        _out: &mut Vec<u8>,
    ) -> Result<()> {
        todo!()
    }
    /// The same without SHA-256 (a caller that hashes several at once).
    pub fn decode_unhashed(
        &mut self,
        _sealed: &[u8],
        _id: &Id,
        _uncompressed: Option<u32>,
        _out: &mut Vec<u8>,
    ) -> Result<()> {
        todo!()
    }
}
