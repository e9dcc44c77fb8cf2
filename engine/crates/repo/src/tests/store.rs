//! A store around another one that asks before every operation.

use std::fmt;
use std::sync::Arc;

use holdfast_backend::{Backend, Handle, Listed};
use holdfast_format::{FileType, Result};

type Ask = dyn Fn(&str, &Handle) -> Result<()> + Send + Sync;

/// See the module.
pub struct Asking {
    inner: Arc<dyn Backend>,
    ask: Box<Ask>,
}

/// Around a store; `ask` gets the operation's name and the file.
pub fn asking(
    inner: &Arc<dyn Backend>,
    ask: impl Fn(&str, &Handle) -> Result<()> + Send + Sync + 'static,
) -> Arc<dyn Backend> {
    Arc::new(Asking { inner: inner.clone(), ask: Box::new(ask) })
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "asking {:?}", self.inner)
    }
}

impl Backend for Asking {
    fn location(&self) -> String {
        self.inner.location()
    }
    fn connections(&self) -> usize {
        self.inner.connections()
    }
    fn create(&self) -> Result<()> {
        self.inner.create()
    }
    fn stat(&self, file: &Handle) -> Result<u64> {
        (self.ask)("stat", file)?;
        self.inner.stat(file)
    }
    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        (self.ask)("read", file)?;
        self.inner.read(file, offset, length, out)
    }
    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        (self.ask)("write", file)?;
        self.inner.write(file, bytes)
    }
    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        (self.ask)("list", &Handle::new(kind, holdfast_format::Id::default()))?;
        self.inner.list(kind)
    }
    fn remove(&self, file: &Handle) -> Result<()> {
        (self.ask)("remove", file)?;
        self.inner.remove(file)
    }
    /// It cannot fail, so the answer does not matter.
    fn forget(&self, file: &Handle) {
        drop((self.ask)("forget", file));
        self.inner.forget(file);
    }
}
