//! Stored blobs to plain ones.

use holdfast_backend::Handle;
use holdfast_format::compression::{Codec, Compression};
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::{BlobType, Error, Id, Result};

use crate::{Place, Repository};

/// Decodes stored blobs: buffers and zstd contexts that are kept, one a thread.
pub struct BlobReader {
    key: EnvelopeKey,
    codec: Codec,
    sealed: Vec<u8>,
    frame: Vec<u8>,
}

impl BlobReader {
    /// For one thread.
    pub fn new(repository: &Repository) -> Self {
        Self {
            key: repository.master().clone(),
            codec: Codec::new(Compression::Auto),
            sealed: Vec::new(),
            frame: Vec::new(),
        }
    }

    /// Replaces `out` with the plain bytes of an envelope as it lies in a pack: MAC, zstd, length and SHA-256 checked.
    /// Errors name the blob; `in_pack` adds the pack.
    pub fn decode(
        &mut self,
        sealed: &[u8],
        id: &Id,
        uncompressed: Option<u32>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.decode_unhashed(sealed, id, uncompressed, out)?;
        match Id::of(out) {
            found if found == *id => Ok(()),
            found => Err(damaged(id, format!("its SHA-256 is {found}"))),
        }
    }

    /// The same without SHA-256 (a caller that hashes several at once).
    pub fn decode_unhashed(
        &mut self,
        sealed: &[u8],
        id: &Id,
        uncompressed: Option<u32>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let plain = if uncompressed.is_some() { &mut self.frame } else { &mut *out };
        self.key.open(sealed, plain).ok_or_else(|| damaged(id, "its MAC does not fit"))?;
        let Some(length) = uncompressed else { return Ok(()) };
        self.codec
            .decompress(&self.frame, length as usize, out)
            .map_err(|error| damaged(id, cause(error)))?;
        if out.len() == length as usize {
            return Ok(());
        }
        Err(damaged(id, format!("it has {} bytes instead of {length}", out.len())))
    }

    /// Reads a blob from its place into `out`.
    pub fn load(
        &mut self,
        repository: &Repository,
        kind: BlobType,
        id: &Id,
        place: &Place,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let pack = pack_handle(kind, place.pack);
        let mut sealed = std::mem::take(&mut self.sealed);
        let read =
            repository.backend().read(&pack, place.offset.into(), Some(place.length as usize), &mut sealed);
        let decoded = read.and_then(|()| self.decode(&sealed, id, place.uncompressed, out));
        self.sealed = sealed;
        decoded.map_err(in_pack(&place.pack))
    }
}

/// The file of a pack from which a blob of a kind is read.
pub(crate) fn pack_handle(kind: BlobType, pack: Id) -> Handle {
    match kind {
        BlobType::Tree => Handle::tree_pack(pack),
        BlobType::Data => Handle::new(holdfast_format::FileType::Pack, pack),
    }
}

/// Adds the pack to the name of a damaged blob.
pub fn in_pack(pack: &Id) -> impl Fn(Error) -> Error {
    let pack = *pack;
    move |error| match error {
        Error::Damaged { what, why } if what.starts_with("blob ") => {
            Error::damaged(format!("{what} in pack {pack}"), why)
        }
        other => other,
    }
}

fn damaged(id: &Id, why: impl Into<String>) -> Error {
    Error::damaged(format!("blob {id}"), why)
}

fn cause(error: Error) -> String {
    match error {
        Error::Damaged { why, .. } => why,
        other => other.to_string(),
    }
}
