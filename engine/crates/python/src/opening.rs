//! `Repository`: made, opened, closed, and what it says of itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use holdfast_backend::cache::standard_folder;
use holdfast_backend::opening::Notices;
use holdfast_backend::{BackendOptions, Cancel, Location};
use holdfast_format::keyfile::Scrypt;
use holdfast_format::{Error, Result, Version};
use holdfast_repo::{CacheOptions, InitOptions, Lock, LockKind, OpenOptions, machine};
use parking_lot::Mutex;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyType};

use crate::cancel::Stop;
use crate::errors::IntoPython;
use crate::keywords::{Function, Keywords, Password, PathText, Paths, options};
use crate::operation::Patience;
use crate::work::quietly;

/// See `_engine.pyi`.
#[pyclass(frozen, module = "holdfast_engine")]
pub struct Repository {
    inner: Mutex<Option<Arc<holdfast_repo::Repository>>>,
    /// The lock of `lock()`, while somebody holds it.
    pub held: Mutex<Held>,
    process: u32,
    location: String,
    /// The folder of all caches, when this has one in it.
    pub caches: Option<PathBuf>,
    /// Reading operations take no lock.
    pub no_lock: bool,
    /// To try again for when a lock is in the way.
    pub retry_lock: Duration,
    /// Of its store.
    pub patience: Patience,
}

/// An open repository, and the folder of all caches if it has one.
type Reached = (holdfast_repo::Repository, Option<PathBuf>);

/// A lock that operations share, and its kind.
pub type Held = Option<(Slot, LockKind)>;

/// A lock that is held, until somebody takes it out.
pub type Slot = Arc<Mutex<Option<Arc<Lock>>>>;

options! {
    /// `ConnectionOptions` of `_opening.py`.
    Connection {
        options: BTreeMap<String, String>,
        limit_upload: u64,
        limit_download: u64,
        cacert: Paths,
        tls_client_cert: PathText,
        insecure_tls: bool,
        http_user_agent: String,
        no_lock: bool,
        retry_lock: f64,
        stuck_request_timeout: f64,
        on_notice: Function,
        cancel: Stop,
    }
}

options! {
    /// What `OpenOptions` of `_opening.py` adds.
    Opening {
        key_hint: String,
        cache: Cache,
    }
}

options! {
    /// What `InitOptions` of `_opening.py` adds.
    Making {
        version: u32,
        copy_chunker_params: Py<Repository>,
        user: String,
        host: String,
        scrypt: (u64, u32, u32),
    }
}

/// `cache=`: True, False or a folder.
pub struct Cache(CacheOptions);

impl FromPyObject<'_, '_> for Cache {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(match object.cast::<PyBool>() {
            Ok(flag) if flag.is_true() => CacheOptions::Standard,
            Ok(_) => CacheOptions::Off,
            Err(_) => CacheOptions::Folder(object.extract::<PathText>()?.into_path()),
        }))
    }
}

impl Connection {
    fn backend(&mut self) -> PyResult<BackendOptions> {
        Ok(BackendOptions {
            extended: self.options.take().unwrap_or_default(),
            limit_upload: self.limit_upload.unwrap_or(0),
            limit_download: self.limit_download.unwrap_or(0),
            cacert: self.cacert.take().map_or(vec![], Paths::into_paths),
            tls_client_cert: self.tls_client_cert.take().map(PathText::into_path),
            insecure_tls: self.insecure_tls.unwrap_or(false),
            http_user_agent: self.http_user_agent.take(),
            stuck_request_timeout: seconds("stuck_request_timeout", self.stuck_request_timeout)?,
            notices: self.on_notice.take().map_or_else(Notices::default, heard),
        })
    }
}

impl Opening {
    fn options(self, cancel: &Cancel) -> OpenOptions {
        let cache = self.cache.map_or(CacheOptions::Standard, |cache| cache.0);
        OpenOptions { key_hint: self.key_hint, cache, cancel: cancel.clone() }
    }
}

fn seconds(name: &str, given: Option<f64>) -> PyResult<Option<Duration>> {
    let wrong = |error| PyValueError::new_err(format!("{name}: {error}"));
    given.map(Duration::try_from_secs_f64).transpose().map_err(wrong)
}

/// Stores say what they try again on any thread.
fn heard(listener: Function) -> Notices {
    Notices::to(move |line| {
        Python::attach(|py| {
            if let Err(error) = listener.tell(py, line) {
                error.write_unraisable(py, None);
            }
        });
    })
}

impl Making {
    fn version(&self) -> PyResult<Version> {
        match self.version {
            Some(1) => Ok(Version::V1),
            None | Some(2) => Ok(Version::V2),
            Some(other) => {
                Err(PyValueError::new_err(format!("version {other} of the format is unknown: 1 or 2")))
            }
        }
    }

    fn options(self, py: Python<'_>) -> PyResult<InitOptions> {
        let polynomial = match &self.copy_chunker_params {
            Some(other) => Some(other.get().inner().raised(py)?.config().polynomial),
            None => None,
        };
        Ok(InitOptions {
            version: self.version()?,
            polynomial,
            scrypt: self.scrypt.map(costs),
            owner: owner(self.user, self.host),
        })
    }
}

/// `scrypt=(N, r, p)`.
pub fn costs((n, r, p): (u64, u32, u32)) -> Scrypt {
    Scrypt { n, r, p }
}

/// `user=`, `host=`: who runs this and where, for what was not said.
pub fn owner(user: Option<String>, host: Option<String>) -> Option<(String, String)> {
    (user.is_some() || host.is_some())
        .then(|| (user.unwrap_or_else(|| machine::user().name), host.unwrap_or_else(machine::hostname)))
}

impl Repository {
    fn of((inner, caches): Reached, location: &Location, connection: &Connection, store: Cancel) -> Self {
        Self {
            inner: Mutex::new(Some(Arc::new(inner))),
            held: Mutex::default(),
            process: std::process::id(),
            location: location.display(),
            caches,
            no_lock: connection.no_lock.unwrap_or(false),
            retry_lock: Duration::from_secs_f64(connection.retry_lock.unwrap_or(0.0)),
            patience: Patience::new(store),
        }
    }

    /// What the engine works with. `Forked` in a child, before any lock that another thread may have held at the fork.
    pub fn inner(&self) -> Result<Arc<holdfast_repo::Repository>> {
        let here = std::process::id();
        if here != self.process {
            return Err(Error::Forked { opened: self.process, here });
        }
        let closed =
            || Error::refused(format!("the repository at {} is closed; open it again", self.location));
        self.inner.lock().clone().ok_or_else(closed)
    }
}

#[pymethods]
impl Repository {
    #[classmethod]
    #[pyo3(signature = (location, password, /, **options))]
    fn init(
        cls: &Bound<'_, PyType>,
        location: PathText,
        password: Password,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let keywords = Keywords::new(cls.py(), options)?;
        let making = Making::take(&keywords)?.options(cls.py())?;
        reach(cls.py(), &keywords, "init", &location, |location, backend, cancel| {
            let store = holdfast_backend::create(location, backend, cancel)?;
            Ok((holdfast_repo::Repository::init(store, &password.0, &making)?, None))
        })
    }

    #[classmethod]
    #[pyo3(signature = (location, password, /, **options))]
    fn open(
        cls: &Bound<'_, PyType>,
        location: PathText,
        password: Password,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let keywords = Keywords::new(cls.py(), options)?;
        let opening = Opening::take(&keywords)?;
        reach(cls.py(), &keywords, "open", &location, |location, backend, cancel| {
            let store = holdfast_backend::open(location, backend, cancel)?;
            let options = opening.options(cancel);
            let opened = holdfast_repo::Repository::open(store, &password.0, &options)?;
            let caches = caches(&opened, options.cache)?;
            Ok((opened, caches))
        })
    }

    #[getter]
    fn location(&self) -> &str {
        &self.location
    }

    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.inner().raised(py)?.config().id.to_string())
    }

    #[getter]
    fn version(&self, py: Python<'_>) -> PyResult<u32> {
        Ok(self.inner().raised(py)?.config().version as u32)
    }

    #[getter]
    fn key_id(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.inner().raised(py)?.key_id().to_string())
    }

    #[getter]
    fn cache_folder(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let id = self.inner().raised(py)?.config().id.to_string();
        Ok(self.caches.as_ref().map(|caches| caches.join(id).to_string_lossy().into_owned()))
    }

    #[getter]
    fn closed(&self) -> bool {
        self.inner.lock().is_none()
    }

    fn close(&self, py: Python<'_>) {
        let (inner, held) = (self.inner.lock().take(), self.held.lock().take());
        py.detach(|| drop((held.map(|(slot, _)| slot.lock().take()), inner)));
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _trace: &Bound<'_, PyAny>,
    ) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("<Repository at {}>", self.location)
    }
}

/// Reads the location and what is left of the options, and opens or makes what is there.
fn reach(
    py: Python<'_>,
    keywords: &Keywords<'_>,
    verb: &str,
    location: &PathText,
    open: impl FnOnce(&Location, &BackendOptions, &Cancel) -> Result<Reached> + Send,
) -> PyResult<Repository> {
    let mut connection = Connection::take(keywords)?;
    keywords.finish(verb)?;
    seconds("retry_lock", connection.retry_lock)?;
    let (backend, stop) = (connection.backend()?, connection.cancel.take().unwrap_or_default());
    let location = Location::parse(&location.lossy()).raised(py)?;
    let (reached, store) =
        quietly(py, &stop, |cancel| Ok((open(&location, &backend, cancel)?, cancel.clone())))?;
    Ok(Repository::of(reached, &location, &connection, store))
}

/// The folder of all caches, if the repository is far enough away to have one in it.
fn caches(repository: &holdfast_repo::Repository, options: CacheOptions) -> Result<Option<PathBuf>> {
    Ok(match options {
        _ if repository.backend().folder().is_some() => None,
        CacheOptions::Off => None,
        CacheOptions::Standard => Some(standard_folder()?),
        CacheOptions::Folder(folder) => Some(folder),
    })
}
