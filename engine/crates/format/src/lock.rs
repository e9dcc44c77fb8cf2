//! A lock file.

use crate::error::Result;
use crate::time::Timestamp;

/// Who holds the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LockFile {
    pub time: Timestamp,
    pub exclusive: bool,
    pub hostname: String,
    pub username: String,
    pub pid: u32,
    pub uid: u32,
    pub gid: u32,
}

impl LockFile {
    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        todo!()
    }
    /// Reads one.
    pub fn parse(_json: &[u8]) -> Result<Self> {
        todo!()
    }
    /// `PID 12 on host by root (UID 0, GID 0)` and when: what restic says of a holder.
    pub fn describe(&self, _now: &Timestamp) -> String {
        todo!()
    }
}
