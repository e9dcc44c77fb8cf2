//! zstd frames, without checksum and with the content size in the header.

use zstd_safe::{CCtx, CParameter, DCtx, InBuffer, OutBuffer, ResetDirective};

use crate::error::{Error, Result};

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
    /// zstd 7: smaller than restic's `max` on programs, headers and documents, faster than its `better`.
    Better,
    /// zstd 12 with a window of 2 MiB: smaller again, and still faster than restic's `max`.
    Max,
}

impl Compression {
    /// zstd's level, and the binary logarithm of the longest window: zstd's own, but for `Max` half of it, which keeps a
    /// context below 30 MB for the longest blob.
    fn parameters(self) -> [CParameter; 2] {
        let (level, window) = match self {
            Self::Fastest => (1, 19),
            Self::Off | Self::Auto => (3, 21),
            Self::Better => (7, 21),
            Self::Max => (12, 21),
        };
        [CParameter::CompressionLevel(level), CParameter::WindowLog(window)]
    }
}

/// Bytes that are decoded before they are compared.
const PIECE: usize = 128 << 10;

/// Contexts that are kept: one a thread.
pub struct Codec {
    encoder: CCtx<'static>,
    decoder: DCtx<'static>,
    piece: Vec<u8>,
    level: Compression,
    /// The level is set at the first use: who only reads needs no tables.
    ready: bool,
}

impl Codec {
    /// For a level; decoding is the same at all. `Off` is for who decides himself what is not compressed: it compresses as `Auto`.
    pub fn new(level: Compression) -> Self {
        Self { encoder: CCtx::create(), decoder: DCtx::create(), piece: Vec::new(), level, ready: false }
    }

    /// Replaces `out` with a frame of `plain`.
    pub fn compress(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.prepare().map_err(failed)?;
        out.clear();
        out.reserve(zstd_safe::compress_bound(plain.len()));
        self.encoder.compress2(out, plain).map_err(failed)?;
        Ok(())
    }

    fn prepare(&mut self) -> zstd_safe::SafeResult {
        if !self.ready {
            for parameter in self.level.parameters() {
                self.encoder.set_parameter(parameter)?;
            }
            self.ready = true;
        }
        Ok(0)
    }

    /// Whether a frame is that of `plain`. Takes memory for a window, not for the whole.
    pub fn holds(&mut self, frame: &[u8], plain: &[u8]) -> bool {
        self.compare(frame, plain).unwrap_or(false)
    }

    fn compare(&mut self, frame: &[u8], plain: &[u8]) -> std::result::Result<bool, zstd_safe::ErrorCode> {
        self.decoder.reset(ResetDirective::SessionOnly)?;
        self.piece.reserve(PIECE);
        let (mut input, mut expected) = (InBuffer::around(frame), plain);
        loop {
            self.piece.clear();
            let left = self.decoder.decompress_stream(&mut OutBuffer::around(&mut self.piece), &mut input)?;
            match expected.strip_prefix(&self.piece[..]) {
                Some(rest) if left == 0 => return Ok(rest.is_empty() && input.pos() == frame.len()),
                Some(rest) if !self.piece.is_empty() => expected = rest,
                _ => return Ok(false),
            }
        }
    }

    /// Replaces `out` with the content of one frame; never more than `limit` bytes (`Damaged` above).
    pub fn decompress(&mut self, frame: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<()> {
        out.clear();
        match zstd_safe::get_frame_content_size(frame) {
            Ok(Some(size)) if size > limit as u64 => {
                Err(damaged(format!("it has {size} bytes where at most {limit} are expected")))
            }
            Ok(Some(size)) => self.decompress_known(frame, size as usize, out),
            Ok(None) => self.decompress_unknown(frame, limit, out),
            Err(_) => Err(damaged("it does not begin with the header of a zstd frame")),
        }
    }

    fn decompress_known(&mut self, frame: &[u8], size: usize, out: &mut Vec<u8>) -> Result<()> {
        reserve(out, size)?;
        match self.decoder.decompress(out, frame) {
            Ok(found) if found == size => Ok(()),
            Ok(found) => Err(damaged(format!("it has {found} bytes where its header says {size}"))),
            Err(code) => Err(damaged(zstd_safe::get_error_name(code))),
        }
    }

    /// Frames of writers that did not know the size beforehand (rustic): grows with what comes out.
    fn decompress_unknown(&mut self, frame: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<()> {
        self.decoder.reset(ResetDirective::SessionOnly).map_err(failed)?;
        let mut input = InBuffer::around(frame);
        loop {
            reserve(out, DCtx::out_size())?;
            let start = out.len();
            let mut output = OutBuffer::around_pos(out, start);
            let rest = self.decoder.decompress_stream(&mut output, &mut input);
            let rest = rest.map_err(|code| damaged(zstd_safe::get_error_name(code)))?;
            let all_read = input.pos() == frame.len();
            match rest {
                _ if out.len() > limit => {
                    return Err(damaged(format!("it has more than the {limit} bytes that are expected")));
                }
                0 if all_read => return Ok(()),
                0 => return Err(damaged("something follows it")),
                _ if all_read && out.len() < out.capacity() => return Err(damaged("it ends early")),
                _ => {}
            }
        }
    }
}

fn reserve(out: &mut Vec<u8>, bytes: usize) -> Result<()> {
    out.try_reserve(bytes)
        .map_err(|_| damaged(format!("no memory for the {bytes} bytes that its header says")))
}

fn damaged(why: impl Into<String>) -> Error {
    Error::damaged("a zstd frame", why)
}

fn failed(code: zstd_safe::ErrorCode) -> Error {
    Error::refused(format!("zstd cannot work here: {}", zstd_safe::get_error_name(code)))
}

#[cfg(test)]
mod tests {
    use super::{Codec, Compression};

    #[test]
    fn a_frame_holds_what_it_was_made_of_and_nothing_else() {
        let plain: Vec<u8> = (0..700_000_u32).flat_map(|i| (i / 3).to_le_bytes()).collect();
        let mut codec = Codec::new(Compression::Auto);
        for length in [0, 1, 1000, 128 << 10, 131_073, plain.len()] {
            let (plain, mut frame) = (&plain[..length], Vec::new());
            codec.compress(plain, &mut frame).unwrap();
            assert!(codec.holds(&frame, plain), "{length}");
            assert!(!codec.holds(&frame, &[plain, b"x"].concat()), "{length}");
            assert!(!codec.holds(&frame[..frame.len() - 1], plain), "{length}");
            assert!(!codec.holds(&[&frame[..], &frame[..]].concat(), plain), "{length}");
            if let Some((last, before)) = plain.split_last() {
                assert!(!codec.holds(&frame, before), "{length}");
                assert!(!codec.holds(&frame, &[before, &[!last]].concat()), "{length}");
            }
        }
    }

    #[test]
    fn a_context_stays_below_30_megabytes_for_the_longest_blob() {
        let blob: Vec<u8> = (0..8_u32 << 20).map(|i| (i.wrapping_mul(i) >> 9) as u8).collect();
        for level in [Compression::Fastest, Compression::Auto, Compression::Better, Compression::Max] {
            let mut codec = Codec::new(level);
            codec.compress(&blob, &mut Vec::new()).unwrap();
            let size = codec.encoder.sizeof() + codec.decoder.sizeof();
            assert!(size < 30_000_000, "{level:?}: {size}");
        }
    }
}
