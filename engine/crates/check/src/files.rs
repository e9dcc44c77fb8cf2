//! Key files and locks: a damaged key that nobody used today locks somebody out tomorrow.

use holdfast_format::keyfile::KeyFile;
use holdfast_format::{Error, FileType, Id, Result};
use holdfast_repo::{Repository, lock};

use crate::outcome::{Problem, ProblemKind};
use crate::report::Report;

/// Looks at every key and every lock.
pub fn look(repository: &Repository, report: &Report<'_>) -> Result<()> {
    for key in repository.backend().list(FileType::Key)? {
        let read = repository.load_raw(FileType::Key, &key.id).and_then(|json| KeyFile::parse(&json));
        if let Err(error) = read {
            report.add(problem(ProblemKind::Key, FileType::Key, &key.id, &error));
        }
    }
    for (id, lock) in lock::list(repository)? {
        match lock {
            Ok(_) | Err(Error::Missing { .. }) => {}
            Err(error) => report.add(problem(ProblemKind::Lock, FileType::Lock, &id, &error)),
        }
    }
    Ok(())
}

fn problem(kind: ProblemKind, file: FileType, id: &Id, error: &Error) -> Problem {
    Problem::error(kind, format!("{file} {id}"), error.to_string())
}
