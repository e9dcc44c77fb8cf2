//! Which paths are meant: restic's pattern language, and the texts that lists of patterns and names come in.
//!
//! Pure: works on bytes, reads no file and no environment. The rules are those of restic's `internal/filter` and of Go's
//! `path/filepath`, also where they surprise; a pattern that is wrong anywhere is refused before it is used.

pub mod expand;
pub mod fold;
pub mod glob;
pub mod list;
pub mod path;
pub mod pattern;
pub mod pattern_file;
pub mod size;
pub mod sources;
pub mod text;

pub use glob::Glob;
pub use list::{PatternList, Verdict};
pub use pattern::Pattern;
