//! Trees that wait to be looked at: the last one found comes first, so that few wait.

use holdfast_format::Id;
use parking_lot::{Condvar, Mutex};

/// A tree, and the snapshot that led there.
#[derive(Clone, Copy)]
pub struct Job {
    pub tree: Id,
    pub root: usize,
}

/// Shared by all threads of a walk.
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: Vec<Job>,
    working: usize,
    /// Trees of each root that are not done.
    open: Vec<usize>,
    stopped: bool,
}

impl Queue {
    /// Roots, and which of them are to be looked at.
    pub fn new(roots: &[Id], first: impl Fn(&Id) -> bool) -> Self {
        let jobs = roots.iter().enumerate().map(|(root, tree)| Job { tree: *tree, root });
        let waiting: Vec<Job> = jobs.filter(|job| first(&job.tree)).collect();
        let mut open = vec![0; roots.len()];
        for job in &waiting {
            open[job.root] = 1;
        }
        let state = State { waiting, working: 0, open, stopped: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Roots that are done.
    pub fn done(&self) -> usize {
        self.state.lock().open.iter().filter(|open| **open == 0).count()
    }

    /// The next tree; `None` when all are done, or when stopped.
    pub fn take(&self) -> Option<Job> {
        let mut state = self.state.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(job) = state.waiting.pop() {
                state.working += 1;
                return Some(job);
            }
            if state.working == 0 {
                return None;
            }
            self.changed.wait(&mut state);
        }
    }

    /// A tree is done, and these were found in it. Tells whether its root is done with it.
    pub fn finish(&self, job: Job, found: Vec<Id>) -> bool {
        let mut state = self.state.lock();
        state.working -= 1;
        state.open[job.root] = state.open[job.root] + found.len() - 1;
        state.waiting.extend(found.into_iter().map(|tree| Job { tree, root: job.root }));
        self.changed.notify_all();
        state.open[job.root] == 0
    }

    /// Nothing more is given out.
    pub fn stop(&self) {
        self.state.lock().stopped = true;
        self.changed.notify_all();
    }
}
