//! Two threads that drive connections.
//!
//! Threads do not come along into a forked child, so a runtime is never shared between open stores: a child opens its own.

use std::future::Future;
use std::io;
use std::mem::ManuallyDrop;
use std::process;

use holdfast_format::{Error, Result};

/// Works only in the process that made it.
#[derive(Debug)]
pub struct Runtime {
    inner: ManuallyDrop<Option<tokio::runtime::Runtime>>,
    process: u32,
}

impl Runtime {
    /// Starts its threads.
    pub fn new() -> Result<Self> {
        let inner = start().map_err(|why| Error::Store {
            operation: "open",
            what: "connections to the server".into(),
            source: why,
        })?;
        Ok(Self { inner: ManuallyDrop::new(Some(inner)), process: process::id() })
    }

    /// Waits on the calling thread.
    pub fn run<T>(&self, what: impl Future<Output = T>) -> Result<T> {
        let here = process::id();
        match &*self.inner {
            Some(inner) if here == self.process => Ok(inner.block_on(what)),
            _ => Err(Error::Forked { opened: self.process, here }),
        }
    }
}

impl Drop for Runtime {
    /// In a forked child there are no threads to wait for: it is left as it is.
    fn drop(&mut self) {
        if process::id() == self.process
            && let Some(inner) = self.inner.take()
        {
            inner.shutdown_background();
        }
    }
}

fn start() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("holdfast-http")
        .enable_all()
        .build()
}
