//! Who is told while a check runs.

use crate::outcome::Problem;

/// How loud a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// What is being done now.
    Plain,
    /// Said even when quiet.
    Notice,
    /// Goes with errors.
    Error,
}

/// The parts of a check that take long.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    /// Index files are loaded.
    Index,
    /// Snapshots are followed into their trees.
    Snapshots,
    /// Packs are read.
    Data,
}

/// How far a phase is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Index files, snapshots or packs that are done.
    pub done: u64,
    /// All of them.
    pub total: u64,
    /// Bytes of packs that were read; 0 in other phases.
    pub bytes_done: u64,
    /// Bytes of all packs that are to be read; 0 in other phases.
    pub bytes_total: u64,
}

/// Told as it happens, from any thread.
pub trait Observer: Sync {
    /// A problem was found; its `Display` is restic's text.
    fn problem(&self, _problem: &Problem) {}
    /// A line for people, in restic's words.
    fn say(&self, _level: Level, _line: &str) {}
    /// A phase went on.
    fn progress(&self, _phase: Phase, _progress: Progress) {}
}

/// Tells nobody.
impl Observer for () {}
