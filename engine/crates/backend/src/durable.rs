//! A new file in a folder, there in full after a crash or not there at all: temp file, fsync, rename, fsync of the folder.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FallocateFlags, RenameFlags};
use rustix::io::Errno;

/// Writes a file that must not be there yet. On failure nothing of it stays.
pub fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut temporary = Temporary::create(path)?;
    temporary.fill(bytes, mode)?;
    temporary.publish(path)?;
    sync_folder(path).inspect_err(|_| drop(fs::remove_file(path)))
}

/// Removed when dropped, whatever went wrong; gone already when it was published.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    /// Beside the file to come, named as restic names its own, so that both tools know leftovers.
    fn create(path: &Path) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!("-tmp-{}", getrandom::u32().map_err(io::Error::other)?));
        let path = path.with_file_name(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path, file })
    }

    fn fill(&mut self, bytes: &[u8], mode: u32) -> io::Result<()> {
        self.preallocate(bytes.len() as u64)?;
        self.file.write_all(bytes)?;
        tolerate(self.file.set_permissions(Permissions::from_mode(mode)), ErrorKind::PermissionDenied)?;
        tolerate(self.file.sync_all(), ErrorKind::Unsupported)
    }

    /// Finds out early that the disk is full. Many file systems cannot, which is fine.
    fn preallocate(&self, size: u64) -> io::Result<()> {
        match rustix::fs::fallocate(&self.file, FallocateFlags::empty(), 0, size) {
            Err(full @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(full.into()),
            _ => Ok(()),
        }
    }

    /// Renames without replacing; by a hard link or, at last, by looking first where the file system cannot.
    fn publish(&self, path: &Path) -> io::Result<()> {
        match rustix::fs::renameat_with(CWD, &self.path, CWD, path, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.publish_by_link(path),
            done => Ok(done?),
        }
    }

    fn publish_by_link(&self, path: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, path) {
            Ok(()) => Ok(()),
            Err(why) if why.kind() == ErrorKind::AlreadyExists => Err(why),
            Err(_) if path.try_exists()? => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&self.path, path),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let synced = File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all();
    tolerate(tolerate_invalid(synced), ErrorKind::Unsupported)
}

/// Some network file systems answer so to fsync of a folder.
fn tolerate_invalid(result: io::Result<()>) -> io::Result<()> {
    tolerate(result, ErrorKind::InvalidInput)
}

fn tolerate(result: io::Result<()>, kind: ErrorKind) -> io::Result<()> {
    match result {
        Err(why) if why.kind() == kind => Ok(()),
        other => other,
    }
}
