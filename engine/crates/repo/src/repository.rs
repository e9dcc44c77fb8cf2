//! An open repository: its files and blobs.

use std::path::PathBuf;
use std::sync::Arc;

use holdfast_backend::cache::Cached;
use holdfast_backend::{Backend, Cancel, Handle};
use holdfast_format::config::Config;
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::keyfile::Scrypt;
use holdfast_format::node::Node;
use holdfast_format::{BlobType, Error, FileType, Id, Result, Version, tree, unpacked};
use parking_lot::{Mutex, RwLock};

use crate::index::{Index, IndexWatcher, load};
pub use crate::reader::{BlobReader, in_pack};

/// Where copies of index, snapshot and tree files may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheOptions {
    /// Nowhere.
    Off,
    /// restic's folder (`RESTIC_CACHE_DIR`, `XDG_CACHE_HOME/restic`, `~/.cache/restic`).
    Standard,
    /// Here.
    Folder(PathBuf),
}

/// How a repository is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Key to try first: a prefix of its id.
    pub key_hint: Option<String>,
    /// Local repositories are not cached whatever it says.
    pub cache: CacheOptions,
    /// Stops waiting and retrying.
    pub cancel: Cancel,
}

/// How a repository is made.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Of the format.
    pub version: Version,
    /// From another repository (`--copy-chunker-params`).
    pub polynomial: Option<u64>,
    /// `None`: measured on this machine.
    pub scrypt: Option<Scrypt>,
    /// `(user, host)` in the key file; `None`: of this machine.
    pub owner: Option<(String, String)>,
}

/// A repository whose master key is known. Refuses to work in a forked child (`Forked`).
pub struct Repository {
    backend: Arc<dyn Backend>,
    cache: Option<Arc<Cached>>,
    config: Config,
    master: EnvelopeKey,
    key: RwLock<Id>,
    index: RwLock<Arc<Index>>,
    readers: Mutex<Vec<BlobReader>>,
    process: u32,
}

impl Repository {
    pub(crate) fn new(backend: Arc<dyn Backend>, config: Config, master: EnvelopeKey, key: Id) -> Self {
        Self {
            backend,
            cache: None,
            config,
            master,
            key: RwLock::new(key),
            index: RwLock::default(),
            readers: Mutex::default(),
            process: std::process::id(),
        }
    }

    pub(crate) fn with_cache(self, cache: Option<Arc<Cached>>) -> Self {
        let backend = cache.clone().map_or(self.backend, |cached| cached as Arc<dyn Backend>);
        Self { backend, cache, ..self }
    }

    /// What `config` says.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The key file that opened it.
    pub fn key_id(&self) -> Id {
        *self.key.read()
    }

    pub(crate) fn set_key_id(&self, key: Id) {
        *self.key.write() = key;
    }

    /// The key of everything.
    pub fn master(&self) -> &EnvelopeKey {
        &self.master
    }

    /// The store, cache included.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// `Forked` in a child of the process that opened it.
    pub fn check_process(&self) -> Result<()> {
        let here = std::process::id();
        if here == self.process { Ok(()) } else { Err(Error::Forked { opened: self.process, here }) }
    }

    /// The stored bytes of a file, their SHA-256 compared with the name (read again once, past the cache, when it differs; then `Damaged`).
    pub fn load_raw(&self, kind: FileType, id: &Id) -> Result<Vec<u8>> {
        self.check_process()?;
        let file = Handle::new(kind, *id);
        let mut bytes = Vec::new();
        for first in [true, false] {
            self.backend.read(&file, 0, None, &mut bytes)?;
            if kind == FileType::Config || Id::of(&bytes) == *id {
                return Ok(bytes);
            }
            if first {
                self.backend.forget(&file);
            }
        }
        Err(Error::damaged(file.to_string(), format!("its SHA-256 is {}", Id::of(&bytes))))
    }

    /// The JSON of an index, snapshot or lock file (`Config` too), authenticated.
    pub fn load_unpacked(&self, kind: FileType, id: &Id) -> Result<Vec<u8>> {
        let sealed = self.load_raw(kind, id)?;
        self.open_unpacked(&Handle::new(kind, *id), &sealed)
    }

    fn open_unpacked(&self, file: &Handle, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        self.master
            .open(sealed, &mut plain)
            .ok_or_else(|| Error::damaged(file.to_string(), "its MAC does not fit"))?;
        if file.kind == FileType::Config || self.config.version == Version::V1 {
            return Ok(plain);
        }
        unpacked::decode(plain).map_err(|error| named(error, &file.to_string()))
    }

    /// Stores JSON as such a file, read back before it is written.
    pub fn save_unpacked(&self, kind: FileType, json: &[u8]) -> Result<Id> {
        self.check_process()?;
        let sealed = self.seal_unpacked(kind, json)?;
        let id = if kind == FileType::Config { Id::default() } else { Id::of(&sealed) };
        let file = Handle::new(kind, id);
        if self.open_unpacked(&file, &sealed)? != json {
            return Err(Error::damaged(
                file.to_string(),
                "it did not survive encoding: memory or processor is faulty",
            ));
        }
        self.backend.write(&file, &sealed)?;
        Ok(id)
    }

    fn seal_unpacked(&self, kind: FileType, json: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = Vec::new();
        if kind == FileType::Config {
            self.master.seal(json, &mut sealed)?;
        } else {
            self.master.seal(&unpacked::encode(self.config.version, json)?, &mut sealed)?;
        }
        Ok(sealed)
    }

    /// Loads all index files, several at once. `progress(done, all)`. Copies of packs that no index names leave the cache.
    pub fn load_index(&self, cancel: &Cancel, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<()> {
        self.load_index_watched(cancel, &|done, all| progress(done, all))
    }

    /// The same for who wants to know what each file says, and which of them cannot be read.
    pub fn load_index_watched(&self, cancel: &Cancel, watcher: &dyn IndexWatcher) -> Result<()> {
        self.check_process()?;
        let index = load::load(self, cancel, watcher)?;
        if let Some(cache) = &self.cache {
            cache.keep_only(FileType::Pack, &index.pack_ids().copied().collect());
        }
        *self.index.write() = Arc::new(index);
        Ok(())
    }

    /// The index as loaded (empty before).
    pub fn index(&self) -> Arc<Index> {
        self.index.read().clone()
    }

    /// Plain bytes of a blob, every check made; tries every place that the index knows.
    pub fn load_blob(&self, kind: BlobType, id: &Id) -> Result<Vec<u8>> {
        self.check_process()?;
        let kept = self.readers.lock().pop();
        let mut reader = kept.unwrap_or_else(|| BlobReader::new(self));
        let mut out = Vec::new();
        let loaded = self.load_anywhere(&mut reader, kind, id, &mut out);
        self.readers.lock().push(reader);
        loaded.map(|()| out)
    }

    fn load_anywhere(
        &self,
        reader: &mut BlobReader,
        kind: BlobType,
        id: &Id,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let places = self.index().find_all(kind, id);
        let mut first_error = None;
        for fresh in [false, true] {
            if fresh && !matches!(first_error, Some(Error::Damaged { .. })) {
                break;
            }
            for place in &places {
                if fresh {
                    self.backend.forget(&crate::reader::pack_handle(kind, place.pack));
                }
                match reader.load(self, kind, id, place, out) {
                    Ok(()) => return Ok(()),
                    Err(error) => drop(first_error.get_or_insert(error)),
                }
            }
        }
        Err(first_error.unwrap_or_else(|| Error::missing(format!("{} blob {id}", kind.name()))))
    }

    /// A folder.
    pub fn load_tree(&self, id: &Id) -> Result<Vec<Node>> {
        tree::parse(&self.load_blob(BlobType::Tree, id)?).map_err(|error| named(error, &format!("tree {id}")))
    }
}

/// Gives damage the name of what is damaged.
pub(crate) fn named(error: Error, what: &str) -> Error {
    match error {
        Error::Damaged { why, .. } => Error::damaged(what, why),
        other => other,
    }
}
