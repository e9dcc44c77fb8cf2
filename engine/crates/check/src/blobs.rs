//! Proves the blobs of a pack: MAC, frame, length and name, several names at once.

use std::cmp::Reverse;
use std::iter;

use holdfast_format::pack::PackedBlob;
use holdfast_format::{Id, crypto};
use holdfast_kernels::sha256;
use holdfast_repo::{BlobReader, Repository};

/// Blobs that are decoded before they are hashed together.
const BATCH: usize = 64;

/// One thread's hands: buffers that are kept.
pub struct BlobProver {
    reader: BlobReader,
    plain: Vec<Vec<u8>>,
    /// Plain bytes of a batch, unless one blob is longer.
    together: u64,
}

impl BlobProver {
    /// Holds `together` plain bytes at once, unless one blob is longer.
    pub fn new(repository: &Repository, together: u64) -> Self {
        Self { reader: BlobReader::new(repository), plain: vec![Vec::new(); BATCH], together }
    }

    /// Proves blobs that lie in `bytes`, which begin at `base` of the pack, and adds what is wrong to `faults`. Gives the
    /// digest of `beside`, made while blobs are hashed.
    pub fn prove(
        &mut self,
        blobs: &[PackedBlob],
        bytes: &[u8],
        base: u64,
        mut beside: Option<&[u8]>,
        faults: &mut Vec<String>,
    ) -> Option<Id> {
        let mut digest = None;
        for batch in batches(blobs, self.together) {
            let decoded = self.decode(batch, bytes, base, faults);
            digest = self.hash(&decoded, beside.take(), faults).or(digest);
        }
        digest
    }

    /// Blobs that could be decoded; the plain bytes of each are in the buffer of its number. The longest come first: so
    /// the nth buffer never grows beyond an nth of a batch, and the last to be hashed are short.
    fn decode<'a>(
        &mut self,
        batch: &'a [PackedBlob],
        bytes: &[u8],
        base: u64,
        faults: &mut Vec<String>,
    ) -> Vec<&'a PackedBlob> {
        let mut decoded = Vec::with_capacity(batch.len());
        let mut longest_first: Vec<_> = batch.iter().collect();
        longest_first.sort_unstable_by_key(|blob| Reverse(plain_length(blob)));
        for blob in longest_first {
            let Some(sealed) = within(blob, bytes, base) else {
                faults.push(format!("blob {} ends behind its pack", blob.id));
                continue;
            };
            match self.reader.decode_unhashed(
                sealed,
                &blob.id,
                blob.uncompressed,
                &mut self.plain[decoded.len()],
            ) {
                Ok(()) => decoded.push(blob),
                Err(error) => faults.push(error.to_string()),
            }
        }
        decoded
    }

    fn hash(&self, decoded: &[&PackedBlob], beside: Option<&[u8]>, faults: &mut Vec<String>) -> Option<Id> {
        let plain = self.plain.iter().take(decoded.len()).map(Vec::as_slice);
        let messages: Vec<&[u8]> = beside.into_iter().chain(plain).collect();
        let mut digests = vec![[0; 32]; messages.len()];
        sha256::many(&messages, &mut digests);
        let (first, names) = digests.split_at(usize::from(beside.is_some()));
        for (blob, name) in decoded.iter().zip(names).filter(|(blob, name)| blob.id.0 != **name) {
            faults.push(format!("blob {}: wrong data returned, hash is {}", blob.id, Id(*name)));
        }
        first.first().copied().map(Id)
    }
}

fn within<'a>(blob: &PackedBlob, bytes: &'a [u8], base: u64) -> Option<&'a [u8]> {
    let from = usize::try_from(u64::from(blob.offset).checked_sub(base)?).ok()?;
    bytes.get(from..from.checked_add(blob.length as usize)?)
}

/// One batch at least, even without blobs.
fn batches(blobs: &[PackedBlob], together: u64) -> impl Iterator<Item = &[PackedBlob]> {
    let mut rest = Some(blobs);
    iter::from_fn(move || {
        let (batch, later) = rest?.split_at(batch_length(rest?, together));
        rest = (!later.is_empty()).then_some(later);
        Some(batch)
    })
}

fn batch_length(blobs: &[PackedBlob], together: u64) -> usize {
    let mut bytes = 0;
    let fitting = blobs.iter().take(BATCH).take_while(|blob| {
        bytes += plain_length(blob);
        bytes <= together
    });
    fitting.count().max(1).min(blobs.len())
}

fn plain_length(blob: &PackedBlob) -> u64 {
    blob.uncompressed.unwrap_or(blob.length.saturating_sub(crypto::OVERHEAD as u32)).into()
}
