//! Index, snapshot and lock files inside their envelope: raw JSON in version 1, marked by the first byte in version 2.

use crate::compression::{Codec, Compression};
use crate::error::{Error, Result};
use crate::kinds::Version;

/// First byte of a zstd frame's document.
const ZSTD: u8 = 2;
/// Longest document that is read: an index of six million blobs.
const LIMIT: usize = 1 << 30;

/// What goes into the envelope.
pub fn encode(version: Version, json: &[u8]) -> Result<Vec<u8>> {
    if version == Version::V1 {
        return Ok(json.to_vec());
    }
    let mut frame = Vec::new();
    Codec::new(Compression::Auto).compress(json, &mut frame)?;
    frame.insert(0, ZSTD);
    Ok(frame)
}

/// The JSON again; `[` and `{` are raw, 2 is a zstd frame, anything else is `Damaged`.
pub fn decode(plain: Vec<u8>) -> Result<Vec<u8>> {
    match plain.split_first() {
        Some((b'[' | b'{', _)) => Ok(plain),
        Some((&ZSTD, frame)) => {
            let mut json = Vec::new();
            Codec::new(Compression::Auto).decompress(frame, LIMIT, &mut json)?;
            Ok(json)
        }
        Some((first, _)) => Err(Error::damaged(
            "a document",
            format!("its first byte is {first}, which marks neither JSON nor zstd"),
        )),
        None => Err(Error::damaged("a document", "it is empty")),
    }
}
