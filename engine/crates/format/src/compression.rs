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
    /// By measured size (ADR).
    Better,
    /// By measured size (ADR).
    Max,
}

impl Compression {
    fn level(self) -> i32 {
        match self {
            Self::Fastest => 1,
            Self::Off | Self::Auto => 3,
            Self::Better => 7,
            Self::Max => 15,
        }
    }
}

/// Contexts that are kept: one a thread.
pub struct Codec {
    encoder: CCtx<'static>,
    decoder: DCtx<'static>,
    level: Compression,
    /// The level is set at the first use: who only reads needs no tables.
    ready: bool,
}

impl Codec {
    /// For a level; decoding is the same at all. `Off` is for who decides himself what is not compressed: it compresses as `Auto`.
    pub fn new(level: Compression) -> Self {
        Self { encoder: CCtx::create(), decoder: DCtx::create(), level, ready: false }
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
        if self.ready {
            return Ok(0);
        }
        self.encoder.set_parameter(CParameter::CompressionLevel(self.level.level()))?;
        self.ready = true;
        Ok(0)
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
