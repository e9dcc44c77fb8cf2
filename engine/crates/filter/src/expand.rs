//! Go's `filepath.Glob` without its file system.

use holdfast_format::{Error, Result};

use crate::glob::Glob;
use crate::path::clean;

/// What expansion asks a file system.
pub trait Folders {
    /// Something of that name is there (a dangling link counts).
    fn exists(&self, path: &[u8]) -> bool;
    /// Names in a folder, in any order; none when it is not a folder or cannot be read.
    fn names(&self, folder: &[u8]) -> Vec<Vec<u8>>;
}

/// Paths that fit a pattern, those of a folder sorted; a pattern without `*?[\` is its own path if it is there. A wrong
/// pattern is `Refused`.
pub fn glob(pattern: &[u8], folders: &dyn Folders) -> Result<Vec<Vec<u8>>> {
    if !has_meta(pattern) {
        return Ok(folders.exists(pattern).then(|| pattern.to_vec()).into_iter().collect());
    }
    let (folder, name) = split(pattern);
    let wrong = || Error::refused(format!("pattern: {}: syntax error in pattern", pattern.escape_ascii()));
    let name = Glob::parse(name).ok_or_else(wrong)?;
    let parents = if has_meta(folder) { glob(folder, folders)? } else { vec![folder.to_vec()] };
    Ok(parents.iter().flat_map(|parent| children(parent, &name, folders)).collect())
}

fn children(parent: &[u8], name: &Glob, folders: &dyn Folders) -> Vec<Vec<u8>> {
    let mut names = folders.names(parent);
    names.sort_unstable();
    names.retain(|child| name.matches(child));
    names.iter().map(|child| clean(&[parent, child].join(&b'/'))).collect()
}

/// The folder part (`.` when there is none) and the name.
fn split(pattern: &[u8]) -> (&[u8], &[u8]) {
    match pattern.iter().rposition(|&byte| byte == b'/') {
        None => (b".", pattern),
        Some(0) => (b"/", &pattern[1..]),
        Some(slash) => (&pattern[..slash], &pattern[slash + 1..]),
    }
}

fn has_meta(pattern: &[u8]) -> bool {
    pattern.iter().any(|byte| br"*?[\".contains(byte))
}
