//! Folders of the target, opened from the target down without ever following a symbolic link.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, OnceLock};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::entry::Metadata;

/// How a folder's descriptor is opened: good for reaching what is in it, for nothing else.
const REACH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Descriptors that a thread keeps.
const KEPT: usize = 16;

/// A folder of the snapshot and of the target.
#[derive(Debug)]
pub struct Folder {
    /// `None`: the target itself.
    pub parent: Option<Arc<Folder>>,
    pub name: Box<[u8]>,
    pub metadata: Metadata,
    /// It is selected itself, not only on the way to something that is.
    pub selected: bool,
    made: OnceLock<Result<Made, Errno>>,
}

/// How the folder in the target came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Made {
    /// It is new: nothing is in it but what this restore made.
    Now,
    /// It was there.
    Before,
}

impl Folder {
    /// The target, which is there (or, in a dry run, may not be).
    pub fn target(made: Made) -> Arc<Self> {
        let folder = Self::new(None, b"", Metadata::default(), true);
        folder.made.get_or_init(|| Ok(made));
        Arc::new(folder)
    }

    /// One that may have to be made.
    pub fn below(parent: &Arc<Self>, name: &[u8], metadata: Metadata, selected: bool) -> Arc<Self> {
        Arc::new(Self::new(Some(Arc::clone(parent)), name, metadata, selected))
    }

    fn new(parent: Option<Arc<Self>>, name: &[u8], metadata: Metadata, selected: bool) -> Self {
        Self { parent, name: name.into(), metadata, selected, made: OnceLock::new() }
    }

    /// Inside the snapshot; `/` for the target.
    pub fn path(&self) -> Vec<u8> {
        match &self.parent {
            Some(parent) => parent.path_of(&self.name),
            None => vec![b'/'],
        }
    }

    /// Of an entry in it.
    pub fn path_of(&self, name: &[u8]) -> Vec<u8> {
        let mut path = if self.parent.is_some() { self.path() } else { Vec::new() };
        path.push(b'/');
        path.extend_from_slice(name);
        path
    }

    /// Whether it was made (or found), so that its metadata is set in the end.
    pub fn made(&self) -> Option<Made> {
        self.made.get().and_then(|made| made.ok())
    }

    /// Whether nothing can be in it that this restore did not make.
    pub fn is_new(&self) -> bool {
        self.made() == Some(Made::Now)
    }
}

/// The folders of one target as one thread has them open.
pub struct Folders<'a> {
    target: Option<BorrowedFd<'a>>,
    /// The last used one is last.
    open: Vec<(Arc<Folder>, OwnedFd)>,
}

impl<'a> Folders<'a> {
    /// Below a target; `None` when a dry run has none.
    pub fn new(target: Option<BorrowedFd<'a>>) -> Self {
        Self { target, open: Vec::with_capacity(KEPT) }
    }

    /// The folder's descriptor; `NOENT` when it is not there.
    pub fn open(&mut self, folder: &Arc<Folder>) -> Result<BorrowedFd<'_>, Errno> {
        let Some(parent) = &folder.parent else {
            return self.target.ok_or(Errno::NOENT);
        };
        if let Some(at) = self.open.iter().rposition(|(open, _)| Arc::ptr_eq(open, folder)) {
            let last = self.open.len() - 1;
            self.open[at..=last].rotate_left(1);
        } else {
            let descriptor = rustix::fs::openat(self.open(parent)?, &*folder.name, REACH, Mode::empty())?;
            self.keep(folder, descriptor);
        }
        Ok(self.open[self.open.len() - 1].1.as_fd())
    }

    fn keep(&mut self, folder: &Arc<Folder>, descriptor: OwnedFd) {
        if self.open.len() == KEPT {
            self.open.remove(0);
        }
        self.open.push((Arc::clone(folder), descriptor));
    }

    /// Makes a folder and those above it, once; what is there and no folder gives way. In a dry run it only looks.
    pub fn ensure(&mut self, folder: &Arc<Folder>, dry_run: bool) -> Result<Made, Errno> {
        if let Some(made) = folder.made.get() {
            return *made;
        }
        let made = self.make(folder, dry_run);
        *folder.made.get_or_init(|| made)
    }

    fn make(&mut self, folder: &Arc<Folder>, dry_run: bool) -> Result<Made, Errno> {
        let Some(parent) = &folder.parent else { return Ok(Made::Before) };
        let above = self.ensure(parent, dry_run)?;
        if dry_run {
            let there = above == Made::Before && self.open(folder).is_ok();
            return Ok(if there { Made::Before } else { Made::Now });
        }
        make_in(self.open(parent)?, &folder.name)
    }
}

fn make_in(parent: BorrowedFd<'_>, name: &[u8]) -> Result<Made, Errno> {
    match rustix::fs::mkdirat(parent, name, Mode::RWXU) {
        Ok(()) => return Ok(Made::Now),
        Err(Errno::EXIST) => {}
        Err(other) => return Err(other),
    }
    let there = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(there.st_mode) == FileType::Directory {
        return Ok(Made::Before);
    }
    rustix::fs::unlinkat(parent, name, AtFlags::empty())?;
    rustix::fs::mkdirat(parent, name, Mode::RWXU)?;
    Ok(Made::Now)
}

/// Opens the target; symbolic links on the way to it are the user's and are followed.
pub fn open_target(path: &std::path::Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, path, flags, Mode::empty())
}
