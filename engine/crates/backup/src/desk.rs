//! Where the threads of a backup leave work for each other: bounded, so that the walker cannot run away from the readers.

use std::collections::VecDeque;
use std::sync::Arc;

use holdfast_format::{Error, Id};
use parking_lot::{Condvar, Mutex};

use crate::batch::Batch;
use crate::large::{Group, Large};

/// Batches that wait; the walker waits when there are more. With `BATCH` entries each about 50,000.
const BATCHES: usize = 384;
/// Large files that wait before no more batches are opened.
const LARGE: usize = 256;
/// Buffers for large files, 8 MiB each.
const BUFFERS: usize = 2;
/// Large files that are read at the same time. Less than `BUFFERS`: each reader needs a second one to go on.
const READERS: usize = 1;

/// Something to do.
pub enum Work {
    /// Chunks of a large file.
    Group(Group),
    /// A large file, and the buffer to read it into.
    Large(Large, Vec<u8>),
    /// Entries of a folder.
    Batch(Batch),
}

/// What a reader goes on with.
pub enum Refill {
    /// An empty buffer.
    Buffer(Vec<u8>),
    /// None is free, so it helps to get one free.
    Group(Group),
}

#[derive(Default)]
struct State {
    batches: VecDeque<Batch>,
    large: VecDeque<Large>,
    groups: VecDeque<Group>,
    buffers: Vec<Vec<u8>>,
    buffers_out: usize,
    reading: usize,
    root: Option<Id>,
    failure: Option<Error>,
    over: bool,
}

impl State {
    fn buffer(&mut self) -> Option<Vec<u8>> {
        if self.buffers_out == BUFFERS {
            return None;
        }
        self.buffers_out += 1;
        Some(self.buffers.pop().unwrap_or_else(|| vec![0; holdfast_kernels::rabin::MAX]))
    }

    fn next(&mut self, readers: usize) -> Option<Work> {
        if let Some(group) = self.groups.pop_front() {
            return Some(Work::Group(group));
        }
        if self.reading < readers
            && !self.large.is_empty()
            && let Some(buffer) = self.buffer()
        {
            self.reading += 1;
            return self.large.pop_front().map(|large| Work::Large(large, buffer));
        }
        if self.large.len() < LARGE { self.batches.pop_front().map(Work::Batch) } else { None }
    }
}

/// See the module.
pub struct Desk {
    state: Mutex<State>,
    work: Condvar,
    relief: Condvar,
    room: Condvar,
    readers: usize,
}

impl Desk {
    /// Empty; `readers` large files at the same time (0: as many as are good).
    pub fn new(readers: usize) -> Self {
        let readers = if readers == 0 { READERS } else { readers.min(BUFFERS - 1) };
        Self {
            state: Mutex::default(),
            work: Condvar::new(),
            relief: Condvar::new(),
            room: Condvar::new(),
            readers,
        }
    }

    /// Leaves a batch; waits for room. False when all is over.
    pub fn push_batch(&self, batch: Batch) -> bool {
        let mut state = self.state.lock();
        while state.batches.len() >= BATCHES && !state.over {
            self.room.wait(&mut state);
        }
        state.batches.push_back(batch);
        self.work.notify_one();
        !state.over
    }

    /// Leaves a large file.
    pub fn push_large(&self, large: Large) {
        self.state.lock().large.push_back(large);
        self.work.notify_one();
    }

    /// Leaves chunks.
    pub fn push_group(&self, group: Group) {
        self.state.lock().groups.push_back(group);
        self.work.notify_one();
        self.relief.notify_one();
    }

    /// The next thing to do; `None` when all is over.
    pub fn next(&self) -> Option<Work> {
        let mut state = self.state.lock();
        loop {
            if state.over {
                return None;
            }
            if let Some(work) = state.next(self.readers) {
                if state.batches.len() < BATCHES {
                    self.room.notify_one();
                }
                return Some(work);
            }
            self.work.wait(&mut state);
        }
    }

    /// A buffer for a reader, or chunks to store until there is one; `None` when all is over.
    pub fn refill(&self) -> Option<Refill> {
        let mut state = self.state.lock();
        loop {
            if state.over {
                return None;
            }
            if let Some(buffer) = state.buffer() {
                return Some(Refill::Buffer(buffer));
            }
            if let Some(group) = state.groups.pop_front() {
                return Some(Refill::Group(group));
            }
            self.relief.wait(&mut state);
        }
    }

    /// Chunks, if any wait.
    pub fn try_group(&self) -> Option<Group> {
        self.state.lock().groups.pop_front()
    }

    /// Gives a buffer back, if nobody else holds it.
    pub fn release(&self, buffer: Arc<Vec<u8>>) {
        if let Some(buffer) = Arc::into_inner(buffer) {
            let mut state = self.state.lock();
            state.buffers_out -= 1;
            state.buffers.push(buffer);
            self.work.notify_one();
            self.relief.notify_one();
        }
    }

    /// A large file is read.
    pub fn read(&self) {
        self.state.lock().reading -= 1;
        self.work.notify_all();
    }

    /// The root is stored: everything is.
    pub fn finish(&self, root: Id) {
        self.end(|state| state.root = Some(root));
    }

    /// Nothing more is done; the first error counts.
    pub fn fail(&self, error: Error) {
        let mut groups = VecDeque::new();
        self.end(|state| {
            state.failure.get_or_insert(error);
            std::mem::swap(&mut groups, &mut state.groups);
        });
    }

    fn end(&self, set: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        set(&mut state);
        state.over = true;
        self.work.notify_all();
        self.relief.notify_all();
        self.room.notify_all();
    }

    /// Takes what came of it: the root, or the first error.
    pub fn outcome(&self) -> Result<Id, Error> {
        let mut state = self.state.lock();
        match (state.failure.take(), state.root) {
            (Some(error), _) => Err(error),
            (None, Some(root)) => Ok(root),
            (None, None) => Err(ended()),
        }
    }
}

/// For who finds that all is over in the midst of work. It is seen only when nothing else was told before.
pub fn ended() -> Error {
    Error::refused("the backup ended before everything was saved: please report this")
}

/// Held by every thread: ends the work when it panics, so that nobody waits for what it was doing.
pub struct Alarm<'a>(pub &'a Desk);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(ended());
        }
    }
}
