//! Folders into snapshots: what is in them, what is read again, what is left out, and what stops a backup.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::common::{Store, Told, content, noise, options};
use holdfast_backend::Cancel;
use holdfast_backup::Counters;
use holdfast_filter::PatternList;
use holdfast_format::node::NodeType;
use holdfast_format::{BlobType, Error, FileType};
use holdfast_kernels::rabin::{MAX, MIN, Rabin};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), files);
    folder
}

fn fill(folder: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The same as a relative target: nothing above it, which others change, is in the snapshot.
fn relative_folder(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let working = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::env::set_current_dir(working).unwrap();
    let folder = tempfile::tempdir_in(working).unwrap();
    fill(folder.path(), files);
    let name = folder.path().file_name().unwrap().into();
    (folder, name)
}

fn inside(folder: &Path, name: &str) -> Vec<u8> {
    folder.join(name).into_os_string().into_vec()
}

fn names(store: &Store, root: &Path, options: &holdfast_backup::BackupOptions) -> Vec<String> {
    let (_, snapshot) = store.saved(options);
    let below = [root.as_os_str().as_bytes(), b"/"].concat();
    let paths = store.nodes(&snapshot);
    paths
        .keys()
        .filter_map(|path| path.strip_prefix(&below[..]))
        .map(|p| String::from_utf8_lossy(p).into())
        .collect()
}

#[test]
fn every_kind_of_entry_is_in_the_snapshot_as_it_was() {
    let folder = folder(&[("file", b"text"), ("empty", b""), ("in/side", b"x")]);
    symlink("nowhere\u{e9}", folder.path().join("link")).unwrap();
    fs::set_permissions(folder.path().join("file"), fs::Permissions::from_mode(0o4751)).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path().join("fifo"),
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    let store = Store::new();
    let (_, snapshot) = store.saved(&options(&[folder.path()]));
    let nodes = store.nodes(&snapshot);
    let node = |name| &nodes[&inside(folder.path(), name)];

    assert_eq!(snapshot.paths, [folder.path().to_str().unwrap()]);
    assert_eq!((snapshot.hostname.as_str(), &snapshot.tags[..]), ("host", &["tag".to_owned()][..]));
    assert_eq!((node("file").mode, node("file").size, node("file").links), (0o751 | 1 << 23, 4, 1));
    assert_eq!(content(&store.open(), node("file")), b"text");
    assert_eq!(node("empty").content.as_deref(), Some(&[][..]));
    assert_eq!(node("link").linktarget, "nowhere\u{e9}".as_bytes());
    assert_eq!((node("fifo").kind, node("fifo").links, &node("fifo").content), (NodeType::Fifo, 0, &None));
    assert!(!nodes.contains_key(&inside(folder.path(), "socket")));
    let parent = folder.path().parent().unwrap().as_os_str().as_bytes();
    assert_eq!(nodes[parent].kind, NodeType::Dir);
}

#[test]
fn large_files_are_cut_where_the_repository_says() {
    let mut bytes = noise(1, 9 << 20);
    bytes.extend_from_slice(&vec![0; 20 << 20]);
    bytes.extend_from_slice(&noise(2, 3 << 20));
    let folder = folder(&[("large", &bytes)]);
    let store = Store::new();
    let (_, snapshot) = store.saved(&options(&[folder.path()]));
    let node = &store.nodes(&snapshot)[&inside(folder.path(), "large")];

    let repository = store.open();
    let rabin = Rabin::new(repository.config().polynomial);
    let mut start = 0;
    for id in node.content.as_deref().unwrap() {
        let end = rabin.cut(&bytes, start);
        assert!(end - start <= MAX && (end - start >= MIN || end == bytes.len()));
        assert_eq!(repository.load_blob(BlobType::Data, id).unwrap(), &bytes[start..end]);
        start = end;
    }
    assert_eq!((start, node.size), (bytes.len(), bytes.len() as u64));
}

#[test]
fn what_did_not_change_is_neither_read_nor_stored_again() {
    let (_folder, target) = relative_folder(&[("a/b", b"text"), ("large", &noise(3, 2 << 20)), ("c", b"")]);
    let store = Store::new();
    let first = store.saved(&options(&[&target]));
    let mut again = options(&[&target]);
    again.parent = Some(first.clone());
    let outcome = store.backup(&again).unwrap();

    let summary = &outcome.summary;
    assert_eq!((summary.files_unmodified, summary.files_new, summary.files_changed), (3, 0, 0));
    assert_eq!((summary.dirs_new, summary.dirs_changed), (0, 0));
    assert_eq!((summary.data_blobs, summary.tree_blobs, summary.data_added), (0, 0, 0));
    assert_eq!(store.snapshot(outcome.snapshot.unwrap()).tree, first.1.tree);
    assert_eq!(store.snapshot(outcome.snapshot.unwrap()).parent, Some(first.0));
}

#[test]
fn what_changed_is_told_from_what_did_not() {
    let (folder, target) =
        relative_folder(&[("same", b"same"), ("grown", b"short"), ("gone", b"x"), ("mode", b"m")]);
    let store = Store::new();
    let mut again = options(&[&target]);
    again.parent = Some(store.saved(&again));
    fs::write(folder.path().join("grown"), "longer than before").unwrap();
    fs::rename(folder.path().join("gone"), folder.path().join("came")).unwrap();
    fs::set_permissions(folder.path().join("mode"), fs::Permissions::from_mode(0o600)).unwrap();
    let told = Told::default();
    let outcome = store.backup_told(&again, &told).unwrap();

    let mut files: Vec<_> = told.items.into_inner();
    files.retain(|(path, _)| !path.ends_with('/'));
    let mut files: Vec<_> =
        files.iter().map(|(path, action)| (path.rsplit('/').next().unwrap(), *action)).collect();
    files.sort_unstable();
    assert_eq!(files, [("came", "new"), ("grown", "modified"), ("mode", "modified"), ("same", "unchanged")]);
    assert_eq!((outcome.summary.data_blobs, outcome.summary.total_files_processed), (1, 4));

    let fresh = store.saved(&options(&[&target])).1;
    assert_eq!(store.snapshot(outcome.snapshot.unwrap()).tree, fresh.tree);
}

#[test]
fn a_file_whose_blobs_are_gone_is_read_again() {
    let folder = folder(&[("file", b"contents that were lost")]);
    let store = Store::new();
    let mut again = options(&[folder.path()]);
    again.parent = Some(store.saved(&again));
    lose_data(&store);
    let told = Told::default();
    let outcome = store.backup_told(&again, &told).unwrap();

    assert!(told.errors.lock()[0].contains("not found in the repository index; storing the file again"));
    assert_eq!((outcome.errors, outcome.summary.data_blobs), (1, 1));
    let snapshot = store.snapshot(outcome.snapshot.unwrap());
    let node = &store.nodes(&snapshot)[&inside(folder.path(), "file")];
    assert_eq!(content(&store.open(), node), b"contents that were lost");
}

/// Makes an index without data blobs the only one.
fn lose_data(store: &Store) {
    let repository = store.open();
    let index = repository.index();
    let trees: Vec<_> = index.packs().into_iter().filter(|pack| !pack.has_data).map(|pack| pack.id).collect();
    let json = holdfast_format::index::encode(&index.pack_contents(&trees));
    store.remove_all(FileType::Index);
    repository.save_unpacked(FileType::Index, &json).unwrap();
}

#[test]
fn excludes_take_away_what_they_name() {
    let tag = b"Signature: 8a477f597d28d172789f06886806bc55\n";
    let folder = folder(&[
        ("keep/a.txt", b"a"),
        ("keep/a.tmp", b"b"),
        ("keep/LOUD.TMP", b"c"),
        ("cache/CACHEDIR.TAG", tag),
        ("cache/x", b"d"),
        ("false/CACHEDIR.TAG", b"something else"),
        ("false/x", b"e"),
        ("tagged/.nobackup", b""),
        ("tagged/x", b"f"),
        ("big", &noise(4, 5000)),
        ("never/x", b"g"),
    ]);
    let mut options = options(&[folder.path()]);
    options.excludes.patterns = PatternList::parse(&["*.tmp"], false).unwrap();
    options.excludes.patterns_ignoring_case = PatternList::parse(&["loud.*"], true).unwrap();
    options.excludes.caches = true;
    options.excludes.if_present = vec![(b".nobackup".to_vec(), Vec::new())];
    options.excludes.larger_than = Some(4096);
    options.excludes.folders = vec![folder.path().join("never")];
    let kept = names(&Store::new(), folder.path(), &options);
    let expected =
        ["cache", "cache/CACHEDIR.TAG", "false", "false/CACHEDIR.TAG", "false/x", "keep", "keep/a.txt"];
    assert_eq!(kept, [&expected[..], &["tagged", "tagged/.nobackup"]].concat());
}

#[test]
fn a_target_is_saved_whatever_excludes_say() {
    let folder = folder(&[("a.tmp", b"a"), ("b.tmp", b"b")]);
    let mut options = options(&[&folder.path().join("a.tmp")]);
    options.excludes.patterns = PatternList::parse(&["*.tmp"], false).unwrap();
    assert_eq!(names(&Store::new(), folder.path(), &options), ["a.tmp"]);
}

#[test]
fn targets_that_are_not_there_are_told_and_the_others_saved() {
    let folder = folder(&[("here", b"x")]);
    let (here, gone) = (folder.path().join("here"), folder.path().join("gone"));
    let store = Store::new();
    let told = Told::default();
    let outcome = store.backup_told(&options(&[&here, &gone]), &told).unwrap();
    assert_eq!(outcome.errors, 1);
    assert!(told.errors.lock()[0].ends_with("gone: does not exist, skipping"));
    assert_eq!(store.snapshot(outcome.snapshot.unwrap()).paths, [here.to_str().unwrap()]);

    let refused = store.backup(&options(&[&gone])).unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "{refused}");
    assert_eq!(store.count(FileType::Snapshot), 1);
}

#[test]
fn a_dry_run_stores_nothing_and_counts_all() {
    let folder = folder(&[("a", b"text"), ("b", &noise(5, 1 << 20))]);
    let store = Store::new();
    let mut options = options(&[folder.path()]);
    options.dry_run = true;
    let outcome = store.backup(&options).unwrap();
    assert_eq!(outcome.snapshot, None);
    assert_eq!(outcome.summary.files_new, 2);
    assert!(outcome.summary.data_added > 1 << 20);
    assert_eq!(
        [FileType::Pack, FileType::Index, FileType::Snapshot].map(|kind| store.count(kind)),
        [0, 0, 0]
    );
}

#[test]
fn no_snapshot_when_nothing_changed_and_none_is_wanted() {
    let (folder, target) = relative_folder(&[("a", b"text")]);
    let store = Store::new();
    let mut options = options(&[&target]);
    options.skip_if_unchanged = true;
    options.parent = Some(store.saved(&options));
    assert_eq!(store.backup(&options).unwrap().snapshot, None);
    fs::write(folder.path().join("a"), "other text").unwrap();
    assert!(store.backup(&options).unwrap().snapshot.is_some());
}

#[test]
fn a_cancelled_backup_makes_no_snapshot() {
    let folder = folder(&[("a", b"text")]);
    let store = Store::new();
    let cancel = Cancel::new();
    cancel.cancel();
    let counters = Arc::new(Counters::default());
    let result = holdfast_backup::backup(
        &store.open(),
        None,
        &options(&[folder.path()]),
        &counters,
        &Told::default(),
        &cancel,
    );
    assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");
    assert_eq!(store.count(FileType::Snapshot), 0);
}

#[test]
fn totals_are_what_was_walked() {
    let folder = folder(&[("a", b"1234"), ("b/c", b"12"), ("b/d/e", b"1")]);
    let counters = Arc::new(Counters::default());
    let cancel = Cancel::new();
    let options = options(&[folder.path()]);
    holdfast_backup::backup(&Store::new().open(), None, &options, &counters, &Told::default(), &cancel)
        .unwrap();
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!([&counters.total_files, &counters.total_dirs, &counters.total_bytes].map(read), [3, 3, 7]);
    assert_eq!([&counters.files_done, &counters.bytes_done, &counters.errors].map(read), [3, 7, 0]);
    assert!(counters.totals_final.load(std::sync::atomic::Ordering::Acquire));
    assert!(counters.current.lock().is_empty());
}

#[test]
fn a_folder_of_many_entries_is_one_tree() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..1000 {
        fs::write(folder.path().join(format!("{i:04}")), format!("{i}")).unwrap();
    }
    let store = Store::new();
    let (_, snapshot) = store.saved(&options(&[folder.path()]));
    assert_eq!(store.nodes(&snapshot).values().filter(|node| node.kind == NodeType::File).count(), 1000);
}

/// Names that file systems allow and bytes around the sizes where files are treated differently.
fn tree() -> impl Strategy<Value = BTreeMap<Vec<u8>, Vec<u8>>> {
    let name = vec(prop_oneof![Just(b'/'), any::<u8>()], 1..12).prop_filter_map("no path", |bytes| {
        let parts: Vec<&[u8]> = bytes.split(|&b| b == b'/').filter(|p| !p.is_empty()).collect();
        let fine = !parts.is_empty() && !bytes.contains(&0) && parts.iter().all(|&p| p != b"." && p != b"..");
        fine.then(|| parts.join(&b'/'))
    });
    let size = prop_oneof![8 => 0usize..5000, 1 => MIN - 2..MIN + 2, 1 => 2 * MIN..6 * MIN];
    btree_map(name, (any::<u64>(), size).prop_map(|(seed, size)| noise(seed, size)), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_file_comes_back_byte_for_byte(files in tree()) {
        let folder = tempfile::tempdir().unwrap();
        let mut made = BTreeMap::new();
        for (name, bytes) in files {
            let path = folder.path().join(PathBuf::from(std::ffi::OsString::from_vec(name)));
            if fs::create_dir_all(path.parent().unwrap()).is_ok() && fs::write(&path, &bytes).is_ok() {
                made.insert(path.into_os_string().into_vec(), bytes);
            }
        }
        let store = Store::new();
        let (_, snapshot) = store.saved(&options(&[folder.path()]));
        let repository = store.open();
        let mut found = store.nodes(&snapshot);
        found.retain(|_, node| node.kind == NodeType::File);
        let found: BTreeMap<_, _> = found.into_iter().map(|(path, node)| (path, content(&repository, &node))).collect();
        prop_assert_eq!(found, made);
    }
}

/// Whoever leaves a folder's only files to others is overtaken by them now and then: many folders, many threads.
#[test]
fn folders_of_large_files_are_complete_whoever_is_first() {
    let paths: Vec<String> = (0..64).map(|n| format!("{n:02}/a/b/file")).collect();
    let content = vec![0; MIN + 1];
    let files: Vec<(&str, &[u8])> = paths.iter().map(|name| (&name[..], &content[..])).collect();
    let folder = folder(&files);
    let mut options = options(&[folder.path()]);
    options.read_concurrency = 32;
    let found = |_| names(&Store::new(), folder.path(), &options);
    let expected = found(0);
    assert_eq!(expected.len(), 4 * files.len());
    for round in 1..20 {
        assert_eq!(found(round), expected);
    }
}
