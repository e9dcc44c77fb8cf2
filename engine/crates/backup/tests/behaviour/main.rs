//! What backups do, over a repository in memory.
#![allow(missing_docs)]

mod backup;
mod common;
mod stream;
