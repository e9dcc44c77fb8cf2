//! A file of a snapshot that can be read anywhere.

use std::sync::Arc;

use holdfast_format::node::Node;
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_repo::Repository;
use parking_lot::Mutex;

/// Decoded blobs that are kept.
const KEPT: usize = 4;

/// Reads a file's contents at any place; from several threads, too.
pub struct FileReader {
    repository: Arc<Repository>,
    blobs: Vec<Id>,
    /// Where each blob begins, and after the last one the size.
    starts: Vec<u64>,
    /// The last used one is last.
    kept: Mutex<Vec<(usize, Arc<Vec<u8>>)>>,
}

impl FileReader {
    /// Of a regular file; the index must be loaded. `Missing` when one of its blobs is in no pack.
    pub fn new(repository: &Arc<Repository>, node: &Node) -> Result<Self> {
        let blobs = node.content.clone().unwrap_or_default();
        let index = repository.index();
        let mut starts = vec![0];
        for id in &blobs {
            let place = index.find(BlobType::Data, id).ok_or_else(|| Error::missing(format!("blob {id}")))?;
            starts.push(starts[starts.len() - 1] + u64::from(place.plain_length()));
        }
        Ok(Self { repository: Arc::clone(repository), blobs, starts, kept: Mutex::default() })
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.starts[self.starts.len() - 1]
    }

    /// Fills `out` from `offset`, as far as the file goes; gives how many bytes that were.
    pub fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < out.len() && offset + (done as u64) < self.size() {
            let at = offset + done as u64;
            let number = self.starts.partition_point(|start| *start <= at) - 1;
            let blob = self.blob(number)?;
            let rest = &blob[(at - self.starts[number]) as usize..];
            let length = rest.len().min(out.len() - done);
            out[done..done + length].copy_from_slice(&rest[..length]);
            done += length;
        }
        Ok(done)
    }

    fn blob(&self, number: usize) -> Result<Arc<Vec<u8>>> {
        if let Some(blob) = self.known(number) {
            return Ok(blob);
        }
        let blob = Arc::new(self.repository.load_blob(BlobType::Data, &self.blobs[number])?);
        let mut kept = self.kept.lock();
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((number, Arc::clone(&blob)));
        Ok(blob)
    }

    fn known(&self, number: usize) -> Option<Arc<Vec<u8>>> {
        let mut kept = self.kept.lock();
        let at = kept.iter().rposition(|(known, _)| *known == number)?;
        let last = kept.len() - 1;
        kept[at..=last].rotate_left(1);
        Some(Arc::clone(&kept[last].1))
    }
}
