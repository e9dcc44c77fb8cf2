//! A pack while it fills.

use holdfast_format::crypto::{EnvelopeKey, OVERHEAD};
use holdfast_format::pack::{self, LENGTH_FIELD, MAX_HEADER, PackedBlob};
use holdfast_format::{BlobType, Error, Id, Result};

/// Appends the envelope of some bytes.
pub type Seal = fn(&EnvelopeKey, &[u8], &mut Vec<u8>) -> Result<()>;

/// Sealed blobs one after the other; the header comes at the end.
pub struct OpenPack {
    pub kind: BlobType,
    pub bytes: Vec<u8>,
    pub blobs: Vec<PackedBlob>,
}

impl OpenPack {
    /// With room for a usual pack.
    pub fn new(kind: BlobType, size: usize) -> Self {
        Self { kind, bytes: Vec::with_capacity(room(size)), blobs: Vec::new() }
    }

    /// Seals a blob at the end and gives its envelope.
    pub fn seal(
        &mut self,
        seal: Seal,
        key: &EnvelopeKey,
        id: Id,
        plain: &[u8],
        uncompressed: Option<u32>,
    ) -> Result<&[u8]> {
        let from = self.bytes.len();
        seal(key, plain, &mut self.bytes)?;
        let (offset, length) = (from as u32, (self.bytes.len() - from) as u32);
        self.blobs.push(PackedBlob { id, kind: self.kind, offset, length, uncompressed });
        Ok(&self.bytes[from..])
    }

    /// Takes out the blob that was sealed last.
    pub fn withdraw(&mut self) {
        if let Some(last) = self.blobs.pop() {
            self.bytes.truncate(last.offset as usize);
        }
    }

    /// Nothing more should be added.
    pub fn is_full(&self, size: usize) -> bool {
        self.bytes.len() >= size
            || OVERHEAD + (self.blobs.len() + 1) * crate::index::entry_length(true) > MAX_HEADER
    }

    /// Takes over what another one holds.
    pub fn append(&mut self, other: &OpenPack) {
        let shift = self.bytes.len() as u32;
        self.bytes.extend_from_slice(&other.bytes);
        self.blobs.extend(other.blobs.iter().map(|blob| PackedBlob { offset: blob.offset + shift, ..*blob }));
    }

    /// Adds the header and reads it back.
    pub fn close(&mut self, key: &EnvelopeKey) -> Result<()> {
        let end = self.bytes.len();
        key.seal(&pack::encode(&self.blobs), &mut self.bytes)?;
        self.verify_header(key, end)?;
        let length = (self.bytes.len() - end) as u32;
        self.bytes.extend_from_slice(&length.to_le_bytes());
        debug_assert_eq!(self.bytes.len(), end + pack::header_length(&self.blobs) + LENGTH_FIELD);
        Ok(())
    }

    fn verify_header(&self, key: &EnvelopeKey, end: usize) -> Result<()> {
        let mut plain = Vec::new();
        let opened = key.open(&self.bytes[end..], &mut plain);
        if opened.is_some() && pack::decode(&plain, end as u64)? == self.blobs {
            return Ok(());
        }
        Err(faulty("the header of a new pack"))
    }

    /// Its buffer as an empty pack; what it holds is elsewhere by now.
    pub fn take_memory(&mut self) -> Self {
        Self { kind: self.kind, bytes: std::mem::take(&mut self.bytes), blobs: Vec::new() }
    }

    /// Ready for another use.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.blobs.clear();
    }
}

/// Bytes that a pack of a size may take with its header. Memory that is not used costs nothing.
pub fn room(size: usize) -> usize {
    size + (1 << 20)
}

/// What was just written cannot be read.
pub fn faulty(what: impl Into<String>) -> Error {
    Error::damaged(what, "it did not survive encoding: memory or processor is faulty; nothing was stored")
}
