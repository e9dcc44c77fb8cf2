//! Packs that are stored but in no index file yet.

use std::time::{Duration, Instant};

use holdfast_format::Id;
use holdfast_format::pack::PackedBlob;

/// Blobs of an index file.
const MOST_BLOBS: usize = 50_000;
/// Age of an index file's first pack.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Packs and their blobs.
pub type Packs = Vec<(Id, Vec<PackedBlob>)>;

/// Collects until an index file is due.
#[derive(Default)]
pub struct Pending {
    packs: Packs,
    blobs: usize,
    since: Option<Instant>,
}

impl Pending {
    /// Adds a stored pack; gives what must be written now.
    pub fn add(&mut self, pack: Id, blobs: Vec<PackedBlob>, now: Instant) -> Option<Packs> {
        self.blobs += blobs.len();
        self.packs.push((pack, blobs));
        let since = *self.since.get_or_insert(now);
        (self.blobs >= MOST_BLOBS || now.duration_since(since) >= LONGEST).then(|| self.take())
    }

    /// Everything that is left.
    pub fn take(&mut self) -> Packs {
        std::mem::take(self).packs
    }
}

#[cfg(test)]
mod tests {
    use holdfast_format::BlobType;

    use super::*;

    fn blobs(count: usize) -> Vec<PackedBlob> {
        let one =
            PackedBlob { id: Id::default(), kind: BlobType::Data, offset: 0, length: 32, uncompressed: None };
        vec![one; count]
    }

    #[test]
    fn an_index_file_is_due_after_50_000_blobs() {
        let (mut pending, now) = (Pending::default(), Instant::now());
        assert!(pending.add(Id::default(), blobs(49_999), now).is_none());
        assert_eq!(pending.add(Id::default(), blobs(1), now).map(|packs| packs.len()), Some(2));
        assert!(pending.add(Id::default(), blobs(1), now).is_none());
    }

    #[test]
    fn an_index_file_is_due_after_ten_minutes() {
        let (mut pending, start) = (Pending::default(), Instant::now());
        assert!(pending.add(Id::default(), blobs(1), start).is_none());
        assert!(pending.add(Id::default(), blobs(1), start + Duration::from_secs(599)).is_none());
        assert!(pending.add(Id::default(), blobs(1), start + LONGEST).is_some());
        assert!(pending.add(Id::default(), blobs(1), start + LONGEST).is_none());
    }
}
