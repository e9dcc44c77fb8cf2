//! Index files: all must be readable, and agree with each other.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use holdfast_backend::Cancel;
use holdfast_format::pack::PackedBlob;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::index::IndexWatcher;
use holdfast_repo::{Index, Repository};
use parking_lot::Mutex;

use crate::observer::{Level, Phase, Progress};
use crate::outcome::{Problem, ProblemKind};
use crate::report::Report;

/// Which index files name a pack, each with a digest of what it says.
type Namings = HashMap<Id, Vec<(Id, u64)>>;

/// Loads the index; false when a file of it cannot be read, because then nothing else can be told.
pub fn load(repository: &Repository, report: &Report<'_>, cancel: &Cancel) -> Result<bool> {
    let watcher = Watcher { report, namings: Mutex::default(), damaged: Mutex::new(false) };
    repository.load_index_watched(cancel, &watcher)?;
    if watcher.damaged.into_inner() {
        let line = "The repository index is damaged and must be repaired. You must run `restic repair index' to correct this.";
        report.say(Level::Error, line);
        return Ok(false);
    }
    compare(&repository.index(), &watcher.namings.into_inner(), report);
    Ok(true)
}

struct Watcher<'a> {
    report: &'a Report<'a>,
    namings: Mutex<Namings>,
    damaged: Mutex<bool>,
}

impl IndexWatcher for Watcher<'_> {
    fn pack(&self, file: &Id, pack: Id, blobs: &[PackedBlob]) {
        let digest = blobs.iter().map(digest).fold(0, u64::wrapping_add);
        let mut namings = self.namings.lock();
        let files = namings.entry(pack).or_default();
        match files.iter_mut().find(|(other, _)| other == file) {
            Some((_, known)) => *known = known.wrapping_add(digest),
            None => files.push((*file, digest)),
        }
    }

    fn unreadable(&self, file: &Id, error: Error) -> Result<()> {
        if matches!(error, Error::Cancelled) {
            return Err(error);
        }
        *self.damaged.lock() = true;
        self.report.add(Problem::error(ProblemKind::Index, format!("index {file}"), error.to_string()));
        Ok(())
    }

    fn progress(&self, done: u64, total: u64) {
        self.report.progress(Phase::Index, Progress { done, total, ..Progress::default() });
    }
}

/// Sums of these do not depend on the order of blobs.
fn digest(blob: &PackedBlob) -> u64 {
    let mut hasher = DefaultHasher::new();
    (blob.id, blob.kind, blob.offset, blob.length, blob.uncompressed).hash(&mut hasher);
    hasher.finish()
}

fn compare(index: &Index, namings: &Namings, report: &Report<'_>) {
    let (mut duplicates, mut mixed) = (false, false);
    for pack in index.packs() {
        if let Some(problem) = namings.get(&pack.id).and_then(|files| disagreement(&pack.id, files)) {
            duplicates |= problem.kind == ProblemKind::DuplicatePack;
            report.add(problem);
        }
        if pack.has_data && pack.has_trees {
            mixed = true;
            let why = "contains a mix of tree and data blobs";
            report.add(Problem::pack(ProblemKind::MixedPack, &pack.id, why).into_hint());
        }
    }
    if duplicates {
        let line = "Duplicate packs are non-critical, you can run `restic repair index' to correct this.";
        report.say(Level::Notice, line);
    }
    if mixed {
        let line = "Mixed packs with tree and data blobs are non-critical, you can run `restic prune` to correct this.";
        report.say(Level::Notice, line);
    }
}

/// What is wrong with a pack that several files name.
fn disagreement(pack: &Id, files: &[(Id, u64)]) -> Option<Problem> {
    let [(_, first), others @ ..] = files else { return None };
    let names: Vec<_> = files.iter().map(|(file, _)| file.short()).collect();
    if others.iter().any(|(_, digest)| digest != first) {
        let why = format!("has different data in indexes: {{{}}}", names.join(" "));
        return Some(Problem::pack(ProblemKind::IndexConflict, pack, why));
    }
    let why = format!("contained in several indexes: {{{}}}", names.join(" "));
    (!others.is_empty()).then(|| Problem::pack(ProblemKind::DuplicatePack, pack, why).into_hint())
}
