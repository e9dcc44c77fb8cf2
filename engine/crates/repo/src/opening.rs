//! Makes and opens repositories.

use std::sync::Arc;

use holdfast_backend::cache::{Cached, standard_folder};
use holdfast_backend::{Backend, Handle};
use holdfast_format::config::Config;
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::{Error, FileType, Id, Result, polynomial};

use crate::repository::named;
use crate::{CacheOptions, InitOptions, OpenOptions, Repository, keys};

/// Keys that are tried with a password.
const MOST_KEYS: usize = 20;

impl Repository {
    /// Makes one; refuses when `config`, keys or snapshots are there.
    pub fn init(backend: Arc<dyn Backend>, password: &[u8], options: &InitOptions) -> Result<Self> {
        holdfast_kernels::check().map_err(Error::refused)?;
        refuse_existing(&*backend)?;
        let config = new_config(options)?;
        let master = EnvelopeKey::random()?;
        let key = keys::store(&*backend, &master, password, options.owner.clone(), options.scrypt)?;
        let repository = Self::new(backend, config, master, key);
        let saved = repository.save_unpacked(FileType::Config, &repository.config().to_json());
        saved.inspect_err(|_| drop(repository.backend().remove(&Handle::new(FileType::Key, key))))?;
        Ok(repository)
    }

    /// Opens one: `NoRepository`, `WrongPassword`; at most 20 keys are tried.
    pub fn open(backend: Arc<dyn Backend>, password: &[u8], options: &OpenOptions) -> Result<Self> {
        holdfast_kernels::check().map_err(Error::refused)?;
        let sealed = read_config(&*backend)?;
        let (key, master) = find_key(&*backend, password, options)?;
        let mut json = Vec::new();
        master.open(&sealed, &mut json).ok_or_else(|| {
            Error::damaged("config", format!("its MAC does not fit key {key}: config or key is damaged"))
        })?;
        let config = Config::parse(&json).map_err(|error| named(error, "config"))?;
        let cache = cache(&backend, &config.id, &options.cache)?;
        Ok(Self::new(backend, config, master, key).with_cache(cache))
    }
}

/// Copies of what is far away; a folder of this machine needs none.
fn cache(backend: &Arc<dyn Backend>, repository: &Id, options: &CacheOptions) -> Result<Option<Arc<Cached>>> {
    let folder = match options {
        _ if backend.folder().is_some() => return Ok(None),
        CacheOptions::Off => return Ok(None),
        CacheOptions::Standard => standard_folder()?,
        CacheOptions::Folder(folder) => folder.clone(),
    };
    Cached::new(backend.clone(), &folder, repository).map(|cached| Some(Arc::new(cached)))
}

fn new_config(options: &InitOptions) -> Result<Config> {
    let config = Config::random(options.version)?;
    match options.polynomial {
        Some(polynomial) if !polynomial::irreducible(polynomial) => {
            Err(Error::refused(format!("the chunker polynomial {polynomial:#x} is not irreducible")))
        }
        polynomial => Ok(Config { polynomial: polynomial.unwrap_or(config.polynomial), ..config }),
    }
}

fn refuse_existing(backend: &dyn Backend) -> Result<()> {
    match backend.stat(&Handle::config()) {
        Err(Error::Missing { .. }) => backend.create()?,
        Err(other) => return Err(other),
        Ok(_) => return Err(Error::refused("repository master key and config already initialized")),
    }
    for (kind, what) in [(FileType::Key, "keys"), (FileType::Snapshot, "snapshots")] {
        if !backend.list(kind)?.is_empty() {
            return Err(Error::refused(format!("repository already contains {what}")));
        }
    }
    Ok(())
}

fn read_config(backend: &dyn Backend) -> Result<Vec<u8>> {
    let mut sealed = Vec::new();
    match backend.read(&Handle::config(), 0, None, &mut sealed) {
        Err(Error::Missing { .. }) => Err(Error::NoRepository {
            location: backend.location(),
            why: "unable to open config file".into(),
        }),
        Ok(()) if sealed.is_empty() => Err(Error::damaged("config", "it is empty")),
        other => other.map(|()| sealed),
    }
}

/// The key that opens with a password. A damaged key file is an error only when no other opens.
fn find_key(backend: &dyn Backend, password: &[u8], options: &OpenOptions) -> Result<(Id, EnvelopeKey)> {
    let keys = in_order(backend.list(FileType::Key)?.into_iter().map(|file| file.id).collect(), options);
    let mut first_error = None;
    for key in keys.iter().take(MOST_KEYS) {
        options.cancel.check()?;
        match open_key(backend, key, password) {
            Ok(master) => return Ok((*key, master)),
            Err(Error::WrongPassword) => {}
            Err(error) => drop(first_error.get_or_insert(error)),
        }
    }
    Err(first_error.unwrap_or_else(|| nothing_opens(keys.len())))
}

fn nothing_opens(keys: usize) -> Error {
    if keys <= MOST_KEYS {
        return Error::WrongPassword;
    }
    Error::refused(format!(
        "maximum number of keys reached: none of the first {MOST_KEYS} of {keys} opens with this password; name yours with --key-hint"
    ))
}

/// The hinted key first, if it is one.
fn in_order(mut keys: Vec<Id>, options: &OpenOptions) -> Vec<Id> {
    keys.sort_unstable();
    if let Some(hint) = options.key_hint.as_deref().filter(|hint| !hint.is_empty()) {
        let hinted: Vec<Id> = keys.iter().filter(|key| key.to_string().starts_with(hint)).copied().collect();
        if let [one] = hinted[..] {
            keys.sort_by_key(|key| *key != one);
        }
    }
    keys
}

/// The master key from one key file.
pub(crate) fn open_key(backend: &dyn Backend, key: &Id, password: &[u8]) -> Result<EnvelopeKey> {
    keys::load(backend, key)?.open(password)
}
