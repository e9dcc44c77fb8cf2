//! Snapshots onto a file system, and files and folders of snapshots as bytes or archives.
//!
//! A restore is planned by pack: trees are walked, a batch of entries is collected, their blobs are sorted by where they
//! lie, and each range is read once, decoded by all cores and written where it belongs. Nothing is written that was not
//! authenticated and hashed. The target is never left: folders are opened one by one and symbolic links are not followed.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use holdfast_backend::Cancel;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::{Lock, Repository, trees};

mod batch;
mod collect;
mod content;
pub mod dump;
mod entry;
mod files;
mod folder;
mod leave;
mod look;
mod metadata;
mod owner;
mod parallel;
mod pieces;
pub mod progress;
pub mod reader;
mod remove;
mod run;
mod selection;
mod special;
#[cfg(test)]
mod tests;
mod verify;
mod work;

pub use progress::{Action, Counters, Item, Watcher};
pub use reader::FileReader;
pub use selection::{Selected, Selection};

/// What happens to entries that are in the target already.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Overwrite {
    /// They become what the snapshot has; contents that are right already are not written again.
    #[default]
    Always,
    /// The same, but a file of the same size and modification time is believed to be right.
    IfChanged,
    /// They stay unless the snapshot has a later modification time.
    IfNewer,
    /// They stay.
    Never,
}

/// How a snapshot is restored.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct RestoreOptions {
    /// Which entries.
    pub selection: Selection,
    /// What happens to entries that are there.
    pub overwrite: Overwrite,
    /// Remove selected entries of the target that are not in the snapshot.
    pub delete: bool,
    /// Leave holes in files where there are only zeros.
    pub sparse: bool,
    /// Change nothing, but count and tell.
    pub dry_run: bool,
    /// Owners by name, as this machine numbers them (unknown names become root); else by number.
    pub ownership_by_name: bool,
    /// Which extended attributes, by name.
    pub xattrs: Selection,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What could not be restored (the watcher was told each); above 0 is exit code 1.
    pub errors: u64,
    /// Files whose contents were written, by their place in the walk: what `verify` looks at.
    pub restored: Vec<u64>,
}

/// A restore: from where, to where, how, and who is told.
#[derive(Clone, Copy)]
pub struct Restore<'a> {
    /// The index must be loaded.
    pub repository: &'a Arc<Repository>,
    /// Confirmed before anything but trees is read and before anything is written.
    pub lock: Option<&'a Lock>,
    /// Of the snapshot, or a folder in it.
    pub tree: &'a Id,
    /// A folder; made if it is not there.
    pub target: &'a Path,
    /// How.
    pub options: &'a RestoreOptions,
    /// What is counted.
    pub counters: &'a Counters,
    /// Who is told.
    pub watcher: &'a dyn Watcher,
    /// Stops it between two blobs: what is restored stays, a file that is not whole keeps its temporary mode and time.
    pub cancel: &'a Cancel,
}

impl Restore<'_> {
    /// Restores. What fails is told to the watcher and the rest goes on. A file that lacks blobs is left as
    /// `NAME.incomplete`.
    pub fn run(&self) -> Result<Outcome> {
        refuse(self.target, self.options)?;
        let before = self.counters.errors.load(Ordering::Relaxed);
        let restored = self.walk(self.options, self.counters, None)?;
        Ok(Outcome { errors: self.counters.errors.load(Ordering::Relaxed) - before, restored })
    }

    /// Reads what `run` restored, when that had no errors, and compares; gives how many files are right. Differences are
    /// told to the watcher and counted as errors.
    pub fn verify(&self, outcome: &Outcome) -> Result<u64> {
        let options = RestoreOptions { dry_run: true, delete: false, ..self.options.clone() };
        let counters = Counters::default();
        Counters::add(&self.counters.files_to_verify, outcome.restored.len() as u64);
        let verified = run::Verified { files: &outcome.restored, counters: self.counters };
        let right = self.walk(&options, &counters, Some(verified))?;
        Counters::add(&self.counters.errors, counters.errors.load(Ordering::Relaxed));
        Ok(right.len() as u64)
    }

    fn walk(
        &self,
        options: &RestoreOptions,
        counters: &Counters,
        verified: Option<run::Verified<'_>>,
    ) -> Result<Vec<u64>> {
        self.repository.check_process()?;
        let absolute = std::path::absolute(self.target).map_err(|error| local(self.target, error))?;
        let run = run::Run {
            repository: self.repository,
            lock: self.lock,
            options,
            target_path: absolute.as_os_str().as_bytes(),
            target: open_target(self.target, options.dry_run)?,
            counters,
            watcher: self.watcher,
            cancel: self.cancel,
            threads: trees::cores().max(self.repository.backend().connections()),
            owners: options.ownership_by_name.then(owner::Owners::of_this_machine),
            is_root: rustix::process::geteuid().is_root(),
            no_removal: AtomicBool::new(false),
            verified,
        };
        collect::Collector::new(&run).restore(*self.tree)
    }
}

fn refuse(target: &Path, options: &RestoreOptions) -> Result<()> {
    let is_root = std::fs::canonicalize(target).is_ok_and(|path| path == Path::new("/"));
    if options.delete && is_root && options.selection.is_all() {
        return Err(Error::refused(
            "'--target / --delete' must be combined with an include or exclude filter: it would remove everything on \
             this machine that is not in the snapshot",
        ));
    }
    Ok(())
}

fn open_target(target: &Path, dry_run: bool) -> Result<Option<std::os::fd::OwnedFd>> {
    if !dry_run {
        let mut make = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(make.recursive(true), 0o700);
        make.create(target).map_err(|error| no_target(target, error))?;
    }
    match folder::open_target(target) {
        Ok(open) => Ok(Some(open)),
        Err(rustix::io::Errno::NOENT) if dry_run => Ok(None),
        Err(error) => Err(no_target(target, error.into())),
    }
}

fn no_target(target: &Path, error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::AlreadyExists | std::io::ErrorKind::NotADirectory => Error::refused(format!(
            "cannot create target directory: {} is not a folder; name another one with --target",
            target.display()
        )),
        _ => local(target, error),
    }
}

fn local(path: &Path, error: std::io::Error) -> Error {
    Error::local(path.as_os_str().as_bytes(), error)
}
