//! Blobs into packs, packs into the store, index after packs.
//!
//! Two open packs a type (restic's answer to fingerprinting by sizes), hashed and kept in memory until full, uploaded by as
//! many threads as the store likes, never more than a few in flight. Every blob is decrypted, decompressed and compared
//! before it counts (unless that is switched off). An index file is written after 50,000 blobs or 10 minutes, so that what
//! is interrupted goes on where it was.

use std::sync::Arc;

use holdfast_backend::Cancel;
use holdfast_format::compression::Compression;
use holdfast_format::{BlobType, Id, Result};

use crate::{Lock, Repository};

/// How blobs are stored.
#[derive(Clone, Debug)]
pub struct WriterOptions {
    /// Of data blobs.
    pub compression: Compression,
    /// Bytes at which a pack is closed (16 MiB; restic allows 4 to 128).
    pub pack_size: usize,
    /// Verify before upload.
    pub extra_verify: bool,
    /// Stops.
    pub cancel: Cancel,
    /// Count, but store nothing.
    pub dry_run: bool,
}

/// What became of a blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Added {
    /// Its name.
    pub id: Id,
    /// It was stored now (not known before, not being stored by another thread).
    pub new: bool,
    /// Stored bytes when new, envelope included; else 0.
    pub stored: u32,
}

/// Adds blobs to a repository; shared by all threads of an operation.
pub struct Writer {}

impl Writer {
    /// Starts the uploading threads. The index must be loaded. `lock.confirm()` is called before the first write.
    pub fn new(
        _repository: &Arc<Repository>,
        _lock: Option<Arc<Lock>>,
        _options: &WriterOptions,
    ) -> Result<Self> {
        todo!()
    }
    /// A thread's own hands: zstd contexts and buffers.
    pub fn hands(self: &Arc<Self>) -> BlobWriter {
        todo!()
    }
    /// Whether a blob is stored, or being stored by this writer.
    pub fn contains(&self, _kind: BlobType, _id: &Id) -> bool {
        todo!()
    }
    /// Closes every pack, waits for the uploads, writes the last index file. After an error nothing more is written.
    pub fn finish(&self) -> Result<()> {
        todo!()
    }
}

/// One thread's way to add blobs.
pub struct BlobWriter {}

impl BlobWriter {
    /// Names several blobs (hashed together) and stores those that are new. Blocks while too many packs wait for upload.
    /// The first error of any thread comes back from every later call.
    pub fn add(&mut self, _kind: BlobType, _blobs: &[&[u8]], _added: &mut Vec<Added>) -> Result<()> {
        todo!()
    }
    /// The same for blobs whose names are known.
    pub fn add_named(&mut self, _kind: BlobType, _id: Id, _blob: &[u8]) -> Result<Added> {
        todo!()
    }
}
