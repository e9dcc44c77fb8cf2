//! The first error of any thread, given to everybody who asks.

use std::io;
use std::sync::OnceLock;

use holdfast_format::{Error, Result};

/// Empty until something failed.
#[derive(Default)]
pub struct Failure(OnceLock<Error>);

impl Failure {
    /// Keeps an error if it is the first; gives the first.
    pub fn set(&self, error: Error) -> Error {
        again(self.0.get_or_init(|| error))
    }

    /// The first error.
    pub fn check(&self) -> Result<()> {
        self.0.get().map_or(Ok(()), |error| Err(again(error)))
    }

    /// Whether there was one.
    pub fn is_set(&self) -> bool {
        self.0.get().is_some()
    }
}

/// The same error once more (the cause of a failed store as its text).
fn again(error: &Error) -> Error {
    let cause = |source: &io::Error| io::Error::new(source.kind(), source.to_string());
    match error {
        Error::NoRepository { location, why } => {
            Error::NoRepository { location: location.clone(), why: why.clone() }
        }
        Error::Locked { holder } => Error::Locked { holder: holder.clone() },
        Error::WrongPassword => Error::WrongPassword,
        Error::Cancelled => Error::Cancelled,
        Error::Incomplete { what } => Error::Incomplete { what: what.clone() },
        Error::Refused { what } => Error::Refused { what: what.clone() },
        Error::Missing { what } => Error::Missing { what: what.clone() },
        Error::Damaged { what, why } => Error::Damaged { what: what.clone(), why: why.clone() },
        Error::Store { operation, what, source } => {
            Error::Store { operation, what: what.clone(), source: cause(source) }
        }
        Error::Local { path, source } => Error::Local { path: path.clone(), source: cause(source) },
        Error::Forked { opened, here } => Error::Forked { opened: *opened, here: *here },
    }
}
