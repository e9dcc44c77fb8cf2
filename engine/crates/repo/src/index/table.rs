//! The blobs of one kind in sorted arrays: 46 bytes a blob, and a quarter of a megabyte for the first two bytes of all ids.

use holdfast_format::Id;

/// Bytes of an id that its place in the table gives away.
const HEAD: usize = 2;
/// Heads that there are.
const HEADS: usize = 1 << (8 * HEAD);

/// Where a blob lies, with its pack as a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spot {
    pub pack: u32,
    pub offset: u32,
    pub length: u32,
    /// 0 when stored raw.
    pub uncompressed: u32,
}

/// A blob and its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub id: Id,
    pub spot: Spot,
}

/// Sorted by id, places of the same blob side by side.
#[derive(Default)]
pub struct Table {
    /// Where each head begins, and one more for the end; empty in an empty table.
    starts: Vec<u32>,
    tails: Vec<[u8; 32 - HEAD]>,
    spots: Vec<Spot>,
}

impl Table {
    /// With room for so many.
    pub fn with_capacity(blobs: usize) -> Self {
        if blobs == 0 {
            return Self::default();
        }
        Self {
            starts: Vec::with_capacity(HEADS + 1),
            tails: Vec::with_capacity(blobs),
            spots: Vec::with_capacity(blobs),
        }
    }

    /// Adds an entry that is not below the last one.
    pub fn push(&mut self, entry: &Entry) {
        let (head, tail) = split(&entry.id);
        self.begin(head);
        self.tails.push(tail);
        self.spots.push(entry.spot);
    }

    /// No more comes.
    pub fn close(&mut self) {
        if !self.tails.is_empty() {
            self.begin(HEADS);
        }
        self.tails.shrink_to_fit();
        self.spots.shrink_to_fit();
    }

    fn begin(&mut self, head: usize) {
        let at = self.tails.len() as u32;
        self.starts.resize(self.starts.len().max(head + 1), at);
    }

    /// All places of a blob.
    pub fn find(&self, id: &Id) -> &[Spot] {
        &self.spots[self.positions(id)]
    }

    /// Where they are in the order of ids.
    pub fn positions(&self, id: &Id) -> std::ops::Range<usize> {
        let (head, tail) = split(id);
        let range = self.range(head);
        let tails = &self.tails[range.clone()];
        let from = tails.partition_point(|other| *other < tail);
        let count = tails[from..].iter().take_while(|other| **other == tail).count();
        range.start + from..range.start + from + count
    }

    fn range(&self, head: usize) -> std::ops::Range<usize> {
        match self.starts.get(head..=head + 1) {
            Some(&[from, to]) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// Blobs, every place counted.
    pub fn len(&self) -> usize {
        self.tails.len()
    }

    /// Every place, in no order that means anything.
    pub fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// Every place in order of ids.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (0..self.starts.len().saturating_sub(1)).flat_map(move |head| {
            self.range(head).map(move |at| Entry { id: join(head, &self.tails[at]), spot: self.spots[at] })
        })
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.starts.capacity() * 4 + self.tails.capacity() * (32 - HEAD) + self.spots.capacity() * 16
    }
}

fn split(id: &Id) -> (usize, [u8; 32 - HEAD]) {
    let mut tail = [0; 32 - HEAD];
    tail.copy_from_slice(&id.0[HEAD..]);
    (usize::from(id.0[0]) << 8 | usize::from(id.0[1]), tail)
}

fn join(head: usize, tail: &[u8; 32 - HEAD]) -> Id {
    let mut id = Id::default();
    id.0[..HEAD].copy_from_slice(&(head as u16).to_be_bytes());
    id.0[HEAD..].copy_from_slice(tail);
    id
}
