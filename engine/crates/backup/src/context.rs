//! What all threads of one backup share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_backend::Cancel;
use holdfast_format::{Error, Result};
use holdfast_repo::{Lock, Repository};

use crate::{BackupOptions, Counters, Watcher, path};

/// See the module.
pub struct Context<'a> {
    /// Where to.
    pub repository: &'a Arc<Repository>,
    /// Held while we work.
    pub lock: Option<Arc<Lock>>,
    /// What is asked for.
    pub options: &'a BackupOptions,
    /// For others to look at.
    pub counters: &'a Counters,
    /// Who is told.
    pub watcher: &'a dyn Watcher,
    /// Stops.
    pub cancel: &'a Cancel,
    /// The working directory.
    pub working: &'a [u8],
    /// Sources that could not be read.
    pub errors: AtomicU64,
}

impl Context<'_> {
    /// A source could not be read: told, counted, left out.
    pub fn report(&self, path: &[u8], error: &str) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        self.counters.errors.fetch_add(1, Ordering::Relaxed);
        let shown = path::text(path);
        if error.contains(&shown) {
            self.watcher.error(path, error, "archival");
        } else {
            self.watcher.error(path, &format!("{shown}: {error}"), "archival");
        }
    }

    /// `Err` when the work must stop: cancelled, or the lock is lost.
    pub fn check(&self) -> Result<()> {
        self.cancel.check()?;
        self.lock.as_ref().map_or(Ok(()), |lock| lock.check())
    }

    /// A file is saved.
    pub fn file_done(&self) {
        self.counters.files_done.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes of files are saved.
    pub fn bytes_done(&self, bytes: u64) {
        self.counters.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Shows a file as being read until the guard is dropped.
    pub fn reading(&self, shown: &[u8]) -> Reading<'_> {
        let shown = path::text(shown);
        self.counters.current.lock().push(shown.clone());
        Reading { counters: self.counters, shown }
    }

    /// Why a tree of the parent cannot be read, in restic's words.
    pub fn report_tree(&self, path: &[u8], tree: &holdfast_format::Id, error: &Error) {
        let known = self.repository.index().contains(holdfast_format::BlobType::Tree, tree);
        let why = if known {
            format!("tree {tree} could not be loaded; the repository could be damaged: {error}")
        } else {
            format!(
                "tree {tree} is not known; the repository could be damaged, run `repair index` to try to repair it"
            )
        };
        self.report(path, &why);
    }
}

/// See `Context::reading`.
pub struct Reading<'a> {
    counters: &'a Counters,
    shown: String,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut current = self.counters.current.lock();
        if let Some(i) = current.iter().position(|shown| *shown == self.shown) {
            current.swap_remove(i);
        }
    }
}
