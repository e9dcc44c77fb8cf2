//! `key list|add|remove|passwd`.

use holdfast_backend::{Backend, Handle};
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::keyfile::{KeyFile, Scrypt, calibrate};
use holdfast_format::time::Zone;
use holdfast_format::{Error, FileType, Id, Result};

use crate::repository::named;
use crate::{Repository, machine, parallel};

/// All key files, oldest first.
pub fn list(repository: &Repository) -> Result<Vec<(Id, KeyFile)>> {
    repository.check_process()?;
    let backend = repository.backend();
    let ids: Vec<Id> = backend.list(FileType::Key)?.into_iter().map(|file| file.id).collect();
    let loaded = parallel::map(&ids, backend.connections(), |id| Ok((*id, load(&**backend, id)?)))?;
    let mut keys = loaded.into_iter().collect::<Result<Vec<_>>>()?;
    keys.sort_by_key(|(id, key)| (key.created.instant(), *id));
    Ok(keys)
}

/// Adds a key for another password and proves that it opens.
pub fn add(
    repository: &Repository,
    password: &[u8],
    owner: Option<(String, String)>,
    scrypt: Option<Scrypt>,
) -> Result<Id> {
    repository.check_process()?;
    let backend = &**repository.backend();
    let id = store(backend, repository.master(), password, owner, scrypt)?;
    let opened = load(backend, &id).and_then(|key| key.open(password));
    let error = match opened {
        Ok(master) if master.to_json() == repository.master().to_json() => return Ok(id),
        Ok(_) => Error::damaged(format!("key {id}"), "it opens with another master key"),
        Err(error) => error,
    };
    backend.remove(&Handle::new(FileType::Key, id))?;
    Err(error)
}

/// Removes a key; the one in use is refused.
pub fn remove(repository: &Repository, id: &Id) -> Result<()> {
    repository.check_process()?;
    if *id == repository.key_id() {
        return Err(Error::refused("refusing to remove key currently used to access repository"));
    }
    repository.backend().remove(&Handle::new(FileType::Key, *id))
}

/// Adds a key for the new password, proves that it opens, then removes the one in use.
pub fn change(
    repository: &Repository,
    password: &[u8],
    owner: Option<(String, String)>,
    scrypt: Option<Scrypt>,
) -> Result<Id> {
    let new = add(repository, password, owner, scrypt)?;
    let old = repository.key_id();
    repository.set_key_id(new);
    remove(repository, &old)?;
    Ok(new)
}

/// Reads a key file; its bytes must be what its name says.
pub(crate) fn load(backend: &dyn Backend, id: &Id) -> Result<KeyFile> {
    let file = Handle::new(FileType::Key, *id);
    let mut json = Vec::new();
    backend.read(&file, 0, None, &mut json)?;
    if Id::of(&json) != *id {
        backend.read(&file, 0, None, &mut json)?;
    }
    match Id::of(&json) {
        found if found == *id => KeyFile::parse(&json).map_err(|error| named(error, &file.to_string())),
        found => Err(Error::damaged(file.to_string(), format!("its SHA-256 is {found}"))),
    }
}

/// Writes a key file for a password.
pub(crate) fn store(
    backend: &dyn Backend,
    master: &EnvelopeKey,
    password: &[u8],
    owner: Option<(String, String)>,
    scrypt: Option<Scrypt>,
) -> Result<Id> {
    let (user, host) = owner.unwrap_or_else(|| (machine::user().name, machine::hostname()));
    let costs = scrypt.unwrap_or_else(calibrate);
    let key = KeyFile::seal(master, password, costs, Zone::local().now(), &user, &host)?;
    let json = key.to_json();
    let id = Id::of(&json);
    backend.write(&Handle::new(FileType::Key, id), &json)?;
    Ok(id)
}
