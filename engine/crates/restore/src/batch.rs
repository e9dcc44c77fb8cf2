//! A part of the snapshot that fits into memory: entries are collected while the trees are walked, then restored.

use std::sync::Arc;

use holdfast_format::{Id, Result};

use crate::entry::Entry;
use crate::files::Progress;
use crate::folder::Folder;
use crate::leave::{self, Unexpected};
use crate::run::Run;
use crate::work::Work;

/// Entries, blobs or folders at which a batch is restored. Tests restore in many batches.
const FULL: usize = if cfg!(test) { 5 } else { 64 << 10 };

/// What was collected and not restored yet.
#[derive(Default)]
pub struct Batch {
    pub entries: Vec<Entry>,
    /// Of all files.
    pub blobs: Vec<Id>,
    /// Every folder that was visited and not left, those above before those below.
    pub folders: Vec<Arc<Folder>>,
    pub unexpected: Vec<Unexpected>,
    /// Numbers of all files so far whose contents were restored.
    pub restored: Vec<u64>,
}

impl Batch {
    pub fn is_full(&self) -> bool {
        [self.entries.len(), self.blobs.len(), self.folders.len()].into_iter().any(|length| length >= FULL)
    }

    /// Restores everything. Folders on the way to `open` stay open; the others get their metadata.
    pub fn restore(&mut self, run: &Run<'_>, open: Option<&Arc<Folder>>) -> Result<()> {
        if let Some(lock) = run.lock {
            lock.confirm()?;
        }
        let progress: Vec<Progress> = self.entries.iter().map(|_| Progress::default()).collect();
        let numbers = Work::new(run, &self.entries, &self.blobs, &progress).restore()?;
        self.restored.extend(numbers);
        self.entries.clear();
        self.blobs.clear();
        leave::folders(run, &mut self.folders, &mut self.unexpected, open)
    }
}
