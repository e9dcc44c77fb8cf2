//! Where the header of a pack lies, and what it says. Pure.

use std::ops::Range;

use holdfast_format::Error;
use holdfast_format::crypto::{EnvelopeKey, OVERHEAD};
use holdfast_format::pack::{self, LENGTH_FIELD, MAX_HEADER, PackedBlob};

/// Bytes of the header's envelope in a pack of `size` bytes that ends with `tail`.
pub fn locate(tail: &[u8], size: u64) -> Result<Range<u64>, String> {
    let Some(field) = tail.last_chunk::<LENGTH_FIELD>() else {
        return Err("file is too short".to_owned());
    };
    let (length, end) = (u64::from(u32::from_le_bytes(*field)), size - LENGTH_FIELD as u64);
    match length {
        0 => Err("header length is zero".to_owned()),
        _ if length < OVERHEAD as u64 => Err("header length is too short".to_owned()),
        _ if length > end => Err("header is larger than file".to_owned()),
        _ if length > MAX_HEADER as u64 => Err("header is larger than maxHeaderSize".to_owned()),
        _ => Ok(end - length..end),
    }
}

/// The blobs that an envelope which begins at `start` names.
pub fn open(key: &EnvelopeKey, sealed: &[u8], start: u64) -> Result<Vec<PackedBlob>, String> {
    let mut plain = Vec::new();
    key.open(sealed, &mut plain).ok_or("the MAC of its header does not fit")?;
    pack::decode(&plain, start).map_err(|error| match error {
        Error::Damaged { why, .. } => why,
        other => other.to_string(),
    })
}
