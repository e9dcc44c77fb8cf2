//! What a folder promises beyond the contract: restic's rights and names, and nothing left behind by failures.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use holdfast_backend::local::Local;
use holdfast_backend::{Backend, BackendOptions, Cancel, Handle, Location, create};
use holdfast_format::{Error, FileType, Id};
use tempfile::TempDir;

const PACK: Handle = Handle { kind: FileType::Pack, id: Id([0xab; 32]), tree_pack: false };

fn repository() -> (TempDir, PathBuf, Local) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repo");
    let store = Local::open(&root, 2);
    store.create().unwrap();
    (folder, root, store)
}

fn pack_path(root: &Path) -> PathBuf {
    root.join("data/ab").join("ab".repeat(32))
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn every_path(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths.extend(every_path(&path));
        }
        paths.push(path);
    }
    paths
}

#[test]
fn a_new_repository_has_restics_folders() {
    let (_folder, root, _store) = repository();
    let paths = every_path(&root);
    assert_eq!(paths.len(), 5 + 256);
    for name in ["keys", "data/00", "data/ff", "index", "snapshots", "locks"] {
        assert_eq!(mode(root.join(name)), 0o700);
    }
}

#[test]
fn files_are_read_only_and_can_still_be_removed() {
    let (_folder, root, store) = repository();
    store.write(&PACK, b"pack").unwrap();
    assert_eq!(mode(pack_path(&root)), 0o400);
    store.remove(&PACK).unwrap();
    assert!(!pack_path(&root).exists());
}

#[test]
fn a_config_that_the_group_reads_gives_the_group_its_rights() {
    let (_folder, root, store) = repository();
    store.write(&Handle::config(), b"config").unwrap();
    fs::set_permissions(root.join("config"), Permissions::from_mode(0o440)).unwrap();
    fs::remove_dir(root.join("data/ab")).unwrap();
    let store = Local::open(&root, 2);
    store.write(&PACK, b"pack").unwrap();
    assert_eq!(mode(pack_path(&root)), 0o440);
    assert_eq!(mode(root.join("data/ab")) & 0o700, 0o700);
    assert_ne!(mode(root.join("data/ab")) & 0o050, 0);
}

#[test]
fn a_folder_that_is_gone_is_made_again() {
    let (_folder, root, store) = repository();
    fs::remove_dir_all(root.join("data")).unwrap();
    assert_eq!(store.list(FileType::Pack).unwrap(), []);
    store.write(&PACK, b"pack").unwrap();
    assert_eq!(fs::read(pack_path(&root)).unwrap(), b"pack");
}

#[test]
fn a_listing_leaves_out_what_is_no_file_of_the_repository() {
    let (_folder, root, store) = repository();
    store.write(&PACK, b"pack").unwrap();
    let name = "ab".repeat(32);
    fs::write(root.join("data/ab").join(format!("{name}-tmp-123")), b"left over").unwrap();
    fs::write(root.join("data/ab").join(name.to_uppercase()), b"upper case").unwrap();
    fs::write(root.join("data/stray"), b"a file among folders").unwrap();
    fs::create_dir(root.join("data/cd").join("cd".repeat(32))).unwrap();
    let listed = store.list(FileType::Pack).unwrap();
    assert_eq!(listed.iter().map(|file| file.id).collect::<Vec<_>>(), [PACK.id]);
}

#[test]
fn a_file_behind_a_symbolic_link_counts_with_its_own_size() {
    let (folder, root, store) = repository();
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, [0; 1000]).unwrap();
    symlink(&elsewhere, pack_path(&root)).unwrap();
    assert_eq!(store.list(FileType::Pack).unwrap()[0].size, 1000);
    assert_eq!(store.stat(&PACK).unwrap(), 1000);
}

/// Writing fails in the same way for everybody where a file stands in place of the folder, root included.
#[test]
fn a_failed_write_names_the_file_and_leaves_nothing() {
    let (_folder, root, store) = repository();
    fs::remove_dir(root.join("data/ab")).unwrap();
    fs::write(root.join("data/ab"), b"not a folder").unwrap();
    let error = store.write(&PACK, b"pack").unwrap_err();
    assert!(matches!(error, Error::Store { operation: "write", .. }), "{error:?}");
    assert!(error.to_string().contains(pack_path(&root).to_str().unwrap()), "{error}");
}

#[test]
fn neither_a_write_nor_a_refused_write_leaves_temp_files() {
    let (_folder, root, store) = repository();
    store.write(&PACK, b"pack").unwrap();
    store.write(&PACK, b"again").unwrap_err();
    let files: Vec<_> = every_path(&root).into_iter().filter(|path| path.is_file()).collect();
    assert_eq!(files, [pack_path(&root)]);
}

#[test]
fn a_repository_is_not_created_where_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Local(folder.path().to_owned());
    let make = || create(&location, &BackendOptions::default(), &Cancel::new());
    make().unwrap().write(&Handle::config(), b"config").unwrap();
    let error = make().unwrap_err();
    assert!(matches!(error, Error::Refused { .. }));
    assert!(error.to_string().contains("config file already exists"), "{error}");
}
