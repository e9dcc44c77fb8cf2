//! What an operation tells while it runs.

use std::sync::atomic::{AtomicBool, AtomicU64};

use parking_lot::Mutex;

/// Counters that others may read at any time.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Counters {
    pub total_files: AtomicU64,
    pub total_dirs: AtomicU64,
    pub total_bytes: AtomicU64,
    /// The walk has ended: totals are final.
    pub totals_final: AtomicBool,
    pub files_done: AtomicU64,
    pub bytes_done: AtomicU64,
    pub errors: AtomicU64,
    /// Files being read now.
    pub current: Mutex<Vec<String>>,
}

/// One finished entry, for `-vv` and `verbose_status`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Item {
    /// `new`, `unchanged`, `modified`.
    pub action: &'static str,
    pub path: Vec<u8>,
    pub is_dir: bool,
    pub duration: f64,
    pub data_size: u64,
    pub data_size_in_repo: u64,
    pub metadata_size: u64,
    pub metadata_size_in_repo: u64,
}

/// Told as it happens, from any thread.
pub trait Watcher: Send + Sync {
    /// A source could not be read; it is left out and counted. `during` is restic's word: `archival`, `scan`.
    fn error(&self, path: &[u8], error: &str, during: &'static str);
    /// Something is odd that leaves nothing out: an exclusion file that cannot be read.
    fn warning(&self, _path: &[u8], _what: &str) {}
    /// Whether `item` shall be called.
    fn wants_items(&self) -> bool {
        false
    }
    /// An entry is done.
    fn item(&self, _item: &Item) {}
}
