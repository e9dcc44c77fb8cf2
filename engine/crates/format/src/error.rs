//! Everything that can go wrong in the engine, by what a user can do about it; each cause has restic's exit code.
//!
//! ```text
//! Error
//! ├── NoRepository    10  nothing was initialised there
//! ├── Locked          11  somebody else works in the repository, and who
//! ├── WrongPassword   12  no key opens with it
//! ├── Cancelled      130  the caller said stop
//! ├── Incomplete       3  it worked except for some sources
//! ├── Refused          1  asked for something that cannot be, and what can
//! ├── Missing          1  a file, snapshot or blob that was named is not there
//! ├── Damaged          1  stored bytes are not what was written, and which
//! ├── Store            1  the place where the repository lies failed
//! ├── Local            1  a file of this machine failed (source, target)
//! └── Forked           1  an open repository was used in a child of the process that opened it
//! ```

use std::io;

/// What a function of the engine gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// See the module for the tree.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was initialised at the location.
    #[error("no repository at {location}: {why}")]
    NoRepository {
        /// As shown to people, without secrets.
        location: String,
        /// What was looked for.
        why: String,
    },
    /// Somebody else's lock is in the way; `holder` says whose and since when.
    #[error("repository is already locked {holder}")]
    Locked {
        /// `exclusively by PID 12 on host by root (UID 0, GID 0), created 2026-11-21 …, storage ID 1a2b3c4d`
        holder: String,
    },
    /// No key of the repository opens with the password.
    #[error("wrong password or no key found")]
    WrongPassword,
    /// The caller's cancel token was set; everything that was begun was undone or is harmless.
    #[error("cancelled")]
    Cancelled,
    /// Some sources could not be read; the rest was saved.
    #[error("{what}")]
    Incomplete {
        /// How many and which.
        what: String,
    },
    /// What was asked for cannot be done; nothing was changed.
    #[error("{what}")]
    Refused {
        /// The object, the value and the remedy.
        what: String,
    },
    /// Something that was named does not exist.
    #[error("{what} not found")]
    Missing {
        /// `pack 1a2b3c4d…`, `snapshot 1a2b`.
        what: String,
    },
    /// Stored bytes are not what was written.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// `pack 1a2b…`, `blob 1a2b… in pack 3c4d…`.
        what: String,
        /// What did not fit.
        why: String,
    },
    /// The store failed after retries.
    #[error("{operation} {what}: {source}")]
    Store {
        /// `read`, `write`, `list`, `remove`, `stat`, `create`.
        operation: &'static str,
        /// The file, as shown to people.
        what: String,
        /// The cause.
        source: io::Error,
    },
    /// A file of this machine (a source, a target) failed.
    #[error("{path}: {source}")]
    Local {
        /// For people; bytes that are not UTF-8 are escaped.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// The repository was opened by another process: keys, locks and threads did not come along.
    #[error("this repository was opened in process {opened}; open it again in process {here}")]
    Forked {
        /// Who opened it.
        opened: u32,
        /// Who used it.
        here: u32,
    },
}

impl Error {
    /// restic's exit code for this cause.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NoRepository { .. } => 10,
            Self::Locked { .. } => 11,
            Self::WrongPassword => 12,
            Self::Cancelled => 130,
            Self::Incomplete { .. } => 3,
            _ => 1,
        }
    }

    /// A value of ours does not fit what was asked.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::Refused { what: what.into() }
    }

    /// Stored bytes are wrong.
    pub fn damaged(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Damaged { what: what.into(), why: why.into() }
    }

    /// A named thing is not there.
    pub fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }

    /// A file of this machine failed.
    pub fn local(path: &[u8], source: io::Error) -> Self {
        Self::Local { path: path.escape_ascii().to_string(), source }
    }
}
