//! What is counted, as restic counts it: each thread for itself, summed up at the end.

use holdfast_format::node::NodeType;
use holdfast_format::snapshot::Summary;
use holdfast_repo::Added;

use crate::context::Context;
use crate::previous;
use crate::progress::Item;

/// Blobs that were new.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored {
    /// How many.
    pub blobs: u64,
    /// Plain bytes.
    pub size: u64,
    /// Bytes in packs.
    pub packed: u64,
}

impl Stored {
    /// Counts a blob of `size` bytes if it is new.
    pub fn add(&mut self, added: &Added, size: usize) {
        if added.new {
            self.blobs += 1;
            self.size += size as u64;
            self.packed += u64::from(added.stored);
        }
    }
}

/// A node compared with what the parent snapshot has in its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing was there.
    New,
    /// It says something else now.
    Modified,
    /// It says the same.
    Unchanged,
}

impl Change {
    /// Compares two stored nodes.
    pub fn of(previous: Option<&[u8]>, node: &[u8]) -> Self {
        match previous {
            None => Self::New,
            Some(previous) if previous::equal(previous, node) => Self::Unchanged,
            Some(_) => Self::Modified,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Modified => "modified",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Something that is done.
pub struct Done<'a> {
    /// File or folder; others are not counted.
    pub kind: NodeType,
    /// Compared with the parent.
    pub change: Change,
    /// Bytes of a file.
    pub size: u64,
    /// What was added for it.
    pub stored: Stored,
    /// Its path in the snapshot, made only when somebody wants it.
    pub shown: &'a dyn Fn() -> Vec<u8>,
    /// Since when.
    pub seconds: f64,
}

/// Counts something that is done, and tells it.
pub fn count(summary: &mut Summary, context: &Context<'_>, done: &Done<'_>) {
    let is_dir = match done.kind {
        NodeType::File => false,
        NodeType::Dir => true,
        _ => return,
    };
    let counter = match (is_dir, done.change) {
        (false, Change::New) => &mut summary.files_new,
        (false, Change::Modified) => &mut summary.files_changed,
        (false, Change::Unchanged) => &mut summary.files_unmodified,
        (true, Change::New) => &mut summary.dirs_new,
        (true, Change::Modified) => &mut summary.dirs_changed,
        (true, Change::Unchanged) => &mut summary.dirs_unmodified,
    };
    *counter += 1;
    if is_dir {
        add_trees(summary, done.stored);
    } else {
        summary.total_files_processed += 1;
        summary.total_bytes_processed += done.size;
        summary.data_blobs += done.stored.blobs;
        summary.data_added += done.stored.size;
        summary.data_added_packed += done.stored.packed;
        context.file_done();
    }
    if context.watcher.wants_items() {
        context.watcher.item(&item(done, is_dir));
    }
}

/// Counts trees.
pub fn add_trees(summary: &mut Summary, stored: Stored) {
    summary.tree_blobs += stored.blobs;
    summary.data_added += stored.size;
    summary.data_added_packed += stored.packed;
}

fn item(done: &Done<'_>, is_dir: bool) -> Item {
    let (data, metadata) =
        if is_dir { (Stored::default(), done.stored) } else { (done.stored, Stored::default()) };
    let mut path = (done.shown)();
    if is_dir {
        path.push(b'/');
    }
    Item {
        action: done.change.word(),
        path,
        is_dir,
        duration: done.seconds,
        data_size: data.size,
        data_size_in_repo: data.packed,
        metadata_size: metadata.size,
        metadata_size_in_repo: metadata.packed,
    }
}

/// Adds what another thread counted.
pub fn sum(all: &mut Summary, one: &Summary) {
    all.files_new += one.files_new;
    all.files_changed += one.files_changed;
    all.files_unmodified += one.files_unmodified;
    all.dirs_new += one.dirs_new;
    all.dirs_changed += one.dirs_changed;
    all.dirs_unmodified += one.dirs_unmodified;
    all.data_blobs += one.data_blobs;
    all.tree_blobs += one.tree_blobs;
    all.data_added += one.data_added;
    all.data_added_packed += one.data_added_packed;
    all.total_files_processed += one.total_files_processed;
    all.total_bytes_processed += one.total_bytes_processed;
}
