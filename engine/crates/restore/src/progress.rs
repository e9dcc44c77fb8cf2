//! What a restore tells while it runs.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that others may read at any time; they count as restic does.
#[derive(Debug, Default)]
pub struct Counters {
    /// Files, folders and others that are to be restored; final when the walk has ended.
    pub files_total: AtomicU64,
    /// Those that are done. Folders that only lead to selected ones count here, but not in the total.
    pub files_restored: AtomicU64,
    /// Those that were left as they were.
    pub files_skipped: AtomicU64,
    /// What was in the way of `delete`.
    pub files_deleted: AtomicU64,
    /// Bytes of the files that are to be restored.
    pub bytes_total: AtomicU64,
    /// Bytes that were written, or that were right already in a file that is restored.
    pub bytes_restored: AtomicU64,
    /// Bytes of the files that were left.
    pub bytes_skipped: AtomicU64,
    /// Restored files that are verified; 0 until that begins.
    pub files_to_verify: AtomicU64,
    /// Those that were looked at.
    pub files_verified: AtomicU64,
    /// Everything that the watcher was told as an error.
    pub errors: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, amount: u64) {
        counter.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn expect(&self, bytes: u64) {
        Self::add(&self.files_total, 1);
        Self::add(&self.bytes_total, bytes);
    }
}

/// What became of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// A folder was made, or its metadata set.
    DirRestored,
    /// A file was made.
    FileRestored,
    /// A file that was there got its contents.
    FileUpdated,
    /// An entry was left as it was (a file's metadata may have been set).
    Unchanged,
    /// A link, a device or a pipe was made.
    OtherRestored,
    /// It is not in the snapshot and was removed.
    Deleted,
}

/// One finished entry, for `-vv` and `verbose_status`.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What became of it.
    pub action: Action,
    /// Inside the snapshot; on this machine for `Deleted`.
    pub path: &'a [u8],
    /// Bytes of a file, else 0.
    pub size: u64,
}

/// Told as it happens, from any thread.
pub trait Watcher: Send + Sync {
    /// An entry could not be restored; the rest goes on. `path` is inside the snapshot.
    fn error(&self, path: &[u8], error: &str);
    /// Something cannot be restored on this system and is left out.
    fn warning(&self, _message: &str) {}
    /// Whether `item` shall be called.
    fn wants_items(&self) -> bool {
        false
    }
    /// An entry is done.
    fn item(&self, _item: &Item<'_>) {}
}
