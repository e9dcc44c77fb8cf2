//! A store that fails on purpose, so that the real program can be tested against every failure at every operation.
//!
//! Opening puts the layer around a store when `HOLDFAST_FAULTS` is set; [`plan`] says how to write it. `HOLDFAST_FAULTS_LOG`
//! names a file that gets a line an operation (`write pack 1a2b…`), which tells a test how many there are. Retries then wait
//! a thousandth of their time. Nothing is changed where neither variable is set.

pub mod plan;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use holdfast_format::{Error, FileType, Result};
use rustix::process::{Signal, getpid, kill_process};

use crate::failure::failed;
use crate::passing::pass_on;
use crate::{Backend, Cancel, Handle, Listed, layout};
use plan::{Fault, Operation, Plan};

const FAULTS: &str = "HOLDFAST_FAULTS";
const LOG: &str = "HOLDFAST_FAULTS_LOG";
const GO: &str = "HOLDFAST_FAULTS_GO";

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the environment asks for failures or for their log.
pub fn is_set() -> bool {
    variable(FAULTS).or_else(|| variable(LOG)).is_some()
}

/// See the module.
#[derive(Debug)]
pub struct Faulty {
    inner: Arc<dyn Backend>,
    plan: Plan,
    log: Option<File>,
    go: Option<PathBuf>,
    cancel: Cancel,
}

impl Faulty {
    /// Fails as planned.
    pub fn new(inner: Arc<dyn Backend>, plan: Plan, cancel: Cancel) -> Self {
        Self { inner, plan, log: None, go: None, cancel }
    }

    /// As the variables say; the store itself when they are not set.
    pub fn by_environment(inner: Arc<dyn Backend>, cancel: &Cancel) -> Result<Arc<dyn Backend>> {
        if !is_set() {
            return Ok(inner);
        }
        let plan = Plan::parse(&variable(FAULTS).unwrap_or_default())?;
        let log = variable(LOG).map(|path| open_log(&path)).transpose()?;
        let go = variable(GO).map(PathBuf::from);
        Ok(Arc::new(Self { inner, plan, log, go, cancel: cancel.clone() }))
    }

    fn around<T>(&self, at: &At, operation: impl FnOnce(Option<Fault>) -> Result<T>) -> Result<T> {
        self.note(at).map_err(|why| at.fails(why))?;
        let fault = self.plan.next(at.operation, at.kind);
        match fault {
            Some(Fault::Fail) => Err(at.fails(ErrorKind::ConnectionReset.into())),
            Some(Fault::Denied) => Err(at.fails(ErrorKind::PermissionDenied.into())),
            Some(Fault::Full) => Err(at.fails(ErrorKind::StorageFull.into())),
            Some(Fault::KillBefore) => die(),
            Some(Fault::Stall) => self.stall().and_then(|()| operation(None)),
            other => operation(other).and_then(|result| after(other, at, result)),
        }
    }

    fn note(&self, at: &At) -> io::Result<()> {
        let Some(mut log) = self.log.as_ref() else { return Ok(()) };
        log.write_all(format!("{} {}\n", at.operation, at.what).as_bytes())
    }

    fn stall(&self) -> Result<()> {
        while !self.go.as_ref().is_some_and(|go| go.exists()) {
            self.cancel.wait(Duration::from_millis(5))?;
        }
        Ok(())
    }

    /// What a write leaves behind that ends half-way.
    fn leave_half(&self, file: &Handle, bytes: &[u8]) -> io::Result<()> {
        let Some(root) = self.inner.folder() else { return Ok(()) };
        fs::write(root.join(format!("{}-tmp-1", layout::path(file))), &bytes[..bytes.len() / 2])
    }
}

/// Where in the plan an operation stands.
struct At {
    operation: Operation,
    kind: Option<FileType>,
    what: String,
}

impl At {
    fn file(operation: Operation, file: &Handle) -> Self {
        Self { operation, kind: Some(file.kind), what: file.to_string() }
    }

    fn fails(&self, why: io::Error) -> Error {
        failed(self.operation.name(), &self.what, why)
    }
}

fn after<T>(fault: Option<Fault>, at: &At, result: T) -> Result<T> {
    match fault {
        Some(Fault::FailAfter) => Err(at.fails(ErrorKind::ConnectionReset.into())),
        Some(Fault::KillAfter) => die(),
        _ => Ok(result),
    }
}

/// As if the power went.
fn die() -> ! {
    loop {
        let _ = kill_process(getpid(), Signal::KILL);
        std::thread::park();
    }
}

fn open_log(path: &str) -> Result<File> {
    let log = OpenOptions::new().append(true).create(true).open(path);
    log.map_err(|why| Error::local(path.as_bytes(), why))
}

/// One bit, in the middle.
fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
}

impl Backend for Faulty {
    pass_on!(location connections folder forget);

    fn create(&self) -> Result<()> {
        let at = At { operation: Operation::Create, kind: None, what: "repository".into() };
        self.around(&at, |_| self.inner.create())
    }

    fn stat(&self, file: &Handle) -> Result<u64> {
        self.around(&At::file(Operation::Stat, file), |_| self.inner.stat(file))
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        self.around(&At::file(Operation::Read, file), |fault| {
            self.inner.read(file, offset, length, out)?;
            match fault {
                Some(Fault::Short) => out.truncate(out.len() / 2),
                Some(Fault::Flip) => flip(out),
                _ => {}
            }
            Ok(())
        })
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        let at = At::file(Operation::Write, file);
        self.around(&at, |fault| match fault {
            Some(Fault::Short) => self.inner.write(file, &bytes[..bytes.len() / 2]),
            Some(Fault::Flip) => {
                let mut wrong = bytes.to_vec();
                flip(&mut wrong);
                self.inner.write(file, &wrong)
            }
            Some(Fault::KillDuring) => {
                self.leave_half(file, bytes).map_err(|why| at.fails(why))?;
                die()
            }
            _ => self.inner.write(file, bytes),
        })
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        let at = At { operation: Operation::List, kind: Some(kind), what: kind.to_string() };
        self.around(&at, |fault| {
            let mut listed = self.inner.list(kind)?;
            if fault == Some(Fault::Short) {
                listed.truncate(listed.len() / 2);
            }
            Ok(listed)
        })
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        self.around(&At::file(Operation::Remove, file), |_| self.inner.remove(file))
    }
}
