//! From index files to tables, by several threads.

use std::collections::HashMap;

use holdfast_format::Id;
use holdfast_format::pack::PackedBlob;
use parking_lot::Mutex;

use super::table::{Records, Spot};
use super::{Index, KINDS, slot};

/// What all threads have read.
#[derive(Default)]
pub struct Building {
    packs: Mutex<Packs>,
    records: Mutex<[Records; KINDS]>,
}

/// Packs by number.
#[derive(Default)]
struct Packs {
    ids: Vec<Id>,
    numbers: HashMap<Id, u32>,
}

impl Packs {
    /// The number of a pack, a new one for a new pack.
    fn number(&mut self, pack: Id) -> u32 {
        let Self { ids, numbers } = self;
        *numbers.entry(pack).or_insert_with(|| {
            ids.push(pack);
            ids.len() as u32 - 1
        })
    }
}

/// What one thread has read of one file.
#[derive(Default)]
pub struct Part([Records; KINDS]);

impl Building {
    /// Adds the blobs of a pack to a part.
    pub fn add(&self, part: &mut Part, pack: Id, blobs: &[PackedBlob]) {
        let pack = self.packs.lock().number(pack);
        for blob in blobs {
            let &PackedBlob { offset, length, uncompressed, .. } = blob;
            let spot = Spot { pack, offset, length, uncompressed: uncompressed.unwrap_or(0) };
            part.0[slot(blob.kind)].push(&blob.id, spot);
        }
    }

    /// Takes over what a part holds.
    pub fn append(&self, part: &mut Part) {
        let mut records = self.records.lock();
        for (all, more) in records.iter_mut().zip(&mut part.0) {
            all.append(more);
        }
    }

    /// The index of everything.
    pub fn finish(self, mut files: Vec<Id>, threads: usize) -> Index {
        files.sort_unstable();
        let mut packs = self.packs.into_inner().ids;
        packs.shrink_to_fit();
        let tables = self.records.into_inner().map(|records| records.into_table(threads));
        Index { tables, packs, files }
    }
}
