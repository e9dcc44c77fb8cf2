//! Which paths are meant: restic's pattern language. Pure; works on bytes.

pub mod glob;
pub mod list;
pub mod pattern;

pub use list::{PatternList, Verdict};
