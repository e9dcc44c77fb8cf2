//! Symbolic links, devices, pipes and further names of files.

use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, FileType, Mode};
use rustix::io::Errno;

use crate::entry::{Entry, Place, What};
use crate::folder::Folders;
use crate::look;
use crate::metadata::explain;
use crate::progress::Action;
use crate::remove::remove;
use crate::run::Run;

/// Makes an entry that has no contents, and sets its metadata.
pub fn restore(run: &Run<'_>, folders: &mut Folders<'_>, entry: &Entry) -> Result<(), String> {
    if settled(run, folders, entry)? {
        return Ok(());
    }
    let failed = |step| move |error| explain((step, error), run.on_disk(&entry.path()));
    let folder = folders.open(&entry.folder).map_err(failed("open the folder of"))?;
    remove(folder, &entry.name, run.options.delete).map_err(failed("replace"))?;
    make(folder, entry).map_err(failed("make"))?;
    run.restored(Action::OtherRestored, || entry.path(), 0);
    set_metadata(run, folder, entry)
}

/// Gives a file that was restored before another name.
pub fn link(run: &Run<'_>, folders: &mut Folders<'_>, entry: &Entry, first: &Place) -> Result<(), String> {
    if settled(run, folders, entry)? {
        return Ok(());
    }
    let failed = |step| move |error| explain((step, error), run.on_disk(&entry.path()));
    let mut others = run.folders();
    let folder = folders.open(&entry.folder).map_err(failed("open the folder of"))?;
    let from = others.open(&first.folder).map_err(failed("open the first name of"))?;
    connect(run, from, &first.name, folder, &entry.name).map_err(|error| {
        let first = run.on_disk(&first.folder.path_of(&first.name));
        failed("make")(error) + &format!(" (another name of {first})")
    })?;
    run.restored(Action::OtherRestored, || entry.path(), 0);
    set_metadata(run, folder, entry)
}

/// Counts an entry; whether that is all, because what is there stays or because nothing is to be changed.
fn settled(run: &Run<'_>, folders: &mut Folders<'_>, entry: &Entry) -> Result<bool, String> {
    run.counters.expect(0);
    let stays = stays(run, folders, entry);
    if stays.map_err(|error| explain(("look at", error), run.on_disk(&entry.path())))? {
        run.skipped(|| entry.path(), 0);
        return Ok(true);
    }
    if run.options.dry_run {
        run.restored(Action::OtherRestored, || entry.path(), 0);
    }
    Ok(run.options.dry_run)
}

fn stays(run: &Run<'_>, folders: &mut Folders<'_>, entry: &Entry) -> Result<bool, Errno> {
    if entry.folder.is_new() {
        return Ok(false);
    }
    let there = match folders.open(&entry.folder) {
        Err(Errno::NOENT) => None,
        folder => look::at(folder?, &entry.name)?,
    };
    Ok(there.is_some_and(|there| look::stays(run.options.overwrite, &there, entry.metadata.mtime)))
}

/// Nothing is done when both names are one file already.
fn connect(
    run: &Run<'_>,
    from: BorrowedFd<'_>,
    first: &[u8],
    folder: BorrowedFd<'_>,
    name: &[u8],
) -> Result<(), Errno> {
    let original = look::at(from, first)?.ok_or(Errno::NOENT)?;
    if let Some(there) = look::at(folder, name)? {
        if (there.st_dev, there.st_ino) == (original.st_dev, original.st_ino) {
            return Ok(());
        }
        remove(folder, name, run.options.delete)?;
    }
    rustix::fs::linkat(from, first, folder, name, AtFlags::empty())
}

fn make(folder: BorrowedFd<'_>, entry: &Entry) -> Result<(), Errno> {
    let node =
        |kind, device| rustix::fs::mknodat(folder, &*entry.name, kind, Mode::RUSR | Mode::WUSR, device);
    match &entry.what {
        What::Symlink(target) => rustix::fs::symlinkat(&**target, folder, &*entry.name),
        What::Block(device) => node(FileType::BlockDevice, *device),
        What::Char(device) => node(FileType::CharacterDevice, *device),
        What::Fifo => node(FileType::Fifo, 0),
        What::File { .. } | What::Link(_) => Ok(()),
    }
}

fn set_metadata(run: &Run<'_>, folder: BorrowedFd<'_>, entry: &Entry) -> Result<(), String> {
    let is_link = matches!(entry.what, What::Symlink(_));
    let set = run.setter().set_named(folder, &entry.name, &entry.metadata, is_link);
    set.map_err(|failure| explain(failure, run.on_disk(&entry.path())))
}
