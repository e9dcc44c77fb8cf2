//! One thread's way to add blobs.

use std::sync::Arc;

use holdfast_format::compression::{Codec, Compression};
use holdfast_format::crypto::OVERHEAD;
use holdfast_format::{BlobType, Error, Id, Result, Version};
use holdfast_kernels::sha256;

use super::pack::{OpenPack, faulty};
use super::state::State;
use super::{Added, Writer};
use crate::index::entry_length;

/// One thread's way to add blobs.
pub struct BlobWriter {
    writer: Arc<Writer>,
    codec: Codec,
    coins: Coins,
    digests: Vec<[u8; 32]>,
    frame: Vec<u8>,
}

impl BlobWriter {
    pub(super) fn new(writer: Arc<Writer>) -> Self {
        let codec = Codec::new(writer.state.options.compression);
        Self { writer, codec, coins: Coins::default(), digests: Vec::new(), frame: Vec::new() }
    }

    /// Names several blobs (hashed together) and stores those that are new; appends what became of each to `added`. Blocks
    /// while too many packs wait for upload. The first error of any thread comes back from every later call.
    pub fn add(&mut self, kind: BlobType, blobs: &[&[u8]], added: &mut Vec<Added>) -> Result<()> {
        let mut digests = std::mem::take(&mut self.digests);
        digests.resize(blobs.len(), [0; 32]);
        sha256::many(blobs, &mut digests);
        let result = digests.iter().zip(blobs).try_for_each(|(digest, blob)| {
            added.push(self.add_named(kind, Id(*digest), blob)?);
            Ok(())
        });
        self.digests = digests;
        result
    }

    /// The same for blobs whose names are known.
    pub fn add_named(&mut self, kind: BlobType, id: Id, blob: &[u8]) -> Result<Added> {
        let state = self.writer.state.clone();
        state.repository.check_process()?;
        state.check()?;
        if !state.claim(kind, &id) {
            return Ok(Added { id, new: false, stored: 0 });
        }
        let stored = self.store(&state, kind, id, blob).map_err(|error| state.fail(error))?;
        Ok(Added { id, new: true, stored })
    }

    fn store(&mut self, state: &State, kind: BlobType, id: Id, blob: &[u8]) -> Result<u32> {
        let length = plain_length(&id, blob)?;
        let uncompressed = compresses(state, kind, blob).then_some(length);
        if uncompressed.is_some() {
            self.codec.compress(blob, &mut self.frame)?;
        }
        let sealed = OVERHEAD + if uncompressed.is_some() { self.frame.len() } else { blob.len() };
        if !state.options.dry_run {
            let coin = self.coins.toss()?;
            state.place(kind, sealed, coin, |pack| self.fill(state, pack, id, blob, uncompressed))?;
        }
        Ok((sealed + entry_length(uncompressed.is_some())) as u32)
    }

    /// Seals the blob (or its frame) into a pack, where it stays only when it comes back.
    fn fill(
        &mut self,
        state: &State,
        pack: &mut OpenPack,
        id: Id,
        blob: &[u8],
        uncompressed: Option<u32>,
    ) -> Result<()> {
        let key = state.repository.master();
        let plain = if uncompressed.is_some() { &self.frame } else { blob };
        let envelope = pack.seal(state.seal, key, id, plain, uncompressed)?;
        let codec = &mut self.codec;
        let mut comes_back =
            || key.holds(envelope, plain) && (uncompressed.is_none() || codec.holds(plain, blob));
        if state.options.extra_verify && !comes_back() {
            pack.withdraw();
            return Err(faulty(format!("new blob {id}")));
        }
        Ok(())
    }
}

/// Version 2 compresses trees always; nothing compresses nothing.
fn compresses(state: &State, kind: BlobType, blob: &[u8]) -> bool {
    let wanted = kind == BlobType::Tree || state.options.compression != Compression::Off;
    state.repository.config().version == Version::V2 && wanted && !blob.is_empty()
}

/// Lengths and offsets in a pack have 32 bits.
fn plain_length(id: &Id, blob: &[u8]) -> Result<u32> {
    const MOST: usize = u32::MAX as usize - (256 << 20);
    match u32::try_from(blob.len()) {
        Ok(length) if blob.len() <= MOST => Ok(length),
        _ => {
            Err(Error::refused(format!("blob {id} has {} bytes: at most {MOST} fit into a pack", blob.len())))
        }
    }
}

/// Random bits from the system, 64 at a time.
#[derive(Default)]
struct Coins {
    bits: u64,
    left: u32,
}

impl Coins {
    /// 0 or 1.
    fn toss(&mut self) -> Result<usize> {
        if self.left == 0 {
            self.bits = getrandom::u64().map_err(|error| Error::Local {
                path: "random numbers of the system".into(),
                source: error.into(),
            })?;
            self.left = u64::BITS;
        }
        self.left -= 1;
        Ok((self.bits >> self.left & 1) as usize)
    }
}
