//! Folders whose entries are all restored: what does not belong there goes, then they get their metadata.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use holdfast_format::Result;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::folder::{Folder, Folders};
use crate::metadata::{Failure, explain};
use crate::progress::Action;
use crate::remove::each_below;
use crate::run::Run;

/// Names in a folder of the target that the snapshot does not have.
pub struct Unexpected {
    pub folder: Arc<Folder>,
    pub names: Vec<Vec<u8>>,
}

/// Leaves every folder, the innermost first, but not those on the way to `open`.
pub fn folders(
    run: &Run<'_>,
    folders: &mut Vec<Arc<Folder>>,
    unexpected: &mut Vec<Unexpected>,
    open: Option<&Arc<Folder>>,
) -> Result<()> {
    let way: Vec<&Arc<Folder>> = std::iter::successors(open, |folder| folder.parent.as_ref()).collect();
    let stays = |folder: &Arc<Folder>| way.iter().any(|open| Arc::ptr_eq(open, folder));
    let mut descriptors = run.folders();
    for here in unexpected.extract_if(.., |here| !stays(&here.folder)) {
        run.check()?;
        remove_unexpected(run, &mut descriptors, &here);
    }
    let left: Vec<_> = folders.extract_if(.., |folder| !stays(folder)).collect();
    for folder in left.iter().rev() {
        run.check()?;
        leave(run, &mut descriptors, folder);
    }
    Ok(())
}

fn leave(run: &Run<'_>, folders: &mut Folders<'_>, folder: &Arc<Folder>) {
    let (Some(_), Some(parent)) = (folder.made(), &folder.parent) else { return };
    if !run.options.dry_run
        && let Err(failure) = set_metadata(run, folders, parent, folder)
    {
        let path = folder.path();
        return run.error(&path, explain(failure, run.on_disk(&path)));
    }
    run.restored(Action::DirRestored, || folder.path(), 0);
}

fn set_metadata(
    run: &Run<'_>,
    folders: &mut Folders<'_>,
    parent: &Arc<Folder>,
    folder: &Folder,
) -> Result<(), Failure> {
    let parent = folders.open(parent).map_err(|error| ("open the folder of", error))?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(parent, &*folder.name, flags, Mode::empty()) {
        Ok(open) => run.setter().set_open(std::os::fd::AsFd::as_fd(&open), &folder.metadata),
        Err(Errno::ACCESS) => run.setter().set_named(parent, &folder.name, &folder.metadata, false),
        Err(other) => Err(("open", other)),
    }
}

/// Not in a folder that nothing was restored into, and nowhere once the snapshot has proven to be damaged.
fn remove_unexpected(run: &Run<'_>, folders: &mut Folders<'_>, here: &Unexpected) {
    if here.folder.made().is_none() {
        return;
    }
    for name in &here.names {
        if run.no_removal.load(Ordering::Relaxed) {
            return;
        }
        let path = here.folder.path();
        let mut removed = Vec::new();
        let done = folders.open(&here.folder).and_then(|folder| {
            each_below(folder, name, !run.options.dry_run, &mut |below| removed.push(below.to_vec()))
        });
        for below in removed {
            run.deleted(run.disk_path(&here.folder.path_of(&below)));
        }
        if let Err(error) = done {
            let there = run.on_disk(&here.folder.path_of(name));
            run.error(&path, explain(("remove", error), there));
        }
    }
}
