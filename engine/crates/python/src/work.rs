//! Work on a thread of its own, while the calling thread answers signals and runs what Python code is asked for.
//!
//! Python delivers signals to its main thread only, between two of its instructions; a thread that waits inside Rust would
//! keep Ctrl-C waiting too. So the calling thread waits in ticks. All Python code (callbacks, iterables, file objects) runs
//! in the calling thread, which may own what that code uses.

use std::panic::resume_unwind;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select_biased};
use holdfast_backend::Cancel;
use holdfast_format::{Error, Result};
use pyo3::prelude::*;

use crate::cancel::Stop;
use crate::errors::exception;

/// Between two looks for signals, and two calls for progress.
pub const TICK: Duration = Duration::from_millis(100);

type Errand = Box<dyn FnOnce(Python<'_>) -> PyResult<()> + Send>;

/// A working thread's way to have Python code run by the calling thread.
#[derive(Clone)]
pub struct Errands(Sender<Errand>);

impl Errands {
    /// Has it run some time soon; waits only while many others wait.
    pub fn post(&self, errand: impl FnOnce(Python<'_>) -> PyResult<()> + Send + 'static) {
        // Nobody listens any more only when the operation fails already.
        let _ = self.0.send(Box::new(errand));
    }

    /// Has it run and waits for what it gives: `Cancelled` when it raises or the operation ends.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(Python<'_>) -> PyResult<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = bounded(1);
        self.post(move |py| {
            let _ = reply.send(question(py)?);
            Ok(())
        });
        answer.recv().map_err(|_| Error::Cancelled)
    }
}

/// What the calling thread woke up for.
enum Event<T> {
    Errand(Errand),
    Done(Option<Result<T>>),
    Tick,
}

/// What else the calling thread does.
pub struct Calling<'a> {
    /// Looked at in every tick.
    pub stop: &'a Stop,
    /// Called at most 10 times a second.
    pub tick: &'a mut dyn FnMut(Python<'_>) -> PyResult<()>,
    /// Called when the work is to stop.
    pub stopping: &'a dyn Fn(),
}

/// Runs `work`. What a tick, an errand or a signal's handler raises stops it, its end is waited for, and it is raised.
pub fn run<T: Send>(
    py: Python<'_>,
    calling: Calling<'_>,
    work: impl FnOnce(&Cancel, &Errands) -> Result<T> + Send,
) -> PyResult<T> {
    std::thread::scope(|scope| {
        let (errands, inbox) = bounded(64);
        let (done, ended) = bounded(1);
        let cancel = Cancel::new();
        let worker = {
            let cancel = cancel.clone();
            scope.spawn(move || {
                let _ = done.send(work(&cancel, &Errands(errands)));
            })
        };
        let (result, failure) = attend(py, &inbox, &ended, &cancel, calling);
        if let Err(panic) = py.detach(|| worker.join()) {
            resume_unwind(panic);
        }
        match failure {
            Some(failure) => Err(failure),
            None => result.unwrap_or(Err(Error::Cancelled)).map_err(|error| exception(py, &error)),
        }
    })
}

/// Runs what needs no progress and no Python code.
pub fn quietly<T: Send>(
    py: Python<'_>,
    stop: &Stop,
    work: impl FnOnce(&Cancel) -> Result<T> + Send,
) -> PyResult<T> {
    let calling = Calling { stop, tick: &mut |_| Ok(()), stopping: &|| {} };
    run(py, calling, |cancel, _| work(cancel))
}

/// The calling thread's part, until the work has ended.
fn attend<T: Send>(
    py: Python<'_>,
    inbox: &Receiver<Errand>,
    ended: &Receiver<Result<T>>,
    cancel: &Cancel,
    calling: Calling<'_>,
) -> (Option<Result<T>>, Option<PyErr>) {
    let mut failure = None;
    let mut last = Instant::now();
    loop {
        let step = match py.detach(|| wait(inbox, ended, last + TICK)) {
            Event::Done(result) => return (result, failure),
            Event::Errand(errand) if !cancel.is_cancelled() => errand(py),
            Event::Errand(_) => Ok(()),
            Event::Tick => {
                last = Instant::now();
                if failure.is_none() { py.check_signals().and_then(|()| (calling.tick)(py)) } else { Ok(()) }
            }
        };
        failure = failure.or(step.err());
        if (failure.is_some() || calling.stop.is_set()) && !cancel.is_cancelled() {
            cancel.cancel();
            (calling.stopping)();
        }
    }
}

/// A due tick goes first, so that many errands do not keep signals waiting; errands go before the end.
fn wait<T>(inbox: &Receiver<Errand>, ended: &Receiver<Result<T>>, tick: Instant) -> Event<T> {
    let now = Instant::now();
    if now >= tick {
        return Event::Tick;
    }
    select_biased! {
        recv(inbox) -> errand => errand.map_or_else(|_| Event::Done(ended.recv().ok()), Event::Errand),
        recv(ended) -> result => Event::Done(result.ok()),
        default(tick - now) => Event::Tick,
    }
}
