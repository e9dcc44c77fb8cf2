//! A snapshot file.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::id::Id;
use crate::json::Object;
use crate::read::or_default;
use crate::time::Timestamp;

/// What a backup counted; restic's fields, all written.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
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
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Snapshot {
    /// When.
    pub time: Timestamp,
    /// The snapshot it was compared with.
    pub parent: Option<Id>,
    /// The root.
    pub tree: Id,
    /// Absolute, sorted as restic has them; raw bytes go through `String::from_utf8_lossy` as in Go.
    #[serde(default, deserialize_with = "or_default")]
    pub paths: Vec<String>,
    /// Machine.
    #[serde(default, deserialize_with = "or_default")]
    pub hostname: String,
    /// User.
    #[serde(default, deserialize_with = "or_default")]
    pub username: String,
    /// 0 is left out.
    #[serde(default, deserialize_with = "or_default")]
    pub uid: u32,
    /// 0 is left out.
    #[serde(default, deserialize_with = "or_default")]
    pub gid: u32,
    /// Patterns of the backup.
    #[serde(default, deserialize_with = "or_default")]
    pub excludes: Vec<String>,
    /// Tags.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// The first form of a rewritten snapshot.
    pub original: Option<Id>,
    /// `restic 0.19.1`, `holdfast 0.1.0`.
    #[serde(default, deserialize_with = "or_default")]
    pub program_version: String,
    /// Counters, since restic 0.17.
    pub summary: Option<Summary>,
}

impl Snapshot {
    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        let mut object = Object::begin(&mut json);
        object.time("time", &self.time);
        object.some_id("parent", self.parent.as_ref());
        object.id("tree", &self.tree);
        object.strings("paths", &self.paths);
        object.some_string("hostname", &self.hostname);
        object.some_string("username", &self.username);
        object.some_number("uid", self.uid.into());
        object.some_number("gid", self.gid.into());
        object.some_strings("excludes", &self.excludes);
        object.some_strings("tags", &self.tags);
        object.some_id("original", self.original.as_ref());
        object.some_string("program_version", &self.program_version);
        if let Some(summary) = &self.summary {
            summary.write(object.field("summary"));
        }
        object.end();
        json
    }

    /// Reads one; unknown fields are skipped.
    pub fn parse(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(|e| Error::damaged("a snapshot", e.to_string()))
    }
}

impl Summary {
    fn write(&self, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        object.time("backup_start", &self.backup_start);
        object.time("backup_end", &self.backup_end);
        object.number("files_new", self.files_new);
        object.number("files_changed", self.files_changed);
        object.number("files_unmodified", self.files_unmodified);
        object.number("dirs_new", self.dirs_new);
        object.number("dirs_changed", self.dirs_changed);
        object.number("dirs_unmodified", self.dirs_unmodified);
        object.number("data_blobs", self.data_blobs);
        object.number("tree_blobs", self.tree_blobs);
        object.number("data_added", self.data_added);
        object.number("data_added_packed", self.data_added_packed);
        object.number("total_files_processed", self.total_files_processed);
        object.number("total_bytes_processed", self.total_bytes_processed);
        object.end();
    }
}
