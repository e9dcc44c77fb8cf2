//! Restores from repositories that are written here, blob by blob, over a store in memory.

mod damage;
mod dumps;
mod existing;
mod names;
mod restoring;

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use holdfast_backend::{Cancel, Handle};
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, FileType, Id};
use holdfast_repo::Repository;
use holdfast_sample::{Sample, damage, node};
use parking_lot::Mutex;

use crate::{Action, Counters, Item, Outcome, Restore, RestoreOptions, Watcher};

/// What a restore told.
#[derive(Default)]
struct Told {
    errors: Mutex<Vec<(String, String)>>,
    items: Mutex<BTreeMap<String, Action>>,
}

impl Watcher for Told {
    fn error(&self, path: &[u8], error: &str) {
        self.errors.lock().push((path.escape_ascii().to_string(), error.into()));
    }

    fn wants_items(&self) -> bool {
        true
    }

    fn item(&self, item: &Item<'_>) {
        self.items.lock().insert(item.path.escape_ascii().to_string(), item.action);
    }
}

impl Told {
    fn action(&self, path: &str) -> Option<Action> {
        self.items.lock().get(path).copied()
    }

    /// The only error.
    fn error(&self) -> (String, String) {
        let errors = self.errors.lock();
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors[0].clone()
    }
}

struct Restored {
    outcome: Outcome,
    counters: Counters,
    told: Told,
    verified: u64,
}

/// Restores and, when there were no errors, verifies.
fn restore(repository: &Arc<Repository>, tree: &Id, target: &Path, options: &RestoreOptions) -> Restored {
    let (counters, told, cancel) = (Counters::default(), Told::default(), Cancel::new());
    let (watcher, lock) = (&told, None);
    let counted = &counters;
    let restore =
        Restore { repository, lock, tree, target, options, counters: counted, watcher, cancel: &cancel };
    let outcome = restore.run().unwrap();
    let verified = if outcome.errors == 0 { restore.verify(&outcome).unwrap() } else { 0 };
    Restored { outcome, counters, told, verified }
}

/// Restores everything, without errors.
fn restore_all(repository: &Arc<Repository>, tree: &Id, target: &Path) -> Restored {
    let restored = restore(repository, tree, target, &RestoreOptions::default());
    assert_eq!(restored.told.errors.lock().as_slice(), []);
    restored
}

/// Sorted names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::fs::DirEntry| entry.file_name().as_bytes().escape_ascii().to_string();
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}
