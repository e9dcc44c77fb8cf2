//! Proves that a repository is whole: what snapshots need is in the index, what the index names is in the store, and (when
//! asked) every stored byte is what was written.
//!
//! Finds and names, repairs nothing. The rules are those of restic's `check`, and a little more: key files and locks are
//! looked at, and names that no folder can have. What was not looked at is never called sound: whoever stops a check, or a
//! store that does not answer, gets an error.

mod blobs;
mod data;
mod files;
mod header;
mod indexes;
mod nodes;
pub mod observer;
pub mod options;
pub mod outcome;
mod packs;
mod pieces;
mod proof;
mod queue;
mod report;
mod roots;
pub mod subset;
mod trees;
mod used;

use std::{panic, thread};

use holdfast_backend::Cancel;
use holdfast_format::Result;
use holdfast_repo::{Repository, snapshots};

pub use observer::{Level, Observer, Phase, Progress};
pub use options::CheckOptions;
pub use outcome::{CheckOutcome, Problem, ProblemKind, Severity};
pub use subset::Subset;

use report::Report;
use used::Used;

/// Checks a repository; the caller holds an exclusive lock. Problems are told as they are found and given back together.
/// `Err` means that the check did not come to its end: `Cancelled`, or the store could not even be listed.
pub fn check(
    repository: &Repository,
    options: &CheckOptions,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<CheckOutcome> {
    repository.check_process()?;
    let report = Report::new(observer);
    look(repository, options, &report, cancel)?;
    cancel.check()?;
    Ok(report.outcome())
}

/// Keys and locks beside everything else: each is a wait where a store is far.
fn look(repository: &Repository, options: &CheckOptions, report: &Report<'_>, cancel: &Cancel) -> Result<()> {
    thread::scope(|scope| {
        let files = scope.spawn(|| files::look(repository, report));
        look_at_contents(repository, options, report, cancel)?;
        files.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Snapshots are listed before the index is loaded, so that no backup that ends meanwhile looks broken.
fn look_at_contents(
    repository: &Repository,
    options: &CheckOptions,
    report: &Report<'_>,
    cancel: &Cancel,
) -> Result<()> {
    let snapshots = snapshots::load_all(repository, cancel)?;
    report.say(Level::Plain, "load indexes");
    if !indexes::load(repository, report, cancel)? {
        return Ok(());
    }
    report.say(Level::Plain, "check all packs");
    let stored = packs::look(repository, report)?;
    report.say(Level::Plain, "check snapshots, trees and blobs");
    let index = repository.index();
    let used = Used::new(&index, options.unused || options.is_filtered());
    let roots = roots::choose(repository, options, snapshots, report);
    trees::walk(repository, &roots, &used, report, cancel)?;
    if options.unused {
        used.unused(&index).for_each(|(kind, id)| report.add(Problem::unused(kind, &id)));
    }
    data::read(repository, options, &used, stored, report, cancel)
}
