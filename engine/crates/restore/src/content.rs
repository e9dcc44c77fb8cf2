//! Packs into files: reads ranges, decodes and proves each blob, and writes it wherever it belongs.

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
/// Bytes of buffers that a thread keeps.
const KEPT: usize = 12 << 20;

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

    /// Reads one range and writes every blob in it. A blob that cannot be had from there is tried elsewhere.
    pub fn fetch(&mut self, files: &Files<'_>, ids: &[Id], pieces: &[Piece], fetch: &Fetch) -> Result<()> {
        let (offset, length) = (u64::from(fetch.bytes.start), fetch.bytes.len());
        let handle = Handle::new(FileType::Pack, fetch.pack);
        let read = self.run.repository.backend().read(&handle, offset, Some(length), &mut self.sealed);
        let mut rest = &pieces[fetch.pieces.clone()];
        while !rest.is_empty() {
            self.run.check()?;
            let (group, next) = rest.split_at(group(rest));
            let blobs: Vec<&[Piece]> = group.chunk_by(Piece::same_blob).collect();
            let mut decoded = match &read {
                Ok(()) => self.decode(ids, &blobs, fetch),
                Err(error) => blobs.iter().map(|_| Err(again(error))).collect(),
            };
            for (number, blob) in blobs.iter().enumerate() {
                let state = std::mem::replace(&mut decoded[number], Ok(()));
                self.deliver(files, ids, blob, number, state, read.is_ok())?;
            }
            rest = next;
        }
        self.forget();
        Ok(())
    }

    /// Opens the envelopes into the plain buffers, then compares the digests of all.
    fn decode(&mut self, ids: &[Id], blobs: &[&[Piece]], fetch: &Fetch) -> Vec<Result<()>> {
        let mut states = Vec::with_capacity(blobs.len());
        for (blob, plain) in blobs.iter().zip(&mut self.plain) {
            let piece = &blob[0];
            let from = (piece.offset - fetch.bytes.start) as usize;
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
                *state =
                    Err(Error::damaged(format!("blob {id} in pack {}", fetch.pack), "its digest is another"));
            }
        }
        states
    }

    /// Writes a decoded blob into every file that wants it; one that failed is loaded from wherever else it is.
    fn deliver(
        &mut self,
        files: &Files<'_>,
        ids: &[Id],
        blob: &[Piece],
        number: usize,
        state: Result<()>,
        was_read: bool,
    ) -> Result<()> {
        let elsewhere = match state {
            Ok(()) => None,
            Err(error) => Some(self.elsewhere(&ids[blob[0].blob as usize], error, was_read)?),
        };
        let content = match &elsewhere {
            None => Ok(self.plain[number].as_slice()),
            Some(Ok(bytes)) => Ok(bytes.as_slice()),
            Some(Err(error)) => Err(error.as_str()),
        };
        for piece in blob {
            files.put(&mut self.folders, piece.file, piece.at, content);
        }
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
        while self.plain.iter().map(Vec::capacity).sum::<usize>() > KEPT {
            if let Some(largest) = self.plain.iter_mut().max_by_key(|buffer| buffer.capacity()) {
                *largest = Vec::new();
            }
        }
        if self.sealed.capacity() > KEPT {
            self.sealed = Vec::new();
        }
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
