//! Entries of one folder on their way from the walker to a worker.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::folder::Folder;
use crate::meta::Meta;

/// Entries that go together.
pub const BATCH: usize = 128;

/// An entry that is no folder.
pub struct Entry {
    /// Its place in the folder.
    pub slot: u32,
    /// As the walker saw it.
    pub meta: Meta,
    name: Range<u32>,
}

/// See the module.
pub struct Batch {
    /// Where they go.
    pub folder: Arc<Folder>,
    /// In order of their names.
    pub entries: Vec<Entry>,
    /// Places of the folder that these entries and those that were left out settle.
    pub settled: usize,
    names: Vec<u8>,
    target: Option<Vec<u8>>,
}

impl Batch {
    /// Nothing of a folder.
    pub fn new(folder: Arc<Folder>) -> Self {
        Self { folder, entries: Vec::new(), settled: 0, names: Vec::new(), target: None }
    }

    /// One entry that lies elsewhere: a target in the snapshot's folder.
    pub fn target(folder: Arc<Folder>, slot: u32, name: &[u8], path: Vec<u8>, meta: Meta) -> Self {
        let mut batch = Self::new(folder);
        batch.push(slot, name, meta);
        batch.target = Some(path);
        batch
    }

    /// Places that nothing comes to.
    pub fn left_out(folder: Arc<Folder>, places: usize) -> Self {
        Self { settled: places, ..Self::new(folder) }
    }

    /// Adds an entry.
    pub fn push(&mut self, slot: u32, name: &[u8], meta: Meta) {
        let start = self.names.len() as u32;
        self.names.extend_from_slice(name);
        self.entries.push(Entry { slot, meta, name: start..self.names.len() as u32 });
        self.settled += 1;
    }

    /// Its name in the snapshot.
    pub fn name(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.name.start as usize..entry.name.end as usize]
    }

    /// Where it is.
    pub fn path(&self, entry: &Entry) -> Cow<'_, [u8]> {
        match &self.target {
            Some(path) => Cow::Borrowed(path),
            None => Cow::Owned(self.folder.entry(self.name(entry))),
        }
    }

    /// The folder to open entries from, if they lie in one.
    pub fn source(&self) -> Option<&[u8]> {
        self.target.is_none().then_some(&self.folder.path)
    }
}
