//! Proves one pack: its name, its header, what the index says of it, and every blob.
//!
//! A pack up to `WHOLE` bytes is read at once, so that its own digest is made beside those of its blobs; a larger one is
//! read in pieces. From a store that is far and likes more operations at a time than memory has room for packs, they come to
//! this machine's disk, each by one request, and in pieces from there.

use std::io;

use holdfast_backend::failure::failed;
use holdfast_backend::{Handle, Spill};
use holdfast_format::pack::{LENGTH_FIELD, PackedBlob};
use holdfast_format::{Error, FileType, Id, Result};
use holdfast_kernels::sha256::Hasher;
use holdfast_repo::index::IndexedPack;
use holdfast_repo::{Index, Place, Repository};

use crate::blobs::BlobProver;
use crate::outcome::{Problem, ProblemKind};
use crate::{header, pieces};

/// Packs that are proven in memory at the same time: each takes 52 MiB at most, and together they stay below 160 MB.
pub const AT_ONCE: usize = 3;
/// The longest pack that is held in memory, in bytes: 16 MiB, as most are, and one blob.
const WHOLE: u64 = 24 << 20;
/// Plain bytes of such a pack that are held at once.
const TOGETHER: u64 = 16 << 20;
/// The same where packs come to disk.
const TOGETHER_FROM_DISK: u64 = 4 << 20;

/// One thread's hands: buffers that are kept.
pub struct Prover<'a> {
    repository: &'a Repository,
    index: &'a Index,
    blobs: BlobProver,
    bytes: Vec<u8>,
    far: bool,
    /// The pack that came to disk.
    spill: Option<Spill>,
}

/// What the header says, or why it cannot be read.
type Header = std::result::Result<Vec<PackedBlob>, String>;

impl<'a> Prover<'a> {
    pub fn new(repository: &'a Repository, index: &'a Index) -> Self {
        let backend = repository.backend();
        let far = backend.folder().is_none() && backend.connections() > AT_ONCE;
        let blobs = BlobProver::new(repository, if far { TOGETHER_FROM_DISK } else { TOGETHER });
        Self { repository, index, blobs, bytes: Vec::new(), far, spill: None }
    }

    /// What is wrong with a pack. It is read again when something is, past any cache; what is right only then is a problem
    /// too.
    pub fn prove(&mut self, pack: &IndexedPack) -> Option<Problem> {
        let first = problem(pack, self.faults(pack))?;
        self.repository.backend().forget(&handle(pack));
        let second = problem(pack, self.faults(pack));
        Some(second.unwrap_or_else(|| {
            let why = format!("check successful on second attempt, original error: {first}");
            Problem::pack(ProblemKind::PackRead, &pack.id, why)
        }))
    }

    fn faults(&mut self, pack: &IndexedPack) -> Result<Vec<String>> {
        if self.far {
            self.spill = Some(self.fetch(pack)?);
            self.in_pieces(pack)
        } else if pack.size <= WHOLE {
            self.whole(pack)
        } else {
            self.in_pieces(pack)
        }
    }

    /// A whole pack on disk.
    fn fetch(&self, pack: &IndexedPack) -> Result<Spill> {
        let mut spill = Spill::new().map_err(|why| no_room(&why))?;
        let take = &mut |bytes: &[u8]| spill.push(bytes).map_err(|why| no_room(&why));
        self.repository.backend().stream(&handle(pack), 0, pack.size as usize, take)?;
        Ok(spill)
    }

    fn whole(&mut self, pack: &IndexedPack) -> Result<Vec<String>> {
        self.read(pack, 0..pack.size)?;
        let bytes = &self.bytes;
        let header = header::locate(bytes, pack.size).and_then(|place| {
            let sealed = &bytes[place.start as usize..place.end as usize];
            header::open(self.repository.master(), sealed, place.start)
        });
        let (blobs, mut faults) = agree(self.index, pack, header);
        let name = self.blobs.prove(&blobs, &self.bytes, 0, Some(&self.bytes), &mut faults);
        faults.extend(name.and_then(|name| misnamed(pack, name)));
        Ok(faults)
    }

    fn in_pieces(&mut self, pack: &IndexedPack) -> Result<Vec<String>> {
        let header = self.read_header(pack)?;
        let (blobs, mut faults) = agree(self.index, pack, header);
        let mut hasher = Hasher::new();
        for piece in pieces::cut(&blobs, pack.size) {
            self.read(pack, piece.bytes.clone())?;
            hasher.update(&self.bytes);
            self.blobs.prove(&blobs[piece.blobs], &self.bytes, piece.bytes.start, None, &mut faults);
        }
        faults.extend(misnamed(pack, Id(hasher.finish())));
        Ok(faults)
    }

    fn read_header(&mut self, pack: &IndexedPack) -> Result<Header> {
        self.read(pack, pack.size - LENGTH_FIELD as u64..pack.size)?;
        let place = match header::locate(&self.bytes, pack.size) {
            Ok(place) => place,
            Err(why) => return Ok(Err(why)),
        };
        self.read(pack, place.clone())?;
        Ok(header::open(self.repository.master(), &self.bytes, place.start))
    }

    fn read(&mut self, pack: &IndexedPack, bytes: std::ops::Range<u64>) -> Result<()> {
        let length = (bytes.end - bytes.start) as usize;
        if let Some(spill) = &self.spill {
            let fails = |why| failed("read", "a temporary file", why);
            return spill.read(bytes.start as usize, length, &mut self.bytes).map_err(fails);
        }
        self.repository.backend().read(&handle(pack), bytes.start, Some(length), &mut self.bytes)
    }
}

fn no_room(why: &io::Error) -> Error {
    let remedy =
        io::Error::new(why.kind(), format!("{why}; TMPDIR names another folder for temporary files"));
    Error::local(std::env::temp_dir().as_os_str().as_encoded_bytes(), remedy)
}

fn handle(pack: &IndexedPack) -> Handle {
    Handle::new(FileType::Pack, pack.id)
}

/// Blobs to prove, and how header and index differ. The index is asked only where the header cannot be read: a header that
/// has all that the index has, and no more, is the index.
fn agree(index: &Index, pack: &IndexedPack, header: Header) -> (Vec<PackedBlob>, Vec<String>) {
    let blobs = match header {
        Ok(blobs) => blobs,
        Err(why) => return (apart(indexed(index, pack), pack.size), vec![why]),
    };
    let stray = blobs.iter().filter(|blob| !index.find_all(blob.kind, &blob.id).contains(&place(pack, blob)));
    let mut faults: Vec<_> = stray
        .map(|blob| format!("blob {} is not contained in index or position is incorrect", blob.id))
        .collect();
    if blobs.len() != pack.blobs as usize {
        faults.push(format!("its header names {} blobs, the index {}", blobs.len(), pack.blobs));
    }
    (blobs, faults)
}

fn place(pack: &IndexedPack, blob: &PackedBlob) -> Place {
    Place { pack: pack.id, offset: blob.offset, length: blob.length, uncompressed: blob.uncompressed }
}

fn indexed(index: &Index, pack: &IndexedPack) -> Vec<PackedBlob> {
    index.pack_contents(&[pack.id]).into_iter().flat_map(|(_, blobs)| blobs).collect()
}

/// Those that neither overlap one before them nor end behind `size`.
fn apart(mut blobs: Vec<PackedBlob>, size: u64) -> Vec<PackedBlob> {
    let mut end = 0;
    blobs.retain(|blob| {
        let (from, to) = (u64::from(blob.offset), u64::from(blob.offset) + u64::from(blob.length));
        let fits = from >= end && to <= size;
        end = if fits { to } else { end };
        fits
    });
    blobs
}

fn misnamed(pack: &IndexedPack, found: Id) -> Option<String> {
    (found != pack.id).then(|| format!("unexpected pack id {found}"))
}

/// A pack that ends too early is broken; one that cannot be read may be whole.
fn problem(pack: &IndexedPack, faults: Result<Vec<String>>) -> Option<Problem> {
    let broken = |why| Some(Problem::pack(ProblemKind::PackData, &pack.id, why));
    match faults {
        Ok(faults) if faults.is_empty() => None,
        Ok(faults) => broken(format!("contains {} errors: [{}]", faults.len(), faults.join("; "))),
        Err(Error::Damaged { why, .. }) => {
            broken(format!("contains 1 errors: [partial download error: {why}]"))
        }
        Err(error) => {
            Some(Problem::pack(ProblemKind::PackRead, &pack.id, format!("download error: {error}")))
        }
    }
}
