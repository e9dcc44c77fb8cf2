//! A lock file.

use serde::Deserialize;

use crate::duration;
use crate::error::{Error, Result};
use crate::json::Object;
use crate::time::Timestamp;

/// Who holds the repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)]
pub struct LockFile {
    pub time: Timestamp,
    pub exclusive: bool,
    pub hostname: String,
    pub username: String,
    pub pid: u32,
    #[serde(default)]
    pub uid: u32,
    #[serde(default)]
    pub gid: u32,
}

impl LockFile {
    /// restic's JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::new();
        let mut object = Object::begin(&mut json);
        object.time("time", &self.time);
        object.bool("exclusive", self.exclusive);
        object.string("hostname", &self.hostname);
        object.string("username", &self.username);
        object.number("pid", self.pid.into());
        object.some_number("uid", self.uid.into());
        object.some_number("gid", self.gid.into());
        object.end();
        json
    }

    /// Reads one.
    pub fn parse(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(|e| Error::damaged("a lock", e.to_string()))
    }

    /// What restic says of a holder, in two lines: `PID 12 on host by root (UID 0, GID 0)`, and when it was created. The id of
    /// the lock is not known here; restic adds a line `storage ID 1a2b3c4d`.
    pub fn describe(&self, now: &Timestamp) -> String {
        format!(
            "PID {} on {} by {} (UID {}, GID {})\nlock was created at {} ({} ago)",
            self.pid,
            self.hostname,
            self.username,
            self.uid,
            self.gid,
            self.time.date_time(),
            duration::text(nanos_between(&self.time, now)),
        )
    }
}

fn nanos_between(from: &Timestamp, to: &Timestamp) -> i64 {
    let nanos = |t: &Timestamp| i128::from(t.seconds) * 1_000_000_000 + i128::from(t.nanos);
    let span = nanos(to) - nanos(from);
    span.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}
