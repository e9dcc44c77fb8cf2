//! A snapshot file.

use crate::error::Result;
use crate::id::Id;
use crate::time::Timestamp;

/// What a backup counted; restic's fields, all written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Summary {
    pub backup_start: Timestamp,
    pub backup_end: Timestamp,
    pub files_new: u64,
    pub files_changed: u64,
    pub files_unmodified: u64,
    pub dirs_new: u64,
    pub dirs_changed: u64,
    pub dirs_unmodified: u64,
    pub data_blobs: u64,
    pub tree_blobs: u64,
    pub data_added: u64,
    pub data_added_packed: u64,
    pub total_files_processed: u64,
    pub total_bytes_processed: u64,
}

/// A snapshot; fields in restic's order.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// When.
    pub time: Timestamp,
    /// The snapshot it was compared with.
    pub parent: Option<Id>,
    /// The root.
    pub tree: Id,
    /// Absolute, sorted as restic has them; raw bytes go through `String::from_utf8_lossy` as in Go.
    pub paths: Vec<String>,
    /// Machine.
    pub hostname: String,
    /// User.
    pub username: String,
    /// 0 is left out.
    pub uid: u32,
    /// 0 is left out.
    pub gid: u32,
    /// Patterns of the backup.
    pub excludes: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The first form of a rewritten snapshot.
    pub original: Option<Id>,
    /// `restic 0.19.1`, `holdfast 0.1.0`.
    pub program_version: String,
    /// Counters, since restic 0.17.
    pub summary: Option<Summary>,
}

impl Snapshot {
    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        todo!()
    }
    /// Reads one; unknown fields are skipped.
    pub fn parse(_json: &[u8]) -> Result<Self> {
        todo!()
    }
}
