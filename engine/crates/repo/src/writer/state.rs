//! What all threads of a writer share.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Sender;
use holdfast_backend::{Handle, Spill};
use holdfast_format::{BlobType, Error, FileType, Id, Result, index};
use parking_lot::{Mutex, MutexGuard};

use super::WriterOptions;

use super::known::Known;
use super::pack::{OpenPack, Seal, room};
use super::pending::{Packs, Pending};
use crate::failure::Failure;
use crate::reader::pack_handle;
use crate::{Index, Lock, Repository};

/// The two open packs of a kind.
type Pair = [Mutex<Slot>; 2];

/// A place for an open pack.
#[derive(Default)]
struct Slot {
    pack: Option<OpenPack>,
    /// The writer has finished: what came now would not be stored.
    closed: bool,
}

/// See the module.
pub struct State {
    pub repository: Arc<Repository>,
    pub options: WriterOptions,
    pub seal: Seal,
    lock: Option<Arc<Lock>>,
    index: Arc<Index>,
    known: Known,
    data: Pair,
    trees: Pair,
    queue: Mutex<Option<Sender<OpenPack>>>,
    unused: Mutex<Vec<OpenPack>>,
    pending: Mutex<Pending>,
    failure: Failure,
}

impl State {
    pub fn new(
        repository: &Arc<Repository>,
        lock: Option<Arc<Lock>>,
        options: &WriterOptions,
        seal: Seal,
        queue: Sender<OpenPack>,
    ) -> Self {
        Self {
            repository: repository.clone(),
            options: options.clone(),
            seal,
            lock,
            index: repository.index(),
            known: Known::new(),
            data: Pair::default(),
            trees: Pair::default(),
            queue: Mutex::new(Some(queue)),
            unused: Mutex::default(),
            pending: Mutex::default(),
            failure: Failure::default(),
        }
    }

    /// The first error of any thread, and whether to go on at all.
    pub fn check(&self) -> Result<()> {
        self.failure.check()?;
        if !self.options.cancel.is_cancelled() {
            return Ok(());
        }
        self.lock.as_ref().map_or(Ok(()), |lock| lock.check())?;
        Err(Error::Cancelled)
    }

    /// Keeps an error; gives the first one.
    pub fn fail(&self, error: Error) -> Error {
        self.failure.set(error)
    }

    /// Stored, or going to be.
    pub fn contains(&self, kind: BlobType, id: &Id) -> bool {
        self.index.contains(kind, id) || (!self.failure.is_set() && self.known.contains(kind, id))
    }

    /// True for the one thread that must store the blob.
    pub fn claim(&self, kind: BlobType, id: &Id) -> bool {
        !self.index.contains(kind, id) && self.known.claim(kind, id)
    }

    /// Lets `fill` add one blob of `length` stored bytes to an open pack, and sends the pack off when it is full. `coin`
    /// chooses the pack; the other one is taken when a thread is busy with the first.
    pub fn place(
        &self,
        kind: BlobType,
        length: usize,
        coin: usize,
        fill: impl FnOnce(&mut OpenPack) -> Result<()>,
    ) -> Result<()> {
        if length >= self.options.pack_size {
            let mut alone = self.fresh(kind);
            fill(&mut alone)?;
            return self.send(alone);
        }
        let mut slot = pick(self.pair(kind), coin);
        if slot.closed {
            return Err(ended());
        }
        // Full before it is too long: a buffer that held a longer pack once would keep that memory.
        if let Some(pack) = slot.pack.take_if(|pack| pack.bytes.len() + length > self.options.pack_size) {
            self.send(pack)?;
        }
        let pack = slot.pack.get_or_insert_with(|| self.fresh(kind));
        fill(pack)?;
        let complete = pack.is_full(self.options.pack_size);
        // Sent with the slot held: nobody opens a third pack meanwhile.
        slot.pack.take_if(|_| complete).map_or(Ok(()), |pack| self.send(pack))
    }

    fn pair(&self, kind: BlobType) -> &Pair {
        match kind {
            BlobType::Data => &self.data,
            BlobType::Tree => &self.trees,
        }
    }

    /// Trees fill their packs slowly and seldom to the end: memory that is resident already is for data.
    fn fresh(&self, kind: BlobType) -> OpenPack {
        let kept = if kind == BlobType::Data { self.unused.lock().pop() } else { None };
        kept.unwrap_or_else(|| OpenPack::new(kind, self.options.pack_size))
    }

    fn send(&self, pack: OpenPack) -> Result<()> {
        let queue = self.queue.lock().clone();
        queue.ok_or_else(ended)?.send(pack).map_err(|_| self.check().err().unwrap_or_else(ended))
    }

    pub fn close_queue(&self) {
        self.queue.lock().take();
    }

    /// Sends off what is open, the two packs of a kind as one when they fit. No more blobs are taken then.
    pub fn flush(&self) -> Result<()> {
        for kind in [BlobType::Tree, BlobType::Data] {
            let [first, second] = self.pair(kind).each_ref().map(close);
            match (first, second) {
                (Some(mut first), Some(second))
                    if first.bytes.len() + second.bytes.len() < self.options.pack_size =>
                {
                    first.append(&second);
                    self.send(first)?;
                }
                (first, second) => first.into_iter().chain(second).try_for_each(|pack| self.send(pack))?,
            }
        }
        Ok(())
    }

    /// Makes a file of a pack.
    pub fn complete(&self, pack: &mut OpenPack) -> Result<()> {
        self.check()?;
        pack.close(self.repository.master())
    }

    /// Stores a complete pack, from disk when it waits there, and an index file when it is due.
    pub fn store(&self, pack: &mut OpenPack, id: Id, spill: Option<&Spill>) -> Result<()> {
        self.check()?;
        self.may_write()?;
        let file: Handle = pack_handle(pack.kind, id);
        let backend = self.repository.backend();
        match spill {
            Some(spill) => backend.write_spilled(&file, spill)?,
            None => backend.write(&file, &pack.bytes)?,
        }
        let due = self.pending.lock().add(id, std::mem::take(&mut pack.blobs), Instant::now());
        due.map_or(Ok(()), |packs| self.write_index(&packs))
    }

    /// The lock must be ours beyond doubt.
    fn may_write(&self) -> Result<()> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.confirm().and_then(|()| lock.check()))
    }

    /// Keeps the memory of a stored pack of data, unless it grew far beyond a usual one.
    pub fn recycle(&self, mut pack: OpenPack) {
        pack.clear();
        if pack.kind == BlobType::Data && pack.bytes.capacity() <= 2 * room(self.options.pack_size) {
            self.unused.lock().push(pack);
        }
    }

    /// Writes the index of what no index file names yet.
    pub fn write_last_index(&self) -> Result<()> {
        let rest = self.pending.lock().take();
        if rest.is_empty() { self.verify_lock() } else { self.write_index(&rest) }
    }

    fn write_index(&self, packs: &Packs) -> Result<()> {
        self.verify_lock()?;
        self.repository.save_unpacked(FileType::Index, &index::encode(packs)).map(drop)
    }

    /// The lock must have been there all the time: nobody removed packs that are in no index yet.
    fn verify_lock(&self) -> Result<()> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.verify())
    }
}

fn close(slot: &Mutex<Slot>) -> Option<OpenPack> {
    let mut slot = slot.lock();
    slot.closed = true;
    slot.pack.take()
}

fn ended() -> Error {
    Error::refused("this writer has finished; start another one")
}

fn pick(pair: &Pair, coin: usize) -> MutexGuard<'_, Slot> {
    let (one, other) = (&pair[coin & 1], &pair[!coin & 1]);
    one.try_lock().or_else(|| other.try_lock()).unwrap_or_else(|| one.lock())
}
