//! Blobs into packs, packs into the store, index after packs.
//!
//! Two open packs a type (restic's answer to fingerprinting by sizes), kept in memory until full, hashed and uploaded by as
//! many threads as the store likes. Every blob is decrypted, decompressed and compared
//! before it counts (unless that is switched off). An index file is written after 50,000 blobs or 10 minutes, so that what
//! is interrupted goes on where it was.
//!
//! Memory: two open packs a type and at most two on their way, so 6 packs of 16 MiB at the most; one only on its way
//! when packs are above 16 MiB. What waits for a store that is far does so on disk. Besides, about 60 bytes for each blob
//! that is new.

mod hands;
mod known;
mod pack;
mod pending;
mod state;
mod upload;

use std::sync::Arc;
use std::thread::JoinHandle;

use holdfast_backend::Cancel;
use holdfast_format::compression::Compression;
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::{BlobType, Error, Id, Result};
use parking_lot::Mutex;

use crate::{Lock, Repository};
pub use hands::BlobWriter;
use pack::Seal;
use state::State;
use upload::Lanes;

/// restic's limit, in bytes.
const LARGEST_PACK: usize = 128 << 20;

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
    /// Bytes by which the repository grows when new, envelope and entry in the pack's header included; else 0.
    pub stored: u32,
}

/// Adds blobs to a repository; shared by all threads of an operation.
pub struct Writer {
    state: Arc<State>,
    uploads: Mutex<Vec<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the uploading threads. The index must be loaded. `lock.confirm()` is called before the first write.
    pub fn new(
        repository: &Arc<Repository>,
        lock: Option<Arc<Lock>>,
        options: &WriterOptions,
    ) -> Result<Self> {
        Self::sealing_by(EnvelopeKey::seal, repository, lock, options)
    }

    /// The same with another way to encrypt blobs.
    pub(crate) fn sealing_by(
        seal: Seal,
        repository: &Arc<Repository>,
        lock: Option<Arc<Lock>>,
        options: &WriterOptions,
    ) -> Result<Self> {
        repository.check_process()?;
        refuse_size(options.pack_size)?;
        let backend = repository.backend();
        let lanes = Lanes::new(backend.connections(), backend.folder().is_none(), options.pack_size);
        let (queue, packs) = lanes.queue();
        let state = Arc::new(State::new(repository, lock, options, seal, queue));
        let uploads = upload::start(&state, lanes, packs)?;
        Ok(Self { state, uploads: Mutex::new(uploads) })
    }

    /// A thread's own hands: zstd contexts and buffers.
    pub fn hands(self: &Arc<Self>) -> BlobWriter {
        BlobWriter::new(self.clone())
    }

    /// Whether a blob is stored, or being stored by this writer.
    pub fn contains(&self, kind: BlobType, id: &Id) -> bool {
        self.state.contains(kind, id)
    }

    /// Closes every pack, waits for the uploads, makes sure that the lock was there all the time, and writes the last index
    /// file. After an error nothing more is written, after a cancel only the index of what is stored. No blobs can be
    /// added then.
    pub fn finish(&self) -> Result<()> {
        self.state.repository.check_process()?;
        let flushed = self.state.check().and_then(|()| self.state.flush());
        self.stop();
        if let Err(error) = self.state.check().and(flushed) {
            return Err(self.given_up(error));
        }
        self.state.write_last_index().map_err(|error| self.state.fail(error))
    }

    /// Whoever was told to stop names what is stored already, so that the next one goes on from there. When that fails, too,
    /// it is only stored again.
    fn given_up(&self, error: Error) -> Error {
        if matches!(error, Error::Cancelled) {
            self.state.write_last_index().ok();
        }
        error
    }

    /// Ends the uploading threads.
    fn stop(&self) {
        self.state.close_queue();
        for thread in self.uploads.lock().drain(..) {
            if thread.join().is_err() {
                self.state.fail(Error::refused("an uploading thread ended by itself: please report this"));
            }
        }
    }
}

/// Offsets in a pack have 32 bits, and other tools read packs whole.
fn refuse_size(pack_size: usize) -> Result<()> {
    if (1..=LARGEST_PACK).contains(&pack_size) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "packs of {pack_size} bytes: choose a size of at most {} MiB",
        LARGEST_PACK >> 20
    )))
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.state.repository.check_process().is_err() {
            std::mem::take(self.uploads.get_mut()).into_iter().for_each(std::mem::forget);
            return;
        }
        if !self.uploads.get_mut().is_empty() {
            self.state.fail(Error::Cancelled);
            self.stop();
        }
    }
}
