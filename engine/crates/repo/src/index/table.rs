//! The blobs of one kind as sorted records: 46 bytes a blob, and a quarter of a megabyte for the first two bytes of all ids.
//!
//! While it is built, records have their whole id; they are sorted where they are and closed up by these two bytes, so that
//! nothing is there twice at any time.

use std::ops::Range;
use std::thread;

use holdfast_format::Id;

/// Bytes of an id that the place of its record gives away.
const HEAD: usize = 2;
/// Heads that there are.
const HEADS: usize = 1 << (8 * HEAD);
/// A whole id, then pack, offset, length and uncompressed length, 4 bytes each.
const WHOLE: usize = 32 + 16;
/// The same without the head.
const CLOSED: usize = WHOLE - HEAD;

/// Where a blob lies, with its pack as a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spot {
    pub pack: u32,
    pub offset: u32,
    pub length: u32,
    /// 0 when stored raw.
    pub uncompressed: u32,
}

impl Spot {
    fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let fields = [self.pack, self.offset, self.length, self.uncompressed];
        for (four, field) in bytes.as_chunks_mut().0.iter_mut().zip(fields) {
            *four = field.to_le_bytes();
        }
        bytes
    }

    fn of(record: &[u8; CLOSED]) -> Self {
        let mut fields = record[CLOSED - 16..].as_chunks().0.iter().map(|four| u32::from_le_bytes(*four));
        let mut next = || fields.next().unwrap_or_default();
        Self { pack: next(), offset: next(), length: next(), uncompressed: next() }
    }
}

/// Records in no order yet.
#[derive(Default)]
pub struct Records(Vec<u8>);

impl Records {
    /// Adds a blob.
    pub fn push(&mut self, id: &Id, spot: Spot) {
        self.0.extend_from_slice(&id.0);
        self.0.extend_from_slice(&spot.bytes());
    }

    /// Takes over all records of another.
    pub fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    /// Sorts, drops what is there twice, and closes up.
    pub fn into_table(mut self, threads: usize) -> Table {
        sort(self.0.as_chunks_mut::<WHOLE>().0, threads);
        let (mut starts, mut kept, mut last) = (Vec::new(), 0, None);
        for at in (0..self.0.len()).step_by(WHOLE) {
            let record: [u8; WHOLE] = std::array::from_fn(|byte| self.0[at + byte]);
            if last.replace(record) == Some(record) {
                continue;
            }
            let head = usize::from(record[0]) << 8 | usize::from(record[1]);
            starts.resize(starts.len().max(head + 1), kept as u32);
            self.0[kept * CLOSED..][..CLOSED].copy_from_slice(&record[HEAD..]);
            kept += 1;
        }
        if kept > 0 {
            starts.resize(HEADS + 1, kept as u32);
        }
        self.0.truncate(kept * CLOSED);
        self.0.shrink_to_fit();
        starts.shrink_to_fit();
        Table { starts, records: self.0 }
    }
}

/// Halves go to other threads.
fn sort(records: &mut [[u8; WHOLE]], threads: usize) {
    const WORTH_A_THREAD: usize = 10_000;
    if threads < 2 || records.len() < WORTH_A_THREAD {
        return records.sort_unstable();
    }
    let (low, _, high) = records.select_nth_unstable(records.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| sort(low, threads / 2));
        sort(high, threads - threads / 2);
    });
}

/// Sorted by id, places of the same blob side by side.
#[derive(Default)]
pub struct Table {
    /// Where each head begins, and one more for the end; empty in an empty table.
    starts: Vec<u32>,
    records: Vec<u8>,
}

impl Table {
    fn records(&self) -> &[[u8; CLOSED]] {
        self.records.as_chunks().0
    }

    /// All places of a blob.
    pub fn find(&self, id: &Id) -> impl Iterator<Item = Spot> + '_ {
        self.records()[self.positions(id)].iter().map(Spot::of)
    }

    /// Where they are in the order of ids.
    pub fn positions(&self, id: &Id) -> Range<usize> {
        let (head, tail) = (usize::from(id.0[0]) << 8 | usize::from(id.0[1]), &id.0[HEAD..]);
        let range = self.range(head);
        let records = &self.records()[range.clone()];
        let from = records.partition_point(|record| record[..32 - HEAD] < *tail);
        let count = records[from..].iter().take_while(|record| record[..32 - HEAD] == *tail).count();
        range.start + from..range.start + from + count
    }

    fn range(&self, head: usize) -> Range<usize> {
        match self.starts.get(head..=head + 1) {
            Some(&[from, to]) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// Blobs, every place counted.
    pub fn len(&self) -> usize {
        self.records().len()
    }

    /// Every place in order of ids.
    pub fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        self.records().iter().map(Spot::of)
    }

    /// Every blob with every place, in order of ids.
    pub fn entries(&self) -> impl Iterator<Item = (Id, Spot)> + '_ {
        let heads = 0..self.starts.len().saturating_sub(1);
        heads.flat_map(|head| {
            let records = &self.records()[self.range(head)];
            records.iter().map(move |record| (whole_id(head, record), Spot::of(record)))
        })
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.starts.capacity() * 4 + self.records.capacity()
    }
}

fn whole_id(head: usize, record: &[u8; CLOSED]) -> Id {
    let mut id = Id::default();
    id.0[..HEAD].copy_from_slice(&(head as u16).to_be_bytes());
    id.0[HEAD..].copy_from_slice(&record[..32 - HEAD]);
    id
}
