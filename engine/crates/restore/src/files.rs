//! Files of a batch while their blobs arrive, from any thread and in any order.
//!
//! A file gets its metadata when its last blob is written. One that lacks a blob must not pass for whole: it keeps a name
//! of its own, `NAME.incomplete`, with holes where the missing blobs belong, and no time of the snapshot.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use parking_lot::Mutex;
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::entry::{Entry, What};
use crate::folder::Folders;
use crate::metadata::explain;
use crate::progress::{Action, Counters};
use crate::remove::remove;
use crate::run::Run;

/// Files of several blobs that are kept open.
const OPEN: usize = 64;
/// Bytes that become a hole together.
const BLOCK: usize = 4096;
/// Longest name of a file system.
const NAME_MAX: usize = 255;

/// A file's own state; nothing for other entries.
#[derive(Debug, Default)]
pub struct Progress {
    /// Its contents are to be restored.
    wanted: AtomicBool,
    /// Changed in place; else made new.
    update: AtomicBool,
    /// It is open or was: what is there now is ours.
    begun: AtomicBool,
    /// Pieces that have not been written (or given up).
    missing: AtomicU32,
}

impl Progress {
    pub fn want(&self, update: bool) {
        self.update.store(update, Ordering::Relaxed);
        self.wanted.store(true, Ordering::Relaxed);
    }

    pub fn refuse(&self) {
        self.wanted.store(false, Ordering::Relaxed);
    }

    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    pub fn expect(&self, pieces: u32) {
        self.missing.store(pieces, Ordering::Release);
    }

    pub fn is_complete(&self) -> bool {
        self.missing.load(Ordering::Acquire) == 0
    }

    pub fn action(&self) -> Action {
        if self.updates() { Action::FileUpdated } else { Action::FileRestored }
    }

    fn updates(&self) -> bool {
        self.update.load(Ordering::Relaxed)
    }

    fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }
}

/// What went wrong with a file.
struct Loss {
    first: String,
    blobs: u32,
}

/// All files of a batch.
pub struct Files<'a> {
    run: &'a Run<'a>,
    entries: &'a [Entry],
    progress: &'a [Progress],
    open: Mutex<HashMap<u32, Arc<File>>>,
    losses: Mutex<HashMap<u32, Loss>>,
}

impl<'a> Files<'a> {
    pub fn new(run: &'a Run<'a>, entries: &'a [Entry], progress: &'a [Progress]) -> Self {
        Self { run, entries, progress, open: Mutex::default(), losses: Mutex::default() }
    }

    /// Writes a blob, or notes why it is not there.
    pub fn put(&self, folders: &mut Folders<'_>, number: u32, at: u64, blob: Result<&[u8], &str>) {
        let written = blob.map_err(str::to_owned).and_then(|bytes| self.write(folders, number, at, bytes));
        let file = written.map_err(|error| self.lose(number, error)).ok();
        if self.progress[number as usize].missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.finish(folders, number, file);
        }
    }

    fn write(
        &self,
        folders: &mut Folders<'_>,
        number: u32,
        at: u64,
        bytes: &[u8],
    ) -> Result<Arc<File>, String> {
        let failed = |error: io::Error| {
            let error = Errno::from_io_error(&error).unwrap_or(Errno::IO);
            explain(("write", error), self.run.on_disk(&self.entries[number as usize].path()))
        };
        let file = self.file(folders, number).map_err(|error| failed(error.into()))?;
        if self.run.options.sparse && !self.progress[number as usize].updates() {
            write_sparse(&file, bytes, at).map_err(failed)?;
        } else {
            file.write_all_at(bytes, at).map_err(failed)?;
        }
        Counters::add(&self.run.counters.bytes_restored, bytes.len() as u64);
        Ok(file)
    }

    /// The open file. One of a single blob is not kept.
    fn file(&self, folders: &mut Folders<'_>, number: u32) -> Result<Arc<File>, Errno> {
        let progress = &self.progress[number as usize];
        if progress.missing.load(Ordering::Acquire) == 1 && !progress.has_begun() {
            return self.begin(folders, number).map(Arc::new);
        }
        let mut open = self.open.lock();
        if let Some(file) = open.get(&number) {
            return Ok(Arc::clone(file));
        }
        let file =
            if progress.has_begun() { self.again(folders, number) } else { self.begin(folders, number) };
        let file = Arc::new(file?);
        if open.len() >= OPEN
            && let Some(any) = open.keys().next().copied()
        {
            open.remove(&any);
        }
        open.insert(number, Arc::clone(&file));
        Ok(file)
    }

    /// Restores a file that lacks no blob: an empty one, or one whose length alone is wrong.
    pub fn make_without_blobs(&self, folders: &mut Folders<'_>, number: u32) -> Result<(), String> {
        let path = || self.run.on_disk(&self.entries[number as usize].path());
        let file = self.begin(folders, number).map_err(|error| explain(("write", error), path()))?;
        self.complete(number, file.as_fd());
        Ok(())
    }

    /// Makes the file, or opens what is changed in place.
    fn begin(&self, folders: &mut Folders<'_>, number: u32) -> Result<File, Errno> {
        let (entry, progress) = (&self.entries[number as usize], &self.progress[number as usize]);
        let folder = folders.open(&entry.folder)?;
        let file = if progress.updates() {
            open_writable(folder, &entry.name)?
        } else {
            create(folder, &entry.name, self.run.options.delete)?
        };
        progress.begun.store(true, Ordering::Release);
        if progress.updates() || self.run.options.sparse {
            rustix::fs::ftruncate(&file, size(entry))?;
        }
        Ok(file)
    }

    fn again(&self, folders: &mut Folders<'_>, number: u32) -> Result<File, Errno> {
        let entry = &self.entries[number as usize];
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(folders.open(&entry.folder)?, &*entry.name, flags, Mode::empty())?;
        Ok(file.into())
    }

    fn lose(&self, number: u32, error: String) {
        let mut losses = self.losses.lock();
        losses.entry(number).or_insert(Loss { first: error, blobs: 0 }).blobs += 1;
    }

    /// All blobs were dealt with.
    fn finish(&self, folders: &mut Folders<'_>, number: u32, file: Option<Arc<File>>) {
        let kept = self.open.lock().remove(&number);
        let loss = self.losses.lock().remove(&number);
        match (loss, file.or(kept)) {
            (Some(loss), _) => self.give_up(folders, number, &loss),
            (None, Some(file)) => self.complete(number, file.as_fd()),
            (None, None) => {}
        }
    }

    /// Contents are right: sets the metadata and says so.
    fn complete(&self, number: u32, file: BorrowedFd<'_>) {
        let entry = &self.entries[number as usize];
        self.run.restored(self.progress[number as usize].action(), || entry.path(), size(entry));
        if let Err(error) = self.run.set_open(entry, file) {
            self.run.error(&entry.path(), error);
        }
    }

    fn give_up(&self, folders: &mut Folders<'_>, number: u32, loss: &Loss) {
        let entry = &self.entries[number as usize];
        let progress = &self.progress[number as usize];
        let left = if progress.has_begun() {
            set_aside(folders, entry)
        } else if progress.updates() {
            "the file that is there was left as it is".into()
        } else {
            "nothing of it was written".into()
        };
        self.run.error(&entry.path(), format!("{}; {} of its blobs failed, {left}", loss.first, loss.blobs));
    }
}

/// Bytes of a file.
pub fn size(entry: &Entry) -> u64 {
    if let What::File { size, .. } = entry.what { size } else { 0 }
}

/// A new file; what is there gives way, a folder with everything in it only if `recursive`.
fn create(folder: BorrowedFd<'_>, name: &[u8], recursive: bool) -> Result<File, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let make = || rustix::fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR).map(File::from);
    match make() {
        Err(Errno::EXIST) => {
            remove(folder, name, recursive)?;
            make()
        }
        other => other,
    }
}

/// An existing file for writing, made writable for its owner if it must be.
fn open_writable(folder: BorrowedFd<'_>, name: &[u8]) -> Result<File, Errno> {
    let open = |access: OFlags| {
        let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        rustix::fs::openat(folder, name, flags, Mode::empty())
    };
    match open(OFlags::WRONLY) {
        Err(Errno::ACCESS) => {
            rustix::fs::fchmod(open(OFlags::RDONLY)?, Mode::RUSR | Mode::WUSR)?;
            open(OFlags::WRONLY).map(File::from)
        }
        other => other.map(File::from),
    }
}

/// Gives an incomplete file another name (or removes it, when it can have none); says which.
fn set_aside(folders: &mut Folders<'_>, entry: &Entry) -> String {
    let Ok(folder) = folders.open(&entry.folder) else { return "what is there of it is incomplete".into() };
    for number in 0..10 {
        let aside = aside(&entry.name, number);
        match rustix::fs::renameat_with(folder, &*entry.name, folder, &aside, RenameFlags::NOREPLACE) {
            Ok(()) => return format!("the others are in {} with zeros between them", aside.escape_ascii()),
            Err(Errno::EXIST) => {}
            Err(_) => break,
        }
    }
    match rustix::fs::unlinkat(folder, &*entry.name, AtFlags::empty()) {
        Ok(()) => "the others were removed".into(),
        Err(_) => "what is there of it is incomplete".into(),
    }
}

fn aside(name: &[u8], number: u32) -> Vec<u8> {
    let ending = if number == 0 { ".incomplete".into() } else { format!(".incomplete-{number}") };
    let kept = name.len().min(NAME_MAX - ending.len());
    [&name[..kept], ending.as_bytes()].concat()
}

/// Writes only what is not zero, by blocks of the file; the file has its full size already.
fn write_sparse(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    let mut from = 0;
    while from < bytes.len() {
        let zeros = run_of(bytes, from, at, true);
        let data = run_of(bytes, zeros, at, false);
        file.write_all_at(&bytes[zeros..data], at + zeros as u64)?;
        from = data;
    }
    Ok(())
}

/// Where the run of blocks that are all zero (or are not) ends that begins at `from`.
fn run_of(bytes: &[u8], mut from: usize, at: u64, zero: bool) -> usize {
    while from < bytes.len() {
        let inside = ((at + from as u64) % BLOCK as u64) as usize;
        let end = bytes.len().min(from + BLOCK - inside);
        if bytes[from..end].iter().all(|byte| *byte == 0) != zero {
            break;
        }
        from = end;
    }
    from
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sparse_writing_writes_the_same(
            parts in prop::collection::vec((any::<bool>(), 1usize..9000), 0..6), at in 0u64..9000,
        ) {
            let bytes: Vec<u8> = parts.iter().flat_map(|(zero, length)| vec![u8::from(!zero); *length]).collect();
            let file = tempfile::tempfile().unwrap();
            file.set_len(at + bytes.len() as u64).unwrap();
            write_sparse(&file, &bytes, at).unwrap();
            let mut read = vec![9; bytes.len()];
            file.read_exact_at(&mut read, at).unwrap();
            prop_assert_eq!(read, bytes);
        }
    }

    #[test]
    fn an_incomplete_name_fits_the_file_system() {
        assert_eq!(aside(b"a.img", 0), b"a.img.incomplete");
        assert_eq!(aside(&[b'a'; 255], 3).len(), 255);
    }
}
