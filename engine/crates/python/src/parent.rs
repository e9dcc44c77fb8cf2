//! Which snapshot a backup compares with.

use std::path::{Component, Path, PathBuf};

use holdfast_format::snapshot::Snapshot;
use holdfast_format::time::Timestamp;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::SnapshotFilter;
use holdfast_repo::snapshots::{find, load_all};

use crate::operation::Operation;

/// The wish, as restic's `--parent` and `--group-by` say it.
pub struct Wish {
    /// `latest` or a prefix; `None`: the latest, if there is any.
    pub name: Option<String>,
    /// What it must have in common.
    pub filter: SnapshotFilter,
    /// It is not younger.
    pub limit: Timestamp,
}

impl Wish {
    /// The snapshot that is meant; `None` when none was named and none fits.
    pub fn find(&self, operation: &Operation<'_>) -> Result<Option<(Id, Snapshot)>> {
        match self.name.as_deref() {
            None => self.latest(operation),
            Some("latest") => {
                let found = self.latest(operation)?;
                found.map(Some).ok_or_else(|| Error::missing("a parent snapshot (latest)"))
            }
            Some(name) => {
                find(&operation.repository, name, &self.filter).map(|(id, snapshot, _)| Some((id, snapshot)))
            }
        }
    }

    fn latest(&self, operation: &Operation<'_>) -> Result<Option<(Id, Snapshot)>> {
        let readable = load_all(&operation.repository, &operation.cancel)?.into_iter().rev();
        let mut readable = readable.filter_map(|(id, snapshot)| Some((id, snapshot.ok()?)));
        Ok(readable.find(|(_, snapshot)| self.fits(snapshot)))
    }

    fn fits(&self, snapshot: &Snapshot) -> bool {
        self.filter.matches(snapshot) && snapshot.time.instant() <= self.limit.instant()
    }
}

/// As the paths of snapshots are: absolute, without `.` and `..`.
pub fn absolute(path: &Path) -> Result<String> {
    let full = std::path::absolute(path)
        .map_err(|error| Error::local(path.as_os_str().as_encoded_bytes(), error))?;
    let mut clean = PathBuf::new();
    for component in full.components() {
        match component {
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    Ok(clean.to_string_lossy().into_owned())
}
