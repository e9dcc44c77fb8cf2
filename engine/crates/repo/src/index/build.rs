//! From index files to tables: each thread sorts into 256 heaps by the first byte, which are then sorted and joined one
//! after the other, so that nothing is there twice.

use std::collections::HashMap;

use holdfast_format::pack::PackedBlob;
use holdfast_format::{BlobType, Id};
use parking_lot::Mutex;

use super::table::{Entry, Spot, Table};
use super::{Index, KINDS, slot};

/// Packs by number, shared by all threads.
#[derive(Default)]
pub struct Packs(Mutex<Numbers>);

#[derive(Default)]
struct Numbers {
    ids: Vec<Id>,
    numbers: HashMap<Id, u32>,
}

impl Packs {
    /// The number of a pack, a new one for a new pack.
    fn number(&self, pack: Id) -> u32 {
        let Numbers { ids, numbers } = &mut *self.0.lock();
        *numbers.entry(pack).or_insert_with(|| {
            ids.push(pack);
            ids.len() as u32 - 1
        })
    }
}

/// What one thread has read.
pub struct Heaps([Vec<Vec<Entry>>; KINDS]);

impl Heaps {
    pub fn new() -> Self {
        Self(std::array::from_fn(|_| vec![Vec::new(); 256]))
    }

    /// Adds the blobs of a pack.
    pub fn add(&mut self, packs: &Packs, pack: Id, blobs: &[PackedBlob]) {
        let number = packs.number(pack);
        for blob in blobs {
            let spot = Spot {
                pack: number,
                offset: blob.offset,
                length: blob.length,
                uncompressed: blob.uncompressed.unwrap_or(0),
            };
            self.0[slot(blob.kind)][usize::from(blob.id.0[0])].push(Entry { id: blob.id, spot });
        }
    }

    /// Sorts what is there, so that joining only merges.
    pub fn sort(&mut self) {
        self.0.iter_mut().flatten().for_each(|heap| heap.sort_unstable());
    }
}

/// The index of what all threads have read.
pub fn join(mut threads: Vec<Heaps>, packs: Packs, mut files: Vec<Id>) -> Index {
    files.sort_unstable();
    let tables = [BlobType::Data, BlobType::Tree].map(|kind| table(&mut threads, slot(kind)));
    let mut packs = packs.0.into_inner().ids;
    packs.shrink_to_fit();
    Index { tables, packs, files }
}

fn table(threads: &mut [Heaps], kind: usize) -> Table {
    let count = threads.iter().flat_map(|heaps| &heaps.0[kind]).map(Vec::len).sum();
    let mut table = Table::with_capacity(count);
    for byte in 0..256 {
        let mut heap = Vec::new();
        for heaps in &mut *threads {
            heap.append(&mut heaps.0[kind][byte]);
            heaps.0[kind][byte] = Vec::new();
        }
        heap.sort();
        heap.dedup();
        for entry in &heap {
            table.push(entry);
        }
    }
    table.close();
    table
}
