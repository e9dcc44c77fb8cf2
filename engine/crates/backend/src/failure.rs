//! What a store's failure looks like, and whether trying again can help.
//!
//! `Error::Store` carries an `io::Error`. Its kind says which: the kinds of [`is_permanent`] stay as they are, every other
//! is worth another try. A store that says how long to wait puts a [`RetryAfter`] inside.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind};
use std::time::Duration;

use holdfast_format::{Error, Result};

use crate::Handle;

/// An `Error::Store`.
pub fn failed(operation: &'static str, what: impl Display, source: io::Error) -> Error {
    Error::Store { operation, what: what.to_string(), source }
}

/// The file is shorter than the range that was asked for.
pub fn too_short(file: &Handle, size: u64, offset: u64, length: Option<usize>) -> Error {
    let asked = match length {
        Some(length) => format!("{length} bytes from offset {offset}"),
        None => format!("everything from offset {offset}"),
    };
    Error::damaged(file.to_string(), format!("it ends after {size} bytes, asked for were {asked}"))
}

/// The range of a file of that size that is asked for; `Damaged` when it is not all there.
pub fn range(file: &Handle, size: u64, offset: u64, length: Option<usize>) -> Result<std::ops::Range<usize>> {
    let end = length.map_or(Some(size), |length| offset.checked_add(length as u64));
    match end {
        Some(end) if offset <= end && end <= size => Ok(offset as usize..end as usize),
        _ => Err(too_short(file, size, offset, length)),
    }
}

/// Leaves the range in `out`, which holds a whole file.
pub fn cut(file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
    let range = range(file, out.len() as u64, offset, length)?;
    out.truncate(range.end);
    out.drain(..range.start);
    Ok(())
}

/// Whether the same operation would fail the same way again.
pub fn is_permanent(error: &Error) -> bool {
    match error {
        Error::Store { source, .. } => is_permanent_kind(source.kind()),
        _ => true,
    }
}

fn is_permanent_kind(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::Unsupported
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::FileTooLarge
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
    )
}

/// The reason inside an `io::Error` of a store that named a time to wait.
#[derive(Debug)]
pub struct RetryAfter {
    /// At least this long.
    pub wait: Duration,
    /// What the store said.
    pub reason: String,
}

impl Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for RetryAfter {}

/// How long the store asked to wait, if it did.
pub fn retry_after(error: &Error) -> Option<Duration> {
    let Error::Store { source, .. } = error else { return None };
    source.get_ref()?.downcast_ref::<RetryAfter>().map(|asked| asked.wait)
}
