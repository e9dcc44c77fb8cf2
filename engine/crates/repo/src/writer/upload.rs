//! Threads that hash and store full packs.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::Receiver;
use holdfast_format::{Error, Result};

use super::pack::OpenPack;
use super::state::State;
use crate::Repository;

/// Packs that wait or are being stored.
const IN_FLIGHT: usize = 3;
/// Packs above this are in flight one at a time.
const USUAL_PACK: usize = 16 << 20;

/// How many packs of a size may be in flight.
pub fn in_flight(pack_size: usize) -> usize {
    if pack_size > USUAL_PACK { 1 } else { IN_FLIGHT }
}

/// How many of them are stored at the same time.
pub fn threads(repository: &Repository, pack_size: usize) -> usize {
    repository.backend().connections().clamp(1, in_flight(pack_size))
}

/// Starts the threads; they end when the queue does.
pub fn start(state: &Arc<State>, queue: &Receiver<OpenPack>) -> Result<Vec<JoinHandle<()>>> {
    let thread = |_| {
        let (state, queue) = (state.clone(), queue.clone());
        Builder::new().name("upload".into()).spawn(move || upload(&state, &queue))
    };
    let started: std::io::Result<Vec<_>> =
        (0..threads(&state.repository, state.options.pack_size)).map(thread).collect();
    started.map_err(|source| {
        state.close_queue();
        Error::Local { path: "starting a thread".into(), source }
    })
}

/// After an error packs are only taken, so that nobody waits for ever.
fn upload(state: &State, queue: &Receiver<OpenPack>) {
    for mut pack in queue {
        if let Err(error) = state.store(&mut pack) {
            state.fail(error);
        }
        state.recycle(pack);
    }
}
