//! What every step of a restore needs, and how each tells what became of an entry.

use std::fmt::Display;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use holdfast_backend::Cancel;
use holdfast_format::{Error, Result};
use holdfast_repo::{Lock, Repository};

use crate::RestoreOptions;
use crate::entry::Entry;
use crate::folder::Folders;
use crate::metadata::{Setter, explain};
use crate::owner::Owners;
use crate::progress::{Action, Counters, Item, Watcher};

pub struct Run<'a> {
    pub repository: &'a Arc<Repository>,
    pub lock: Option<&'a Lock>,
    pub options: &'a RestoreOptions,
    /// As people name it.
    pub target_path: &'a [u8],
    /// `None` in a dry run into a folder that is not there.
    pub target: Option<OwnedFd>,
    pub counters: &'a Counters,
    pub watcher: &'a dyn Watcher,
    pub cancel: &'a Cancel,
    pub threads: usize,
    /// Ownership by name; `None`: by number.
    pub owners: Option<Owners>,
    pub is_root: bool,
    /// A folder of the snapshot is not what it should be: nothing is removed any more.
    pub no_removal: AtomicBool,
    /// Nothing is restored, only verified.
    pub verified: Option<Verified<'a>>,
}

/// What is verified.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    /// Numbers of files, in order.
    pub files: &'a [u64],
    /// Of the restore.
    pub counters: &'a Counters,
}

impl Run<'_> {
    pub fn folders(&self) -> Folders<'_> {
        Folders::new(self.target())
    }

    pub fn target(&self) -> Option<BorrowedFd<'_>> {
        self.target.as_ref().map(AsFd::as_fd)
    }

    pub fn setter(&self) -> Setter<'_> {
        Setter { xattrs: &self.options.xattrs, is_root: self.is_root }
    }

    pub fn error(&self, path: &[u8], error: impl Display) {
        Counters::add(&self.counters.errors, 1);
        self.watcher.error(path, &error.to_string());
    }

    pub fn skipped(&self, path: impl FnOnce() -> Vec<u8>, size: u64) {
        Counters::add(&self.counters.files_skipped, 1);
        Counters::add(&self.counters.bytes_skipped, size);
        self.item(Action::Unchanged, path, size);
    }

    pub fn restored(&self, action: Action, path: impl FnOnce() -> Vec<u8>, size: u64) {
        Counters::add(&self.counters.files_restored, 1);
        self.item(action, path, size);
    }

    pub fn deleted(&self, path: Vec<u8>) {
        Counters::add(&self.counters.files_deleted, 1);
        self.item(Action::Deleted, || path, 0);
    }

    fn item(&self, action: Action, path: impl FnOnce() -> Vec<u8>, size: u64) {
        if self.watcher.wants_items() {
            self.watcher.item(&Item { action, path: &path(), size });
        }
    }

    /// Stops when the caller said so, or when the lock is lost.
    pub fn check(&self) -> Result<()> {
        self.cancel.check()?;
        self.lock.map_or(Ok(()), Lock::check)
    }

    /// Of an entry that is open.
    pub fn set_open(&self, entry: &Entry, file: BorrowedFd<'_>) -> Result<(), String> {
        let set = self.setter().set_open(file, &entry.metadata);
        set.map_err(|failure| explain(failure, self.on_disk(&entry.path())))
    }

    /// On this machine.
    pub fn disk_path(&self, path: &[u8]) -> Vec<u8> {
        [self.target_path.strip_suffix(b"/").unwrap_or(self.target_path), path].concat()
    }

    /// On this machine, for people.
    pub fn on_disk(&self, path: &[u8]) -> String {
        self.disk_path(path).escape_ascii().to_string()
    }
}

/// Errors after which going on makes no sense.
pub fn ends_it(error: &Error) -> bool {
    matches!(error, Error::Cancelled | Error::Forked { .. } | Error::Locked { .. })
}
