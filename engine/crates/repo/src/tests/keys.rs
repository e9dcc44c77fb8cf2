use holdfast_backend::Handle;
use holdfast_format::{Error, FileType, Result, Version};

use super::store::asking;
use super::{PASSWORD, QUICK, files, init, memory, open, open_options};
use crate::{Repository, keys};

#[test]
fn every_key_opens_the_same_repository() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let owner = ("anna".to_owned(), "there".to_owned());
    let second = keys::add(&repository, b"second", Some(owner), Some(QUICK))?;
    let opened = Repository::open(backend, b"second", &open_options())?;
    assert_eq!(opened.key_id(), second);
    assert_eq!(opened.config(), repository.config());
    let listed = keys::list(&opened)?;
    assert_eq!(listed.len(), 2);
    let added =
        listed.iter().find(|(id, _)| *id == second).map(|(_, key)| (&key.username[..], &key.hostname[..]));
    assert_eq!(added, Some(("anna", "there")));
    Ok(())
}

#[test]
fn the_key_in_use_stays() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let second = keys::add(&repository, b"second", None, Some(QUICK))?;
    let refused = keys::remove(&repository, &repository.key_id());
    assert!(matches!(refused, Err(Error::Refused { what }) if what.starts_with("refusing to remove key")));
    keys::remove(&repository, &second)?;
    assert!(matches!(Repository::open(backend, b"second", &open_options()), Err(Error::WrongPassword)));
    Ok(())
}

#[test]
fn a_changed_password_is_the_only_one() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let new = keys::change(&repository, b"changed", None, Some(QUICK))?;
    assert_eq!((repository.key_id(), files(&backend, FileType::Key)?), (new, vec![new]));
    assert!(matches!(
        Repository::open(backend.clone(), PASSWORD, &open_options()),
        Err(Error::WrongPassword)
    ));
    assert_eq!(Repository::open(backend, b"changed", &open_options())?.key_id(), new);
    Ok(())
}

#[test]
fn a_new_key_that_cannot_be_read_is_taken_back() -> Result<()> {
    let inner = memory();
    let old = init(&inner, Version::V2)?.key_id();
    let backend = asking(&inner, move |operation, file| match operation {
        "read" if file.kind == FileType::Key && file.id != old => Err(Error::missing(file.to_string())),
        _ => Ok(()),
    });
    let repository = open(&backend)?;
    assert!(matches!(keys::change(&repository, b"changed", None, Some(QUICK)), Err(Error::Missing { .. })));
    assert_eq!((repository.key_id(), files(&inner, FileType::Key)?), (old, vec![old]));
    assert!(inner.stat(&Handle::new(FileType::Key, old)).is_ok());
    Ok(())
}
