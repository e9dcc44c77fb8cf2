//! zstd frames, without checksum and with the content size in the header.

use crate::error::Result;

/// restic's levels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compression {
    /// Data blobs are stored raw (trees and unpacked files are not).
    Off,
    /// zstd 1.
    Fastest,
    /// zstd 3.
    #[default]
    Auto,
    /// By measured size (ADR).
    Better,
    /// By measured size (ADR).
    Max,
}

/// Contexts that are kept: one a thread.
pub struct Codec {}

impl Codec {
    /// For a level; decoding is the same at all.
    pub fn new(_level: Compression) -> Self {
        todo!()
    }
    /// Replaces `out` with a frame of `plain`.
    pub fn compress(&mut self, _plain: &[u8], _out: &mut Vec<u8>) -> Result<()> {
        todo!()
    }
    /// Replaces `out` with the content of one frame; never more than `limit` bytes (`Damaged` above).
    pub fn decompress(&mut self, _frame: &[u8], _limit: usize, _out: &mut Vec<u8>) -> Result<()> {
        todo!()
    }
}
