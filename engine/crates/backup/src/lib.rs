//! File trees into a repository: walking, telling what changed, reading, cutting, and the snapshot at the end.
//!
//! One walker (`walk`) lists folders and asks `stat` of every entry, while the index is loaded. It leaves batches of entries on
//! the desk (`desk`), from where as many workers as there are cores take them (`worker`). A worker stores again what the parent
//! snapshot has of entries that did not change (`previous`), reads small files together (`small`), and leaves large ones to be
//! read and cut by one worker while all store the chunks (`large`). A folder (`folder`) collects its nodes from whoever has
//! them; who brings the last one stores the tree. So nothing waits for an order, and memory is bounded by what is in flight.
//!
//! Which repository, which parent, and what people are shown is decided by the caller.

use std::path::PathBuf;
use std::sync::Arc;

use holdfast_backend::Cancel;
use holdfast_filter::PatternList;
use holdfast_format::compression::Compression;
use holdfast_format::snapshot::{Snapshot, Summary};
use holdfast_format::time::Timestamp;
use holdfast_format::{Id, Result};
use holdfast_repo::{Lock, Repository};

mod batch;
mod context;
mod desk;
mod exclude;
mod folder;
mod large;
mod listing;
mod meta;
mod path;
mod previous;
pub mod progress;
mod run;
mod small;
mod stream;
mod tally;
mod target;
mod walk;
mod worker;
mod xattr;

pub use progress::{Counters, Item, Watcher};

/// What is not saved.
#[derive(Clone, Debug, Default)]
pub struct Excludes {
    /// `--exclude`, `--exclude-file`.
    pub patterns: PatternList,
    /// `--iexclude`, `--iexclude-file`.
    pub patterns_ignoring_case: PatternList,
    /// `--exclude-if-present name[:header]`.
    pub if_present: Vec<(Vec<u8>, Vec<u8>)>,
    /// `--exclude-caches`.
    pub caches: bool,
    /// `--exclude-larger-than`, bytes.
    pub larger_than: Option<u64>,
    /// `-x`.
    pub one_file_system: bool,
    /// Never saved (the cache).
    pub folders: Vec<PathBuf>,
}

/// How unchanged files are told.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangeRules {
    /// `--ignore-inode`.
    pub ignore_inode: bool,
    /// `--ignore-ctime`.
    pub ignore_ctime: bool,
}

/// A backup.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // one a flag of the command
pub struct BackupOptions {
    /// Paths as given (relative ones too), bytes of the file system.
    pub targets: Vec<PathBuf>,
    /// What is left out.
    pub excludes: Excludes,
    /// The text of the patterns, for the snapshot.
    pub exclude_texts: Vec<String>,
    /// Snapshot to compare with; `None`: everything is read.
    pub parent: Option<(Id, Snapshot)>,
    /// See there.
    pub change_rules: ChangeRules,
    /// Of the snapshot.
    pub time: Timestamp,
    /// Of the snapshot.
    pub hostname: String,
    /// Of the snapshot.
    pub tags: Vec<String>,
    /// `--with-atime`.
    pub with_atime: bool,
    /// `--skip-if-unchanged`.
    pub skip_if_unchanged: bool,
    /// Store nothing.
    pub dry_run: bool,
    /// Files read at the same time, 0: as many as there are cores.
    pub read_concurrency: usize,
    /// Of data blobs.
    pub compression: Compression,
    /// Bytes of a pack.
    pub pack_size: usize,
    /// Verify before upload.
    pub extra_verify: bool,
    /// `holdfast 0.1.0`.
    pub program_version: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its id; `None` for a dry run or when skipped as unchanged.
    pub snapshot: Option<Id>,
    /// Counters.
    pub summary: Summary,
    /// Sources that could not be read (the watcher was told each); above 0 is exit code 3.
    pub errors: u64,
}

/// Saves targets. The index is loaded here, while the walk has begun. `lock` is confirmed before the first write.
pub fn backup(
    repository: &Arc<Repository>,
    lock: Option<Arc<Lock>>,
    options: &BackupOptions,
    counters: &Arc<Counters>,
    watcher: &dyn Watcher,
    cancel: &Cancel,
) -> Result<Outcome> {
    run::backup(repository, lock, options, counters, watcher, cancel)
}

/// One entry of a stream: what is not a file on a disk.
pub struct StreamEntry {
    /// Path inside the snapshot, `/a/b`; parents are made. Entries may come in any order.
    pub path: Vec<u8>,
    /// Metadata of the node (name, content, size and subtree are filled in here).
    pub node: holdfast_format::node::Node,
    /// Bytes of a regular file.
    pub reader: Option<Box<dyn std::io::Read + Send>>,
}

/// Saves what an iterator gives (`--stdin` is one entry); an error of it or of a reader ends the backup without a snapshot.
#[allow(clippy::too_many_arguments)] // those of `backup`, and what is saved
pub fn backup_stream(
    repository: &Arc<Repository>,
    lock: Option<Arc<Lock>>,
    entries: &mut dyn Iterator<Item = Result<StreamEntry>>,
    paths: &[String],
    options: &BackupOptions,
    counters: &Arc<Counters>,
    watcher: &dyn Watcher,
    cancel: &Cancel,
) -> Result<Outcome> {
    stream::backup(repository, lock, entries, paths, options, counters, watcher, cancel)
}
