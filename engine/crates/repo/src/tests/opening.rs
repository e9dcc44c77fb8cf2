use std::sync::Arc;

use holdfast_backend::{Backend, Handle};
use holdfast_format::{Error, FileType, Result, Version};

use super::store::asking;
use super::{PASSWORD, QUICK, files, init, init_options, memory, open, open_options};
use crate::{OpenOptions, Repository, keys};

#[test]
fn a_new_repository_opens_again() -> Result<()> {
    for version in [Version::V1, Version::V2] {
        let backend = memory();
        let made = init(&backend, version)?;
        let opened = open(&backend)?;
        assert_eq!(opened.config(), made.config());
        assert_eq!(opened.config().version, version);
        assert_eq!(opened.key_id(), made.key_id());
    }
    Ok(())
}

#[test]
fn what_is_there_is_not_initialised_again() -> Result<()> {
    let refused = |backend: &Arc<dyn Backend>| match init(backend, Version::V2).map(drop) {
        Err(Error::Refused { what }) => what,
        other => format!("{other:?}"),
    };
    let backend = memory();
    let made = init(&backend, Version::V2)?;
    made.save_unpacked(FileType::Snapshot, b"{}")?;
    assert_eq!(refused(&backend), "repository master key and config already initialized");
    backend.remove(&Handle::config())?;
    assert_eq!(refused(&backend), "repository already contains keys");
    backend.remove(&Handle::new(FileType::Key, made.key_id()))?;
    assert_eq!(refused(&backend), "repository already contains snapshots");
    Ok(())
}

#[test]
fn a_polynomial_is_taken_over_or_refused() -> Result<()> {
    let with = |polynomial| {
        let options = crate::InitOptions { polynomial: Some(polynomial), ..init_options(Version::V2) };
        Repository::init(memory(), PASSWORD, &options).map(|made| made.config().polynomial)
    };
    assert_eq!(with(0x3D_A335_8B4D_C173)?, 0x3D_A335_8B4D_C173);
    assert!(matches!(with(0x3D_A335_8B4D_C172), Err(Error::Refused { .. })));
    Ok(())
}

#[test]
fn an_init_that_fails_leaves_no_key_behind() {
    let inner = memory();
    let backend = asking(&inner, |operation, file| match (operation, file.kind) {
        ("write", FileType::Config) => Err(Error::refused("no")),
        _ => Ok(()),
    });
    assert!(init(&backend, Version::V2).is_err());
    assert!(files(&inner, FileType::Key).is_ok_and(|keys| keys.is_empty()));
}

fn exit_code(backend: &Arc<dyn Backend>, password: &[u8]) -> i32 {
    Repository::open(backend.clone(), password, &open_options()).map_or_else(|error| error.exit_code(), |_| 0)
}

#[test]
fn exit_codes_are_those_of_restic() -> Result<()> {
    let backend = memory();
    assert_eq!(exit_code(&backend, PASSWORD), 10);
    init(&backend, Version::V2)?;
    assert_eq!(exit_code(&backend, b"wrong"), 12);
    assert_eq!(exit_code(&backend, PASSWORD), 0);
    Ok(())
}

#[test]
fn the_hinted_key_is_found_behind_twenty_others() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let ids = (0..24).map(|number| keys::add(&repository, &[number], None, Some(QUICK)));
    let mut ids: Vec<_> = ids.collect::<Result<Vec<_>>>()?.into_iter().zip(0_u8..).collect();
    ids.sort();
    let (id, number) = ids[23];
    let open = |hint: Option<String>| {
        Repository::open(backend.clone(), &[number], &OpenOptions { key_hint: hint, ..open_options() })
            .map(|made| made.key_id())
    };
    assert!(matches!(open(None), Err(Error::Refused { what }) if what.contains("--key-hint")));
    assert_eq!(open(Some(id.to_string()))?, id);
    assert_eq!(open(Some(id.short()))?, id);
    assert!(open(Some(String::new())).is_err());
    Ok(())
}

#[test]
fn a_damaged_key_does_not_keep_others_from_opening() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let damaged = Handle::new(FileType::Key, holdfast_format::Id::default());
    backend.write(&damaged, b"{}")?;
    assert_eq!(open(&backend)?.key_id(), repository.key_id());
    let error = Repository::open(backend, b"wrong", &open_options()).map(drop);
    assert!(matches!(&error, Err(Error::Damaged { what, .. }) if *what == damaged.to_string()), "{error:?}");
    Ok(())
}
