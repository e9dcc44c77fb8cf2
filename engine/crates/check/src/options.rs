//! How much is looked at.

use holdfast_repo::SnapshotFilter;

use crate::subset::Subset;

/// What `check` is asked for. By default the structure of everything.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Ids, prefixes or `latest`: only what these snapshots need.
    pub snapshots: Vec<String>,
    /// Only what the snapshots that fit need.
    pub filter: SnapshotFilter,
    /// Packs to read and prove byte by byte.
    pub read: Subset,
    /// Blobs that no snapshot uses are errors.
    pub unused: bool,
}

impl CheckOptions {
    /// Not all snapshots are meant.
    pub fn is_filtered(&self) -> bool {
        let SnapshotFilter { hosts, tags, paths } = &self.filter;
        !(self.snapshots.is_empty() && hosts.is_empty() && tags.is_empty() && paths.is_empty())
    }
}
