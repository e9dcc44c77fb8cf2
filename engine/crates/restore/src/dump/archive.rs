//! What every kind of archive can do.

use std::io;

use holdfast_format::node::Node;

/// Writes entries one after the other: `begin`, `write` as often as needed, `end`; `finish` at the very end.
pub trait Writer {
    /// Begins an entry; `path` has no slash at its ends.
    fn begin(&mut self, path: &[u8], node: &Node) -> io::Result<()>;
    /// More contents of the entry.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// The entry is whole.
    fn end(&mut self) -> io::Result<()>;
    /// The archive is whole.
    fn finish(&mut self) -> io::Result<()>;
}

pub use crate::entry::unix_mode;
