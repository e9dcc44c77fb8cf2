//! A location and options turned into a store with its layers: retries, limits, connections.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use holdfast_format::Result;

use crate::{Backend, Cancel, Location};

/// What `-o`, `--limit-*`, `--cacert` … say.
#[derive(Clone, Debug, Default)]
pub struct BackendOptions {
    /// `local.connections=2`, `s3.region=…`; unknown ones are refused by name.
    pub extended: BTreeMap<String, String>,
    /// KiB/s, 0 is no limit.
    pub limit_upload: u64,
    /// KiB/s, 0 is no limit.
    pub limit_download: u64,
    /// PEM files of authorities.
    pub cacert: Vec<PathBuf>,
    /// PEM with certificate and key of the client.
    pub tls_client_cert: Option<PathBuf>,
    /// No verification of the server.
    pub insecure_tls: bool,
    /// Instead of ours.
    pub http_user_agent: Option<String>,
}

/// The store of a repository that is there.
pub fn open(_location: &Location, _options: &BackendOptions, _cancel: &Cancel) -> Result<Arc<dyn Backend>> {
    todo!()
}
/// The store of a repository to come: also makes the folder, the bucket, the REST repository.
pub fn create(_location: &Location, _options: &BackendOptions, _cancel: &Cancel) -> Result<Arc<dyn Backend>> {
    todo!()
}
