//! Trees, read ahead in the order in which a walk will want them.
//!
//! The walk decides what it descends into: it pushes the folders that it wants and pops them one by one, depth first.
//! Threads load and parse what is next meanwhile, never more than a few megabytes of it. Knows nothing of paths.

use std::thread;

use holdfast_format::node::Node;
use holdfast_format::{BlobType, Error, Id, Result};
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::Repository;
pub use crate::parallel::cores;

/// Bytes of JSON that may be loaded and not yet wanted.
const AHEAD: usize = 4 << 20;
/// Folders next in line that are looked at for loading.
const WINDOW: usize = 64;

/// A folder that the walk wants, and what the walk knows of it.
struct Wanted<T> {
    id: Id,
    note: T,
    weight: usize,
    load: Load,
}

enum Load {
    Waiting,
    Running,
    Done(Result<Vec<Node>>),
}

struct State<T> {
    /// The next one is last.
    stack: Vec<Wanted<T>>,
    ahead: usize,
    closed: bool,
}

/// The folders that a walk still wants.
pub struct Trees<'a, T> {
    repository: &'a Repository,
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// A folder whose turn it is.
pub struct Loaded<T> {
    /// Its name.
    pub id: Id,
    /// What was pushed with it.
    pub note: T,
    /// Its entries, or why they cannot be had.
    pub nodes: Result<Vec<Node>>,
}

/// Runs a walk with `threads` threads (0: as many as there are cores) that read ahead for it. The index must be loaded.
pub fn walk<T: Send, R>(
    repository: &Repository,
    threads: usize,
    walk: impl FnOnce(&Trees<'_, T>) -> Result<R>,
) -> Result<R> {
    let state = Mutex::new(State { stack: Vec::new(), ahead: 0, closed: false });
    let trees = Trees { repository, state, changed: Condvar::new() };
    thread::scope(|scope| {
        let _end = End(&trees);
        for _ in 0..if threads == 0 { cores() } else { threads } {
            let spawned =
                thread::Builder::new().name("trees".into()).spawn_scoped(scope, || trees.read_ahead());
            spawned.map_err(|source| Error::Local { path: "a thread for reading folders".into(), source })?;
        }
        walk(&trees)
    })
}

/// Lets the threads go however the walk ends.
struct End<'a, 'b, T>(&'a Trees<'b, T>);

impl<T> Drop for End<'_, '_, T> {
    fn drop(&mut self) {
        self.0.state.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl<T> Trees<'_, T> {
    /// Wants folders before everything that was wanted until now, the first one first.
    pub fn push(&self, folders: impl IntoIterator<Item = (Id, T), IntoIter: DoubleEndedIterator>) {
        let index = self.repository.index();
        let weigh = |id: &Id| index.find(BlobType::Tree, id).map_or(0, |place| place.plain_length() as usize);
        let folders = folders.into_iter().rev();
        let wanted: Vec<_> =
            folders.map(|(id, note)| Wanted { weight: weigh(&id), id, note, load: Load::Waiting }).collect();
        self.state.lock().stack.extend(wanted);
        self.changed.notify_all();
    }

    /// The next folder; `None` when nothing is wanted any more.
    pub fn pop(&self) -> Option<Loaded<T>> {
        let mut state = self.state.lock();
        while matches!(state.stack.last()?.load, Load::Running) {
            self.changed.wait(&mut state);
        }
        let Wanted { id, note, weight, load } = state.stack.pop()?;
        let Load::Done(nodes) = load else {
            drop(state);
            return Some(Loaded { id, note, nodes: self.repository.load_tree(&id) });
        };
        state.ahead -= weight;
        drop(state);
        self.changed.notify_all();
        Some(Loaded { id, note, nodes })
    }

    fn read_ahead(&self) {
        let mut state = self.state.lock();
        while !state.closed {
            let Some(at) = next(&state) else {
                self.changed.wait(&mut state);
                continue;
            };
            self.load(&mut state, at);
        }
    }

    /// The place in the stack stays what it is: a folder that is being loaded is never popped.
    fn load(&self, state: &mut MutexGuard<'_, State<T>>, at: usize) {
        state.stack[at].load = Load::Running;
        state.ahead += state.stack[at].weight;
        let id = state.stack[at].id;
        let nodes = MutexGuard::unlocked(state, || self.repository.load_tree(&id));
        state.stack[at].load = Load::Done(nodes);
        self.changed.notify_all();
    }
}

/// What to load next: the first that waits, if there is room for it.
fn next<T>(state: &State<T>) -> Option<usize> {
    let from = state.stack.len().saturating_sub(WINDOW);
    let waiting = |wanted: &Wanted<T>| matches!(wanted.load, Load::Waiting);
    let at = from + state.stack[from..].iter().rposition(waiting)?;
    let room = state.ahead == 0 || state.ahead + state.stack[at].weight <= AHEAD;
    room.then_some(at)
}
