//! Owner, extended attributes, times and mode, in the order in which the kernel does not undo them.

use std::fmt::Display;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use holdfast_format::node::Xattr;
use rustix::fs::{AtFlags, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;

use crate::entry::{Metadata, Time};
use crate::selection::Selection;

/// What a step could not do.
pub type Failure = (&'static str, Errno);

/// Sets metadata the way the options want it.
pub struct Setter<'a> {
    /// Which extended attributes.
    pub xattrs: &'a Selection,
    /// Only root may give files away: others are not told what they may not do.
    pub is_root: bool,
}

/// An entry whose metadata is set.
enum Object<'a> {
    /// A regular file or a folder that is open.
    Open(BorrowedFd<'a>),
    /// A link, a device or a pipe: reached by a descriptor that opens nothing, and by the name of that descriptor.
    Named { descriptor: OwnedFd, folder: BorrowedFd<'a>, name: &'a [u8], is_link: bool },
}

impl Setter<'_> {
    /// Of an open file or folder.
    pub fn set_open(&self, file: BorrowedFd<'_>, metadata: &Metadata) -> Result<(), Failure> {
        self.set(&Object::Open(file), metadata)
    }

    /// Of what must not be opened.
    pub fn set_named(
        &self,
        folder: BorrowedFd<'_>,
        name: &[u8],
        metadata: &Metadata,
        is_link: bool,
    ) -> Result<(), Failure> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(folder, name, flags, Mode::empty());
        let descriptor = opened.map_err(|error| ("open", error))?;
        self.set(&Object::Named { descriptor, folder, name, is_link }, metadata)
    }

    /// Every step is tried; the first failure that counts comes back.
    fn set(&self, object: &Object<'_>, metadata: &Metadata) -> Result<(), Failure> {
        let owner = self.judge("set the owner of", object.chown(metadata.uid, metadata.gid));
        let xattrs = self.judge("set the extended attributes of", self.set_xattrs(object, &metadata.xattrs));
        let times = self.judge("set the times of", object.touch(metadata.atime, metadata.mtime));
        let mode = self.judge("set the mode of", object.chmod(metadata.mode));
        owner.and(xattrs).and(times).and(mode)
    }

    fn judge(&self, step: &'static str, done: Result<(), Errno>) -> Result<(), Failure> {
        match done {
            Err(Errno::PERM | Errno::ACCESS) if !self.is_root => Ok(()),
            other => other.map_err(|error| (step, error)),
        }
    }

    fn set_xattrs(&self, object: &Object<'_>, wanted: &[Xattr]) -> Result<(), Errno> {
        let chosen = |name: &[u8]| self.xattrs.judge(name, false).itself;
        let wanted = || wanted.iter().filter(|xattr| chosen(xattr.name.as_bytes()));
        for xattr in wanted() {
            supported(object.set_xattr(xattr.name.as_bytes(), xattr.value.as_deref().unwrap_or_default()))?;
        }
        let there = object.list_xattrs()?;
        let names = there.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        for name in names.filter(|name| chosen(name) && !wanted().any(|xattr| xattr.name.as_bytes() == *name))
        {
            supported(object.remove_xattr(name))?;
        }
        Ok(())
    }
}

/// A file system without extended attributes is not an error, as in restic.
fn supported(done: Result<(), Errno>) -> Result<(), Errno> {
    match done {
        Err(Errno::NOTSUP | Errno::NODATA) => Ok(()),
        other => other,
    }
}

impl Object<'_> {
    fn chown(&self, uid: u32, gid: u32) -> Result<(), Errno> {
        // The highest number means "leave it" to the kernel: `from_raw` refuses it.
        let (uid, gid) = (Some(Uid::from_raw_unchecked(uid)), Some(Gid::from_raw_unchecked(gid)));
        match self {
            Self::Open(file) => rustix::fs::fchown(file, uid, gid),
            Self::Named { descriptor, .. } => {
                rustix::fs::chownat(descriptor, c"", uid, gid, AtFlags::EMPTY_PATH)
            }
        }
    }

    fn touch(&self, atime: Time, mtime: Time) -> Result<(), Errno> {
        let spec = |(tv_sec, nanos): Time| Timespec { tv_sec, tv_nsec: nanos.into() };
        let times = Timestamps { last_access: spec(atime), last_modification: spec(mtime) };
        match self {
            Self::Open(file) => rustix::fs::futimens(file, &times),
            Self::Named { folder, name, .. } => {
                rustix::fs::utimensat(folder, *name, &times, AtFlags::SYMLINK_NOFOLLOW)
            }
        }
    }

    fn chmod(&self, mode: u32) -> Result<(), Errno> {
        let mode = Mode::from_raw_mode(mode);
        match self {
            Self::Open(file) => rustix::fs::fchmod(file, mode),
            Self::Named { is_link: true, .. } => Ok(()),
            Self::Named { descriptor, .. } => rustix::fs::chmod(magic(descriptor), mode),
        }
    }

    fn set_xattr(&self, name: &[u8], value: &[u8]) -> Result<(), Errno> {
        match self {
            Self::Open(file) => rustix::fs::fsetxattr(file, name, value, XattrFlags::empty()),
            Self::Named { descriptor, .. } => {
                rustix::fs::setxattr(magic(descriptor), name, value, XattrFlags::empty())
            }
        }
    }

    fn remove_xattr(&self, name: &[u8]) -> Result<(), Errno> {
        match self {
            Self::Open(file) => rustix::fs::fremovexattr(file, name),
            Self::Named { descriptor, .. } => rustix::fs::removexattr(magic(descriptor), name),
        }
    }

    /// Names, each ended by a zero; nothing where there cannot be any.
    fn list_xattrs(&self) -> Result<Vec<u8>, Errno> {
        let mut small = [0u8; 1024];
        match self.list_into(&mut small) {
            Ok(length) => Ok(small[..length].to_vec()),
            Err(Errno::NOTSUP | Errno::NODATA) => Ok(Vec::new()),
            Err(Errno::RANGE) => {
                let mut all = vec![0; 64 << 10]; // The kernel's own limit.
                let length = self.list_into(&mut all)?;
                all.truncate(length);
                Ok(all)
            }
            Err(other) => Err(other),
        }
    }

    fn list_into(&self, names: &mut [u8]) -> Result<usize, Errno> {
        match self {
            Self::Open(file) => rustix::fs::flistxattr(file, names),
            Self::Named { descriptor, .. } => rustix::fs::listxattr(magic(descriptor), names),
        }
    }
}

/// The name under which the kernel knows a descriptor: calls that take only names reach exactly what it stands for.
fn magic(descriptor: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", descriptor.as_raw_fd())
}

/// A failure for people: what could not be done to what, why, and what to do where that is plain.
pub fn explain((step, error): Failure, path: impl Display) -> String {
    let remedy = match error {
        Errno::NOSPC | Errno::DQUOT => "; make room and restore again",
        _ => "",
    };
    format!("cannot {step} {path}: {}{remedy}", std::io::Error::from(error))
}
