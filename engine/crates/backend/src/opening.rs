//! A location and options turned into a store with its layers: retries, limits, connections.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use holdfast_format::{Error, Result};

use crate::fault::{self, Faulty};
use crate::http::tls::check_files;
use crate::limit::{Narrowed, Rates, Slowed};
use crate::local::Local;
use crate::memory::Memory;
use crate::options::Extended;
use crate::rest::Rest;
use crate::retry::{Patience, Policy, Retrying};
use crate::s3::{Place, S3};
use crate::{Backend, Cancel, Handle, Location};

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
    /// A request that moves no byte for so long is given up and tried again; `None` is 5 minutes.
    pub stuck_request_timeout: Option<Duration>,
    /// Who hears of operations that are tried again.
    pub notices: Notices,
}

/// A listener for what goes wrong and is made good: one line each, for people. The default hears nothing.
#[derive(Clone, Default)]
pub struct Notices(Option<Arc<Listener>>);

type Listener = dyn Fn(&str) + Send + Sync;

impl Notices {
    /// Calls `hear` from any thread.
    pub fn to(hear: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }
    /// Passes a line on.
    pub fn say(&self, line: &str) {
        if let Some(hear) = &self.0 {
            hear(line);
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "heard" } else { "unheard" })
    }
}

/// The store of a repository that is there. Does not look whether it is.
pub fn open(location: &Location, options: &BackendOptions, cancel: &Cancel) -> Result<Arc<dyn Backend>> {
    let extended = Extended::check(&options.extended)?;
    let policy = if fault::is_set() { Policy::QUICK } else { Policy::STANDARD };
    let patience = Patience { policy, cancel: cancel.clone(), notices: options.notices.clone() };
    let store = patience.retry("open", |_| store(location, &extended, options, cancel))?;
    let store = Faulty::by_environment(store, cancel)?;
    Ok(Arc::new(Retrying::new(Arc::new(Narrowed::new(store)), patience)))
}

/// The store of a repository to come: also makes the folder, the bucket, the REST repository. Refused where a `config` is.
pub fn create(location: &Location, options: &BackendOptions, cancel: &Cancel) -> Result<Arc<dyn Backend>> {
    let store = open(location, options, cancel)?;
    match store.stat(&Handle::config()) {
        Err(Error::Missing { .. }) => store.create()?,
        Err(why) => return Err(why),
        Ok(_) => return Err(occupied(store.as_ref())),
    }
    Ok(store)
}

fn occupied(store: &dyn Backend) -> Error {
    Error::refused(format!(
        "create repository at {} failed: config file already exists; open it or choose another place",
        store.location()
    ))
}

fn store(
    location: &Location,
    extended: &Extended,
    options: &BackendOptions,
    cancel: &Cancel,
) -> Result<Arc<dyn Backend>> {
    let connections = |name| extended.connections(name);
    Ok(match location {
        Location::Local(root) => {
            check_files(options)?;
            slowed(Arc::new(Local::open(root, connections("local.connections")?)), options, cancel)
        }
        Location::Memory(name) => slowed(Arc::new(Memory::named(name)), options, cancel),
        Location::Rest(address) => {
            let connections = connections("rest.connections")?;
            Arc::new(Rest::open(address, connections, options, cancel, variable)?)
        }
        Location::S3 { endpoint, bucket, prefix } => {
            let place = Place { endpoint, bucket, prefix };
            Arc::new(S3::open(place, extended, options, cancel, variable)?)
        }
    })
}

/// Stores behind HTTP keep to the rates themselves.
fn slowed(store: Arc<dyn Backend>, options: &BackendOptions, cancel: &Cancel) -> Arc<dyn Backend> {
    let rates = Rates::new(options.limit_upload, options.limit_download);
    if rates.is_unlimited() { store } else { Arc::new(Slowed::new(store, rates, cancel.clone())) }
}

/// A variable of the environment that is not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
