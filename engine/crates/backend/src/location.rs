//! The text behind `-r`: `/srv/repo`, `s3:http://host/bucket/prefix`, `rest:https://user:pass@host/`.

use holdfast_format::Result;

/// Where a repository lies.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Local(std::path::PathBuf),
    /// In this process, by name; for tests and for trying out.
    Memory(String),
    /// A bucket of S3 or a compatible server.
    S3 {
        /// With scheme.
        endpoint: String,
        /// Its name.
        bucket: String,
        /// Without slashes at the ends, may be empty.
        prefix: String,
    },
    /// A REST server.
    Rest(url::Url),
}

impl Location {
    /// Reads it; kinds that are not there yet are refused by name with a remedy.
    pub fn parse(_text: &str) -> Result<Self> {
        todo!()
    }
    /// For people; passwords are left out.
    pub fn display(&self) -> String {
        todo!()
    }
}
