//! A repository in this process: for tests, and to try things out. Gone with the process.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;

use holdfast_format::{Error, FileType, Id, Result};
use parking_lot::{Mutex, RwLock};

use crate::failure::{failed, range};
use crate::{Backend, Handle, Listed};

type Files = BTreeMap<(FileType, Id), Arc<[u8]>>;

static NAMED: Mutex<BTreeMap<String, Arc<RwLock<Files>>>> = Mutex::new(BTreeMap::new());

/// See the module.
pub struct Memory {
    name: String,
    files: Arc<RwLock<Files>>,
    connections: usize,
}

impl Memory {
    /// The one of that name in this process, whoever opened it first.
    pub fn named(name: &str) -> Self {
        let files = Arc::clone(NAMED.lock().entry(name.to_owned()).or_default());
        Self { name: name.to_owned(), files, connections: 2 }
    }

    /// The same files as a store that likes so many operations at a time.
    #[must_use]
    pub fn with_connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    fn get(&self, file: &Handle) -> Result<Arc<[u8]>> {
        let files = self.files.read();
        files.get(&key(file)).cloned().ok_or_else(|| Error::missing(file.to_string()))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.location())
    }
}

fn key(file: &Handle) -> (FileType, Id) {
    (file.kind, file.id)
}

impl Backend for Memory {
    fn location(&self) -> String {
        format!("memory:{}", self.name)
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn create(&self) -> Result<()> {
        Ok(())
    }

    fn stat(&self, file: &Handle) -> Result<u64> {
        Ok(self.get(file)?.len() as u64)
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        let bytes = self.get(file)?;
        let range = range(file, bytes.len() as u64, offset, length)?;
        out.clear();
        out.extend_from_slice(&bytes[range]);
        Ok(())
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        match self.files.write().entry(key(file)) {
            Entry::Occupied(_) => Err(failed("write", file, ErrorKind::AlreadyExists.into())),
            Entry::Vacant(free) => {
                free.insert(bytes.into());
                Ok(())
            }
        }
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        let files = self.files.read();
        let of_kind = files.iter().filter(|((found, _), _)| *found == kind);
        Ok(of_kind.map(|((_, id), bytes)| Listed { id: *id, size: bytes.len() as u64 }).collect())
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        let removed = self.files.write().remove(&key(file));
        removed.map(drop).ok_or_else(|| Error::missing(file.to_string()))
    }
}
