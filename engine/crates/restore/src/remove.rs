//! Removing what is in the way, never through a symbolic link.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Dir, Mode, OFlags};
use rustix::io::Errno;

/// Opens a folder for listing it.
const LIST: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Removes an entry; a folder that is not empty only if `recursive`. Fine when it is not there.
pub fn remove(folder: BorrowedFd<'_>, name: &[u8], recursive: bool) -> Result<(), Errno> {
    match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(Errno::ISDIR | Errno::PERM) if recursive => each_below(folder, name, true, &mut |_| {}),
        Err(Errno::ISDIR) => rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR),
        Err(other) => Err(other),
    }
}

/// Names in a folder, without `.` and `..`.
pub fn names(folder: BorrowedFd<'_>, name: &[u8]) -> Result<Vec<Vec<u8>>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::new(rustix::fs::openat(folder, name, LIST, Mode::empty())?)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.to_vec());
        }
    }
    Ok(names)
}

/// Removes an entry with everything in it (or, if not `really`, only looks); tells each path relative to `folder`, the
/// innermost first.
pub fn each_below(
    folder: BorrowedFd<'_>,
    name: &[u8],
    really: bool,
    tell: &mut dyn FnMut(&[u8]),
) -> Result<(), Errno> {
    descend(folder, name, really, &mut Vec::new(), tell)
}

fn descend(
    folder: BorrowedFd<'_>,
    name: &[u8],
    really: bool,
    path: &mut Vec<u8>,
    tell: &mut dyn FnMut(&[u8]),
) -> Result<(), Errno> {
    let before = path.len();
    if before > 0 {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    let done = match rustix::fs::openat(folder, name, LIST, Mode::empty()) {
        Ok(inner) => inside(folder, name, inner.as_fd(), really, path, tell),
        Err(Errno::NOTDIR | Errno::LOOP | Errno::NXIO) if !really => Ok(()),
        Err(Errno::NOTDIR | Errno::LOOP | Errno::NXIO) => {
            rustix::fs::unlinkat(folder, name, AtFlags::empty())
        }
        Err(other) => Err(other),
    };
    if done.is_ok() {
        tell(path);
    }
    path.truncate(before);
    done
}

fn inside(
    folder: BorrowedFd<'_>,
    name: &[u8],
    inner: BorrowedFd<'_>,
    really: bool,
    path: &mut Vec<u8>,
    tell: &mut dyn FnMut(&[u8]),
) -> Result<(), Errno> {
    for child in names(inner, b".")? {
        descend(inner, &child, really, path, tell)?;
    }
    if really { rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR) } else { Ok(()) }
}
