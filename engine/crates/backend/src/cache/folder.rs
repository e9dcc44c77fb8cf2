//! The folder of one repository's copies: `{snapshots,index,data}/<2 hex>/<id>`, `version`, and a tag beside it that tells
//! backup programs to leave caches out.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use holdfast_format::crypto::OVERHEAD;
use holdfast_format::{Error, FileType, Id, Result};

use crate::{Handle, layout};

const VERSION: u32 = 1;
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n";
const KINDS: [FileType; 3] = [FileType::Pack, FileType::Snapshot, FileType::Index];

/// See the module.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes what is missing and marks it as used now.
    pub fn open(caches: &Path, repository: &Id) -> Result<Self> {
        let path = caches.join(repository.to_string());
        let fail = |why| Error::local(path.as_os_str().as_encoded_bytes(), why);
        make_folder(&path).map_err(fail)?;
        new_file(&caches.join("CACHEDIR.TAG"), 0o644, TAG).map_err(fail)?;
        check_version(&path)?;
        KINDS.iter().try_for_each(|kind| make_folder(&path.join(kind.folder()))).map_err(fail)?;
        File::open(&path).and_then(|folder| folder.set_modified(SystemTime::now())).map_err(fail)?;
        Ok(Self(path))
    }

    fn path(&self, file: &Handle) -> Option<PathBuf> {
        let cached = KINDS.contains(&file.kind);
        cached.then(|| self.0.join(layout::nested(file.kind.folder(), &file.id)))
    }

    /// Whether there is a copy.
    pub fn has(&self, file: &Handle) -> bool {
        self.path(file).is_some_and(|path| path.exists())
    }

    /// Reads from the copy, if there is one that reaches so far; one that is too short cannot be right and is removed.
    pub fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> bool {
        let Some(path) = self.path(file) else { return false };
        let Ok(copy) = File::open(&path) else { return false };
        let read = read_range(&copy, offset, length, out).is_ok();
        if !read {
            drop(fs::remove_file(&path));
        }
        read
    }

    /// Keeps a copy; whoever reads meanwhile sees the old one or the new one.
    pub fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        let Some(path) = self.path(file).filter(|_| bytes.len() > OVERHEAD) else { return Ok(()) };
        replace(&path, bytes, 0o600).map_err(|why| Error::local(path.as_os_str().as_encoded_bytes(), why))
    }

    /// Removes a copy, if there is one.
    pub fn remove(&self, file: &Handle) -> Result<()> {
        self.path(file).map_or(Ok(()), |path| remove(&path))
    }

    /// Removes the copies of a kind whose files are not there any more.
    pub fn clear(&self, kind: FileType, there: &HashSet<Id>) -> Result<()> {
        if !KINDS.contains(&kind) {
            return Ok(());
        }
        let copies = copies(&self.0.join(kind.folder()));
        let mut gone = copies.filter(|(id, _)| !there.contains(id));
        gone.try_for_each(|(_, path)| remove(&path))
    }
}

/// Names and paths of all copies; what cannot be listed is not there.
fn copies(folder: &Path) -> impl Iterator<Item = (Id, PathBuf)> + use<> {
    let folders = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
    files.filter_map(|file| Some((Id::parse(file.file_name().as_encoded_bytes())?, file.path())))
}

fn read_range(copy: &File, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> io::Result<()> {
    let size = copy.metadata()?.len();
    let end = length.map_or(Some(size), |length| offset.checked_add(length as u64));
    match end {
        Some(end) if offset <= end && end <= size && size > OVERHEAD as u64 => {
            out.resize((end - offset) as usize, 0);
            copy.read_exact_at(out, offset)
        }
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let temporary = path.with_file_name(format!("tmp-{}", getrandom::u32().map_err(io::Error::other)?));
    make_folder(path.parent().unwrap_or(path))?;
    let written = new_file(&temporary, mode, bytes).and_then(|()| fs::rename(&temporary, path));
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != ErrorKind::NotFound => {
            Err(Error::local(path.as_os_str().as_encoded_bytes(), why))
        }
        _ => Ok(()),
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Fine when it is there already.
fn new_file(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Ok(()),
        file => file?.write_all(bytes),
    }
}

fn write_version(path: &Path) -> io::Result<()> {
    replace(path, VERSION.to_string().as_bytes(), 0o644)
}

fn check_version(folder: &Path) -> Result<()> {
    let path = folder.join("version");
    let fail = |why| Error::local(path.as_os_str().as_encoded_bytes(), why);
    let text = match fs::read_to_string(&path) {
        Err(why) if why.kind() == ErrorKind::NotFound => String::new(),
        text => text.map_err(fail)?,
    };
    match text.parse::<u32>() {
        Ok(VERSION) => Ok(()),
        Ok(0..VERSION) => write_version(&path).map_err(fail),
        Err(_) if text.is_empty() => write_version(&path).map_err(fail),
        _ => Err(Error::refused(format!(
            "{}: version {text:?} of the cache is not known here, only {VERSION}; remove the folder or use --no-cache",
            path.display()
        ))),
    }
}
