//! A repository in a folder of this machine.
//!
//! Knows restic's names and rights of files. How a file becomes durable is in [`crate::durable`].

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use holdfast_format::{Error, FileType, Id, Result};

use crate::durable;
use crate::failure::{failed, range};
use crate::layout::{self, FOLDERS};
use crate::{Backend, Handle, Listed};

/// See the module.
#[derive(Debug)]
pub struct Local {
    root: PathBuf,
    connections: usize,
    modes: Modes,
}

/// Rights of what is made: the group's come with a `config` that the group may read, as in restic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Modes {
    folder: u32,
    file: u32,
}

impl Modes {
    fn of(config: Option<u32>) -> Self {
        match config {
            Some(mode) if mode & 0o040 != 0 => Self { folder: 0o770, file: 0o440 },
            _ => Self { folder: 0o700, file: 0o400 },
        }
    }
}

impl Local {
    /// Does not look whether a repository is there.
    pub fn open(root: &Path, connections: usize) -> Self {
        let config = fs::metadata(root.join("config")).ok().map(|found| found.permissions().mode());
        Self { root: root.to_owned(), connections, modes: Modes::of(config) }
    }

    fn path(&self, file: &Handle) -> PathBuf {
        self.root.join(layout::path(file))
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(self.modes.folder).create(folder)
    }

    fn make_folder_of_repository(&self, name: &str) -> Result<()> {
        let folder = self.root.join(name);
        self.make_folder(&folder).map_err(|why| failed("create", folder.display(), why))
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match durable::write_new(path, bytes, self.modes.file) {
            Err(why) if why.kind() == ErrorKind::NotFound => {
                self.make_folder(path.parent().unwrap_or(&self.root))?;
                durable::write_new(path, bytes, self.modes.file)
            }
            done => done,
        }
    }
}

impl Backend for Local {
    fn location(&self) -> String {
        self.root.display().to_string()
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn create(&self) -> Result<()> {
        FOLDERS.iter().try_for_each(|kind| self.make_folder_of_repository(kind.folder()))?;
        (0..=255u8).try_for_each(|byte| self.make_folder_of_repository(&format!("data/{byte:02x}")))
    }

    fn stat(&self, file: &Handle) -> Result<u64> {
        let path = self.path(file);
        fs::metadata(&path).map(|found| found.len()).map_err(|why| failure("stat", file, &path, why))
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        let path = self.path(file);
        let fail = |why| failure("read", file, &path, why);
        let opened = File::open(&path).map_err(fail)?;
        let size = opened.metadata().map_err(fail)?.len();
        let range = range(file, size, offset, length)?;
        out.resize(range.len(), 0); // what was in it is overwritten, so only growth costs
        opened.read_exact_at(out, offset).map_err(fail)
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        let path = self.path(file);
        self.store(&path, bytes).map_err(|why| failed("write", path.display(), why))
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        let folder = self.root.join(kind.folder());
        let mut found = Vec::new();
        let listed = match kind {
            FileType::Pack => list_nested(&folder, &mut found),
            _ => list_files(&folder, &mut found),
        };
        listed.map_err(|why| failed("list", folder.display(), why))?;
        Ok(found)
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        let path = self.path(file);
        fs::remove_file(&path).map_err(|why| failure("remove", file, &path, why))
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.root)
    }
}

fn failure(operation: &'static str, file: &Handle, path: &Path, why: io::Error) -> Error {
    match why.kind() {
        ErrorKind::NotFound => Error::missing(file.to_string()),
        _ => failed(operation, path.display(), why),
    }
}

/// What may be gone by now is not there.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

fn list_nested(folder: &Path, found: &mut Vec<Listed>) -> io::Result<()> {
    let Some(entries) = present(fs::read_dir(folder))? else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            list_files(&path, found)?;
        }
    }
    Ok(())
}

fn list_files(folder: &Path, found: &mut Vec<Listed>) -> io::Result<()> {
    let Some(entries) = present(fs::read_dir(folder))? else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let Some(id) = Id::parse(entry.file_name().as_encoded_bytes()) else { continue };
        match present(fs::metadata(entry.path()))? {
            Some(meta) if meta.is_file() => found.push(Listed { id, size: meta.len() }),
            _ => {}
        }
    }
    Ok(())
}
