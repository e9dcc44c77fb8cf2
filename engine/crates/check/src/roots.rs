//! Trees of the snapshots that are meant.

use holdfast_format::snapshot::Snapshot;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::{Repository, snapshots};

use crate::options::CheckOptions;
use crate::outcome::{Problem, ProblemKind};
use crate::report::Report;

/// The tree of every snapshot that is meant; one that cannot be read or found is a problem.
pub fn choose(
    repository: &Repository,
    options: &CheckOptions,
    all: Vec<(Id, Result<Snapshot>)>,
    report: &Report<'_>,
) -> Vec<Id> {
    if options.snapshots.is_empty() {
        return all.into_iter().filter_map(|(id, snapshot)| fitting(options, id, snapshot, report)).collect();
    }
    options.snapshots.iter().filter_map(|name| named(repository, options, name, report)).collect()
}

fn fitting(options: &CheckOptions, id: Id, snapshot: Result<Snapshot>, report: &Report<'_>) -> Option<Id> {
    let snapshot = kept(&format!("snapshot {id}"), snapshot, report)?;
    options.filter.matches(&snapshot).then_some(snapshot.tree)
}

fn named(repository: &Repository, options: &CheckOptions, name: &str, report: &Report<'_>) -> Option<Id> {
    let found =
        snapshots::find(repository, name, &options.filter).and_then(|(_, snapshot, folder)| match folder {
            None => Ok(snapshot.tree),
            Some(_) => Err(Error::refused("a folder of a snapshot cannot be checked alone")),
        });
    kept(&format!("snapshot {name}"), found, report)
}

fn kept<T>(what: &str, found: Result<T>, report: &Report<'_>) -> Option<T> {
    found.map_err(|error| report.add(Problem::error(ProblemKind::Snapshot, what, error.to_string()))).ok()
}
