//! Snapshots by id, prefix, `latest`, host, tag and path.

use holdfast_backend::Cancel;
use holdfast_format::snapshot::Snapshot;
use holdfast_format::{FileType, Id, Result};

use crate::Repository;

/// `--host`, `--tag`, `--path`: any host, any of the tag lists (all tags of a list; an empty list: untagged), all paths.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct SnapshotFilter {
    pub hosts: Vec<String>,
    pub tags: Vec<Vec<String>>,
    pub paths: Vec<String>,
}

impl SnapshotFilter {
    /// Whether a snapshot fits.
    pub fn matches(&self, _snapshot: &Snapshot) -> bool {
        todo!()
    }
}

/// All snapshots, several read at once, oldest first (by time, then id). Unreadable ones come as errors with their ids.
pub fn load_all(_repository: &Repository, _cancel: &Cancel) -> Result<Vec<(Id, Result<Snapshot>)>> {
    todo!()
}
/// `latest` (among those that fit) or a prefix of an id, with restic's `:subfolder` behind it given back.
pub fn find(
    _repository: &Repository,
    _name: &str,
    _filter: &SnapshotFilter,
) -> Result<(Id, Snapshot, Option<String>)> {
    todo!()
}
/// The full id of a file of a kind, from a prefix that only one file has.
pub fn find_file(_repository: &Repository, _kind: FileType, _prefix: &str) -> Result<Id> {
    todo!()
}
/// The tree at a path below a tree.
pub fn subtree(_repository: &Repository, _tree: &Id, _path: &str) -> Result<Id> {
    todo!()
}
