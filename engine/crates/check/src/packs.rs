//! Packs of the index against packs of the store, by name and size.

use std::collections::HashMap;

use holdfast_format::{FileType, Id, Result};
use holdfast_repo::Repository;
use holdfast_repo::index::IndexedPack;

use crate::observer::Level;
use crate::outcome::{Problem, ProblemKind};
use crate::report::Report;

/// Gives the packs of the index that are in the store, with the sizes that they have there.
pub fn look(repository: &Repository, report: &Report<'_>) -> Result<Vec<IndexedPack>> {
    let listed = repository.backend().list(FileType::Pack)?;
    let mut stored: HashMap<Id, u64> = listed.into_iter().map(|file| (file.id, file.size)).collect();
    let mut packs = repository.index().packs();
    packs.retain_mut(|pack| {
        let found = stored.remove(&pack.id);
        if let Some(problem) = fault(pack, found) {
            report.add(problem);
        }
        pack.size = found.unwrap_or(pack.size);
        found.is_some()
    });
    unreferenced(stored.into_keys().collect(), report);
    Ok(packs)
}

fn fault(pack: &IndexedPack, size: Option<u64>) -> Option<Problem> {
    match size {
        None => Some(Problem::pack(ProblemKind::MissingPack, &pack.id, "does not exist")),
        Some(size) if size == pack.size => None,
        Some(size) => {
            let why = format!("unexpected file size: got {size}, expected {}", pack.size);
            Some(Problem::pack(ProblemKind::PackSize, &pack.id, why))
        }
    }
}

fn unreferenced(packs: Vec<Id>, report: &Report<'_>) {
    let count = packs.len();
    for pack in packs {
        let why = "not referenced in any index";
        report.add(Problem::pack(ProblemKind::UnreferencedPack, &pack, why).into_hint());
    }
    if count > 0 && !report.has_errors() {
        let line = format!(
            "{count} additional files were found in the repo, which likely contain duplicate data.\nThis is non-critical, you can run `restic prune` to correct this."
        );
        report.say(Level::Plain, &line);
    }
}
