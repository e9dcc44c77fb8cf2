//! Threads that name and store full packs.
//!
//! Where a store is far, packs wait for its answers in temporary files, as many as it likes, and not in memory. One that
//! the disk has no room for is stored before another is taken.
//!
//! A name is the SHA-256 of a whole pack, and two packs are hashed together in much less than twice the time of one. So
//! where there are fewer threads than packs in flight, packs are named in pairs; then each goes its own way.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use holdfast_backend::Spill;
use holdfast_format::{Error, Id, Result};
use holdfast_kernels::sha256;
use parking_lot::Mutex;

use super::pack::OpenPack;
use super::state::State;

/// Packs in memory that wait, are named or are being stored.
const IN_FLIGHT: usize = 2;
/// Packs above this are in flight one at a time.
const USUAL_PACK: usize = 16 << 20;

/// How many threads store packs, and how many packs may be where.
#[derive(Clone, Copy)]
pub struct Lanes {
    threads: usize,
    /// Waiting for a thread.
    waiting: usize,
    /// Named together.
    together: usize,
    /// Stored from temporary files.
    spilled: bool,
}

impl Lanes {
    /// For a store that likes so many operations at a time, and is `far` or on this machine.
    pub fn new(connections: usize, far: bool, pack_size: usize) -> Self {
        let most = if pack_size > USUAL_PACK { 1 } else { IN_FLIGHT };
        if far && connections > IN_FLIGHT {
            return Self { threads: connections, waiting: most - 1, together: 1, spilled: true };
        }
        let threads = connections.clamp(1, most);
        let together = if threads < most { 2 } else { 1 };
        Self { threads, waiting: most + 1 - threads - together, together, spilled: false }
    }

    /// The way of a full pack to the threads.
    pub fn queue(self) -> (Sender<OpenPack>, Receiver<OpenPack>) {
        bounded(self.waiting)
    }
}

/// Starts the threads; they end when the queue does.
pub fn start(state: &Arc<State>, lanes: Lanes, queue: Receiver<OpenPack>) -> Result<Vec<JoinHandle<()>>> {
    let Lanes { together, spilled, .. } = lanes;
    let line = Arc::new(Line { queue, together, spilled, named: Mutex::default() });
    let thread = |_| {
        let (state, line) = (state.clone(), line.clone());
        Builder::new().name("upload".into()).spawn(move || upload(&state, &line))
    };
    let started: std::io::Result<Vec<_>> = (0..lanes.threads).map(thread).collect();
    started.map_err(|source| {
        state.close_queue();
        Error::Local { path: "starting a thread".into(), source }
    })
}

/// A pack that has its name.
struct Named {
    id: Id,
    pack: OpenPack,
    /// What would be in the pack's memory.
    spill: Option<Spill>,
}

/// Packs in front of the threads.
struct Line {
    queue: Receiver<OpenPack>,
    together: usize,
    spilled: bool,
    named: Mutex<Vec<Named>>,
}

impl Line {
    /// The next pack; `None` after the last.
    fn next(&self, state: &State) -> Option<Named> {
        let mut named = self.named.lock();
        while named.is_empty() {
            let packs: Vec<OpenPack> = self.queue.iter().take(self.together).collect();
            if packs.is_empty() {
                return None;
            }
            for pack in name(state, packs) {
                match self.spill(state, pack) {
                    pack if self.spilled && pack.spill.is_none() => store(state, pack),
                    pack => named.push(pack),
                }
            }
        }
        named.pop()
    }

    /// Puts a pack on disk, if that is what this line does and if the disk has room.
    fn spill(&self, state: &State, mut named: Named) -> Named {
        if self.spilled
            && let Ok(spill) = Spill::of(&named.pack.bytes)
        {
            named.spill = Some(spill);
            state.recycle(named.pack.take_memory());
        }
        named
    }
}

/// Completes packs and names them. After an error they are only taken, so that nobody waits for ever.
fn name(state: &State, packs: Vec<OpenPack>) -> Vec<Named> {
    let complete = |mut pack: OpenPack| match state.complete(&mut pack) {
        Ok(()) => Some(pack),
        Err(error) => {
            state.fail(error);
            state.recycle(pack);
            None
        }
    };
    let packs: Vec<OpenPack> = packs.into_iter().filter_map(complete).collect();
    let bytes: Vec<&[u8]> = packs.iter().map(|pack| &pack.bytes[..]).collect();
    let mut digests = vec![[0; 32]; packs.len()];
    sha256::many(&bytes, &mut digests);
    packs.into_iter().zip(digests).map(|(pack, digest)| Named { id: Id(digest), pack, spill: None }).collect()
}

fn upload(state: &State, line: &Line) {
    while let Some(named) = line.next(state) {
        store(state, named);
    }
}

fn store(state: &State, Named { id, mut pack, spill }: Named) {
    if let Err(error) = state.store(&mut pack, id, spill.as_ref()) {
        state.fail(error);
    }
    if spill.is_none() {
        state.recycle(pack);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_two_packs_are_in_memory_and_one_when_they_are_large() {
        for (connections, far) in (0..10).flat_map(|connections| [(connections, false), (connections, true)])
        {
            for (size, most) in [(1 << 20, 2), (16 << 20, 2), ((16 << 20) + 1, 1), (128 << 20, 1)] {
                let Lanes { threads, waiting, together, spilled } = Lanes::new(connections, far, size);
                assert!(threads >= 1 && together >= 1);
                // One thread names while all others store, from memory or not.
                let stored = if spilled { 0 } else { threads - 1 };
                assert_eq!(waiting + together + stored, most, "{connections} {far} {size}");
            }
        }
    }

    #[test]
    fn a_store_that_is_far_gets_as_many_packs_at_a_time_as_it_likes() {
        assert_eq!([1, 2, 3, 5, 50].map(|likes| Lanes::new(likes, true, 16 << 20).threads), [1, 2, 3, 5, 50]);
        assert_eq!(Lanes::new(5, true, 128 << 20).threads, 5);
    }
}
