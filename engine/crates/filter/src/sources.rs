//! Lists of what to save, as `--files-from` and its like name them.

use holdfast_format::{Error, Result};

use crate::text::{lines, trim};

/// Patterns of a `--files-from` list (decoded): white space at both ends, empty lines and `#` comments left out. Each is to
/// be expanded (`expand::glob`).
pub fn patterns(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(text).map(trim).filter(|line| !matches!(line, [] | [b'#', ..]))
}

/// Names of a `--files-from-verbatim` list (decoded): lines as they are, empty ones left out.
pub fn verbatim(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(text).filter(|line| !line.is_empty())
}

/// Names of a `--files-from-raw` list (as it is): each ends with a zero byte. An empty name and a missing end are `Refused`.
pub fn raw(data: &[u8]) -> Result<Vec<&[u8]>> {
    let names: Vec<_> = data.split_inclusive(|&byte| byte == 0).collect();
    if names.iter().any(|name| *name == b"\0") {
        return Err(Error::refused("--files-from-raw: empty filename in listing"));
    }
    let end = || Error::refused("--files-from-raw: trailing zero byte missing");
    names.into_iter().map(|name| name.strip_suffix(b"\0").ok_or_else(end)).collect()
}
