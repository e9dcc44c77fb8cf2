//! Go's `filepath.Match` for one path component.

/// Whether `name` fits `pattern` (`*`, `?`, `[a-z]`, `[^a]`, `\x`); `None` when the pattern itself is wrong.
pub fn matches(_pattern: &[u8], _name: &[u8]) -> Option<bool> {
    todo!()
}
