//! Names as restic stores them: Go's `strconv.Quote` without the outer quotes, so that any bytes fit into JSON.

use crate::error::Result;

/// Appends the quoted form (not yet JSON-escaped).
pub fn quote(_raw: &[u8], _out: &mut Vec<u8>) {
    todo!()
}
/// The raw bytes again.
pub fn unquote(_text: &[u8]) -> Result<Vec<u8>> {
    todo!()
}
