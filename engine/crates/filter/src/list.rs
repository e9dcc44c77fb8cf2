//! Many patterns, as `--exclude`, `--include`, `--iexclude` … give them.

use holdfast_format::Result;

/// What a list says of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The path fits.
    pub matched: bool,
    /// Something below it may fit (what an include list needs to know before it skips a folder).
    pub child_may_match: bool,
}

/// Patterns in the order given; later `!` ones take back.
#[derive(Clone, Debug, Default)]
pub struct PatternList {}

impl PatternList {
    /// Reads patterns; a wrong one is `Refused` by name. `ignore_case` as `--iexclude`.
    pub fn parse<P: AsRef<[u8]>>(_patterns: &[P], _ignore_case: bool) -> Result<Self> {
        todo!()
    }
    /// Nothing in it.
    pub fn is_empty(&self) -> bool {
        todo!()
    }
    /// What it says of an absolute path (`/a/b`).
    pub fn judge(&self, _path: &[u8]) -> Verdict {
        todo!()
    }
}
