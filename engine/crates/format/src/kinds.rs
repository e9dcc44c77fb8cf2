//! Kinds of files and blobs of a repository.

use std::fmt;

use serde::Deserialize;

/// Version of a repository: 2 compresses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Version {
    /// Nothing is compressed.
    V1 = 1,
    /// Trees, data and unpacked files are zstd frames.
    V2 = 2,
}

/// What a blob holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlobType {
    /// Contents of files.
    Data,
    /// A folder.
    Tree,
}

impl BlobType {
    /// `data` or `tree`, as in index files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Tree => "tree",
        }
    }
}

/// The kinds of files, each with its folder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FileType {
    /// The one file `config`.
    Config,
    /// `keys/`.
    Key,
    /// `data/xx/`.
    Pack,
    /// `index/`.
    Index,
    /// `snapshots/`.
    Snapshot,
    /// `locks/`.
    Lock,
}

impl FileType {
    /// The folder in every layout (and in REST's addresses); `config` for the one file.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Key => "keys",
            Self::Pack => "data",
            Self::Index => "index",
            Self::Snapshot => "snapshots",
            Self::Lock => "locks",
        }
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Config => "config",
            Self::Key => "key",
            Self::Pack => "pack",
            Self::Index => "index",
            Self::Snapshot => "snapshot",
            Self::Lock => "lock",
        })
    }
}
