//! `key list|add|remove|passwd`.

use holdfast_format::keyfile::{KeyFile, Scrypt};
use holdfast_format::{Id, Result};

use crate::Repository;

/// All key files.
pub fn list(_repository: &Repository) -> Result<Vec<(Id, KeyFile)>> {
    todo!()
}
/// Adds a key for another password and proves that it opens.
pub fn add(
    _repository: &Repository,
    _password: &[u8],
    _owner: Option<(String, String)>,
    _scrypt: Option<Scrypt>,
) -> Result<Id> {
    todo!()
}
/// Removes a key; the one in use is refused.
pub fn remove(_repository: &Repository, _id: &Id) -> Result<()> {
    todo!()
}
/// Adds a key for the new password, proves that it opens, then removes the one in use.
pub fn change(_repository: &Repository, _password: &[u8]) -> Result<Id> {
    todo!()
}
