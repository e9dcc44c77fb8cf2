//! Threads that name and store full packs.
//!
//! A name is the SHA-256 of a whole pack, and two packs are hashed together in much less than twice the time of one. So
//! where there are fewer threads than packs in flight, packs are named in pairs; then each goes its own way.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use holdfast_format::{Error, Id, Result};
use holdfast_kernels::sha256;
use parking_lot::Mutex;

use super::pack::OpenPack;
use super::state::State;

/// Packs that wait, are named or are being stored.
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
}

impl Lanes {
    /// For a store that likes so many operations at a time.
    pub fn new(connections: usize, pack_size: usize) -> Self {
        let most = if pack_size > USUAL_PACK { 1 } else { IN_FLIGHT };
        let threads = connections.clamp(1, most);
        let together = if threads < most { 2 } else { 1 };
        Self { threads, waiting: most + 1 - threads - together, together }
    }

    /// The way of a full pack to the threads.
    pub fn queue(self) -> (Sender<OpenPack>, Receiver<OpenPack>) {
        bounded(self.waiting)
    }
}

/// Starts the threads; they end when the queue does.
pub fn start(state: &Arc<State>, lanes: Lanes, queue: Receiver<OpenPack>) -> Result<Vec<JoinHandle<()>>> {
    let line = Arc::new(Line { queue, together: lanes.together, named: Mutex::default() });
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

/// Packs in front of the threads.
struct Line {
    queue: Receiver<OpenPack>,
    together: usize,
    named: Mutex<Vec<(OpenPack, Id)>>,
}

impl Line {
    /// The next pack; `None` after the last.
    fn next(&self, state: &State) -> Option<(OpenPack, Id)> {
        let mut named = self.named.lock();
        while named.is_empty() {
            let packs: Vec<OpenPack> = self.queue.iter().take(self.together).collect();
            if packs.is_empty() {
                return None;
            }
            named.extend(name(state, packs));
        }
        named.pop()
    }
}

/// Completes packs and names them. After an error they are only taken, so that nobody waits for ever.
fn name(state: &State, packs: Vec<OpenPack>) -> Vec<(OpenPack, Id)> {
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
    packs.into_iter().zip(digests.into_iter().map(Id)).collect()
}

fn upload(state: &State, line: &Line) {
    while let Some((mut pack, id)) = line.next(state) {
        if let Err(error) = state.store(&mut pack, id) {
            state.fail(error);
        }
        state.recycle(pack);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_two_packs_are_in_flight_and_one_when_they_are_large() {
        for connections in 0..10 {
            for (size, most) in [(1 << 20, 2), (16 << 20, 2), ((16 << 20) + 1, 1), (128 << 20, 1)] {
                let Lanes { threads, waiting, together } = Lanes::new(connections, size);
                assert!(threads >= 1 && together >= 1);
                // One thread names while all others store.
                assert_eq!(waiting + together + threads - 1, most, "{connections} {size}");
            }
        }
    }
}
