//! Packs into files: reads ranges, decodes and proves each blob, and writes it wherever it belongs.

use std::cmp::Reverse;

use holdfast_backend::Handle;
use holdfast_format::{BlobType, Error, FileType, Id, Result};
use holdfast_kernels::sha256;
use holdfast_repo::repository::BlobReader;

use crate::files::Files;
use crate::folder::Folders;
use crate::pieces::{Fetch, Piece};
use crate::run::{Run, ends_it};

/// Blobs that are decoded before they are hashed together.
const TOGETHER: usize = 6;
/// Plain bytes at which a group is full.
const GROUP: usize = 3 << 20;
/// Bytes of buffers that all threads keep.
const KEPT: usize = 40 << 20;

/// One thread's hands and buffers.
pub struct Worker<'a> {
    run: &'a Run<'a>,
    folders: Folders<'a>,
    reader: BlobReader,
    sealed: Vec<u8>,
    plain: Vec<Vec<u8>>,
}

impl<'a> Worker<'a> {
    pub fn new(run: &'a Run<'a>) -> Self {
        Self {
            run,
            folders: run.folders(),
            reader: BlobReader::new(run.repository),
            sealed: Vec::new(),
            plain: vec![Vec::new(); TOGETHER],
        }
    }

    /// Reads one range and writes every blob in it, those of a store that is far as they come. A blob that cannot be had
    /// from there is tried elsewhere.
    pub fn fetch(&mut self, files: &Files<'_>, ids: &[Id], pieces: &[Piece], fetch: &Fetch) -> Result<()> {
        let mut range = Arriving {
            fetch,
            from: fetch.bytes.start,
            rest: &pieces[fetch.pieces.clone()],
            damaged: Vec::new(),
        };
        self.sealed.clear();
        let read = self.read(files, ids, &mut range);
        self.run.check()?;
        for (blob, error) in std::mem::take(&mut range.damaged) {
            self.replace(files, ids, blob, error, true)?;
        }
        if let Err(error) = read {
            for blob in range.rest.chunk_by(Piece::same_blob) {
                self.replace(files, ids, blob, again(&error), false)?;
            }
        }
        if self.sealed.capacity() > KEPT / self.run.threads {
            self.sealed = Vec::new();
        }
        Ok(())
    }

    fn read(&mut self, files: &Files<'_>, ids: &[Id], range: &mut Arriving<'_>) -> Result<()> {
        let backend = self.run.repository.backend();
        let handle = Handle::new(FileType::Pack, range.fetch.pack);
        let (offset, length) = (u64::from(range.fetch.bytes.start), range.fetch.bytes.len());
        if backend.folder().is_some() {
            backend.read(&handle, offset, Some(length), &mut self.sealed)?;
            return self.deliver(files, ids, range);
        }
        backend.stream(&handle, offset, length, &mut |bytes| {
            self.sealed.extend_from_slice(bytes);
            self.deliver(files, ids, range)
        })
    }

    /// Writes every group that is there whole. The longest blobs come first: so the nth buffer never grows beyond an nth of
    /// a group.
    fn deliver(&mut self, files: &Files<'_>, ids: &[Id], range: &mut Arriving<'_>) -> Result<()> {
        let mut done = 0;
        while let Some(group) = range.next(self.sealed.len()) {
            self.run.check()?;
            let mut blobs: Vec<&[Piece]> = group.chunk_by(Piece::same_blob).collect();
            blobs.sort_unstable_by_key(|blob| Reverse(blob[0].plain_length()));
            let decoded = self.decode(ids, &blobs, range);
            for ((blob, state), plain) in blobs.iter().zip(decoded).zip(&self.plain) {
                match state {
                    Ok(()) => put(files, &mut self.folders, blob, Ok(plain)),
                    Err(error) => range.damaged.push((blob, error)),
                }
            }
            done = range.done(group);
            self.forget();
        }
        self.sealed.drain(..done);
        range.from += done as u32;
        Ok(())
    }

    /// Opens the envelopes into the plain buffers, then compares the digests of all.
    fn decode(&mut self, ids: &[Id], blobs: &[&[Piece]], range: &Arriving<'_>) -> Vec<Result<()>> {
        let mut states = Vec::with_capacity(blobs.len());
        for (blob, plain) in blobs.iter().zip(&mut self.plain) {
            let piece = &blob[0];
            let from = (piece.offset - range.from) as usize;
            let sealed = &self.sealed[from..from + piece.length as usize];
            let id = &ids[piece.blob as usize];
            let state = self.reader.decode_unhashed(sealed, id, piece.uncompressed(), plain);
            if state.is_err() {
                plain.clear();
            }
            states.push(state);
        }
        let messages: Vec<&[u8]> = self.plain[..blobs.len()].iter().map(Vec::as_slice).collect();
        let mut digests = [[0; 32]; TOGETHER];
        sha256::many(&messages, &mut digests[..blobs.len()]);
        for ((state, blob), digest) in states.iter_mut().zip(blobs).zip(&digests) {
            let id = &ids[blob[0].blob as usize];
            if state.is_ok() && *digest != id.0 {
                let what = format!("blob {id} in pack {}", range.fetch.pack);
                *state = Err(Error::damaged(what, "its digest is another"));
            }
        }
        states
    }

    /// Writes a blob that failed, loaded from wherever else it is.
    fn replace(
        &mut self,
        files: &Files<'_>,
        ids: &[Id],
        blob: &[Piece],
        error: Error,
        was_read: bool,
    ) -> Result<()> {
        let found = self.elsewhere(&ids[blob[0].blob as usize], error, was_read)?;
        put(files, &mut self.folders, blob, found.as_deref().map_err(String::as_str));
        Ok(())
    }

    /// A blob that is damaged where it was read: once more, from every place. A pack that could not be read is not tried
    /// again blob by blob, only other packs are.
    fn elsewhere(&self, id: &Id, error: Error, was_read: bool) -> Result<Result<Vec<u8>, String>> {
        if ends_it(&error) {
            return Err(error);
        }
        let repository = self.run.repository;
        if !was_read && repository.index().find_all(BlobType::Data, id).len() < 2 {
            return Ok(Err(format!("blob {id}: {error}")));
        }
        match repository.load_blob(BlobType::Data, id) {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(other) if ends_it(&other) => Err(other),
            Err(_) => Ok(Err(format!("blob {id}: {error}"))),
        }
    }

    /// Lets large buffers go, so that a few large blobs do not stay in memory.
    fn forget(&mut self) {
        let kept = KEPT / self.run.threads;
        while self.plain.iter().map(Vec::capacity).sum::<usize>() > kept {
            if let Some(largest) = self.plain.iter_mut().max_by_key(|buffer| buffer.capacity()) {
                *largest = Vec::new();
            }
        }
    }
}

/// A range while it is read.
struct Arriving<'p> {
    fetch: &'p Fetch,
    /// Where in the pack the bytes begin that are not decoded yet.
    from: u32,
    /// Pieces that are not decoded yet.
    rest: &'p [Piece],
    damaged: Vec<(&'p [Piece], Error)>,
}

impl<'p> Arriving<'p> {
    /// The next group, if so many bytes hold it whole.
    fn next(&mut self, bytes: usize) -> Option<&'p [Piece]> {
        let (group, rest) = self.rest.split_at(group(self.rest));
        if group.is_empty() || (end(group) - self.from) as usize > bytes {
            return None;
        }
        self.rest = rest;
        Some(group)
    }

    /// Bytes that nobody needs after a group. An index may lie, and have blobs overlap.
    fn done(&self, group: &[Piece]) -> usize {
        let next = self.rest.first().map_or(u32::MAX, |piece| piece.offset);
        (end(group).min(next) - self.from) as usize
    }
}

/// Where the last of some pieces ends in its pack.
fn end(pieces: &[Piece]) -> u32 {
    pieces.iter().map(Piece::end).max().unwrap_or(0)
}

/// Writes a blob into every file that wants it.
fn put(files: &Files<'_>, folders: &mut Folders<'_>, blob: &[Piece], content: Result<&[u8], &str>) {
    for piece in blob {
        files.put(folders, piece.file, piece.at, content);
    }
}

/// How many pieces make the next group: whole blobs, not too many of them, not too much in all.
fn group(pieces: &[Piece]) -> usize {
    let (mut taken, mut bytes) = (0, 0);
    for blob in pieces.chunk_by(Piece::same_blob).take(TOGETHER) {
        taken += blob.len();
        bytes += blob[0].plain_length();
        if bytes >= GROUP {
            break;
        }
    }
    taken
}

/// The same failure for every blob of a range.
fn again(error: &Error) -> Error {
    match error {
        Error::Cancelled => Error::Cancelled,
        Error::Forked { opened, here } => Error::Forked { opened: *opened, here: *here },
        other => Error::Refused { what: other.to_string() },
    }
}
